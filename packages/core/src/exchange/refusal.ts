import type { Outcome } from '../errors.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { ServerAdvice, ServerProfile } from '../profiles/server-profile.ts'
import { ServerRefusedError } from '../server-errors.ts'
import { readChallenges, retryAfterOf } from './answer-headers.ts'
import { isObject, parseJson } from './json.ts'
import { displayEndpoint, escape, redact, secretsIn, secretsOf } from './redact.ts'
import type { SecretBearing } from './redact.ts'

/** What an answer is read with, whatever request it answers. */
export interface AnswerContext {
  request: HttpRequest
  /** What was asked for, for messages: `registration`, `token request` … */
  what: string
  /** The registration that the request is about, whose secrets must not be shown either. */
  about?: SecretBearing | undefined
  /** The outcome when the answer proves nothing: `unknown`, or `not-sent` where nothing is at stake yet. */
  inDoubt: Outcome
  /** The profile of the server, which may know what its refusals mean. */
  profile?: ServerProfile | undefined
}

/** The error for a status from 400 up (RFC 7591 section 3.2.2, RFC 6749 section 5.2 and what servers make of them). */
export function refusalError(
  answer: HttpAnswer,
  { request, what, about, inDoubt, profile }: AnswerContext,
): ServerRefusedError {
  const { status } = answer
  const shown = showing(answer, secretsOf(request, about))
  const said = errorIn(answer)
  const error = said.error !== undefined && isKnownCode(said.error) ? said.error : shown(said.error)
  const errorDescription = shown(said.description)
  const endpoint = displayEndpoint(request)
  const outcome = status < 500 ? 'refused' : inDoubt
  const words = [error, errorDescription && `"${errorDescription}"`].filter(Boolean).join(', ')
  const operation = operationOf(request, what)
  const isOwn = profile?.managementAuthorization !== 'access-token'
  const usual = whatToDo({ status, outcome, error, operation, isBare: sendsNoToken(request), isOwn })
  const meant = adviceOf(profile, { status, error: said.error, operation })
  const advice = outcome === 'unknown' && meant !== undefined ? `${usual} ${meant}` : (meant ?? usual)
  return new ServerRefusedError(
    `The server answered ${status} to the ${what}${words ? `: ${words}` : ''} (${request.method} ${endpoint}). ${advice}`,
    { status, error, errorDescription, retryAfter: retryAfterOf(answer), outcome, endpoint },
  )
}

/** Makes what an answer says fit to be shown, without these secrets and those that stand in the answer itself. */
export function showing({ body }: HttpAnswer, known: readonly string[]): (said?: string) => string | undefined {
  const secrets = [...known, ...secretsIn(parseJson(body))]
  return (said) => (said === undefined ? undefined : escape(redact(said, secrets)) || undefined)
}

/** The operation of a request; a POST asks for a token or a registration. */
function operationOf({ method }: HttpRequest, what: string): NonNullable<ServerAdvice['operation']> {
  if (method === 'GET') return 'read'
  if (method === 'PUT') return 'update'
  if (method === 'DELETE') return 'delete'
  return what === 'token request' ? 'token' : 'register'
}

/** What a server said in an error, whatever shape it chose; nothing of it is safe to show yet. */
export interface StatedError {
  error?: string | undefined
  description?: string | undefined
}

/**
 * Finds the error code and the sentence in an error answer: RFC 7591 and 6749, `{code, msg}`, `{errors: […]}`,
 * `{detail}`, problem+json, a sentence in `error`, a text, the title of a page, or the `WWW-Authenticate` header alone.
 */
export function errorIn({ body, headers }: HttpAnswer): StatedError {
  const told = errorInBody(body, headers.get('content-type') ?? '')
  if (told.error !== undefined) return told
  // A header without a scheme is read as well.
  const challenges = readChallenges(`bearer ${headers.get('www-authenticate') ?? ''}`)
  const parameter = (name: string): string | undefined =>
    challenges.map(({ parameters }) => parameters[name]).find(Boolean)
  return { error: parameter('error'), description: told.description ?? parameter('error_description') }
}

function errorInBody(body: string, contentType: string): StatedError {
  if (body.trim() === '') return {}
  const found = parseJson(body)
  if (typeof found === 'string') return { description: found }
  const parsed = Array.isArray(found) ? { errors: found } : found
  if (!isObject(parsed)) return { description: prose(body, contentType) }
  const nested = isObject(parsed['error']) ? [parsed['error']] : []
  const lists = [parsed['errors'], parsed['detail']].map((list: unknown): unknown =>
    Array.isArray(list) ? list[0] : undefined,
  )
  const places = [parsed, ...nested, ...lists.filter(isObject)]
  const error = firstText(places, ['error', 'error_code', 'code'])
  const description =
    firstText(places, ['error_description', 'message', 'msg', 'detail', 'title', 'description']) ??
    lists.find((item): item is string => typeof item === 'string' && item !== '')
  const isSentence = error !== undefined && !/^[\w.:/-]{1,100}$/.test(error)
  if (!isSentence) return { error, description }
  return { description: description === undefined ? error : `${error} ${description}` }
}

function firstText(places: readonly Record<string, unknown>[], names: readonly string[]): string | undefined {
  for (const place of places) {
    for (const name of names) {
      const value = place[name]
      if (typeof value === 'string' && value !== '') return value
    }
  }
  return undefined
}

/** The title of a page, or the beginning of a text; nothing of JSON that can't be read, which may hold new secrets. */
function prose(body: string, contentType: string): string | undefined {
  const start = body.slice(0, 4096)
  if (/^\s*(?:\{|\[\s*["[{])/.test(start)) return undefined
  if (!contentType.includes('html') && !start.trimStart().startsWith('<')) return start
  const open = start.search(/<title/i)
  if (open < 0) return undefined
  const from = start.indexOf('>', open) + 1
  const to = start.indexOf('<', from)
  return from > 0 && to > from ? start.slice(from, to) : undefined
}

/** What to do about an error code of a server; a code that is not listed is judged by its status. */
const byCode: Readonly<Record<string, string>> = {
  invalid_redirect_uri: 'Change redirect_uris: scheme, host, or whether this kind of client may have any.',
  invalid_client_metadata: 'Change or leave out the member that it complains of.',
  invalid_software_statement: 'Get a fresh software statement from its issuer.',
  unapproved_software_statement: 'Ask the operator of the server to approve the software statement.',
  invalid_client: 'Check the client identifier, its secret and how it authenticates.',
  invalid_token: 'The token was not accepted; get a new one.',
  insufficient_scope: 'The token does not allow this; ask for one with the scope that the server wants.',
  invalid_scope: 'Ask for a scope that the server knows, or for none.',
  unauthorized_client: 'This client may not use that grant; have its registration changed.',
  unsupported_grant_type: 'The server does not know that grant.',
  invalid_dpop_proof: 'Check the clock of this machine, and whether a proxy changes the address.',
}

const otherCodes = new Set(
  'invalid_request invalid_grant access_denied request_denied server_error temporarily_unavailable use_dpop_nonce invalid_target slow_down authorization_pending expired_token'.split(
    ' ',
  ),
)

/** Whether a code is one of the specifications: it is shown whole, even where a secret is as short as a word in it. */
const isKnownCode = (error: string): boolean => Object.hasOwn(byCode, error) || otherCodes.has(error)

const byStatus: Readonly<Record<number, string>> = {
  401: 'The token was not accepted; get a new one.',
  403: 'The token does not allow this, or the operator does not.',
  405: 'The server does not support this.',
  409: 'It conflicts with what is there.',
  413: 'The request is too large.',
  415: 'It does not take this content type.',
  429: 'It asks to be left alone for a while.',
  503: 'It asks to be left alone for a while.',
}

/** Codes about a client that asks for a token; their advice fits no other request, since none names a grant. */
const aboutGrants = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type'])
const payerRefused = 'The server gives this client no token: ask its operator.'
const managementRefused = 'The server does not let this client manage its registration: ask its operator.'

const noToken =
  'No access token was sent, and the server wants one: set the option accessToken, such as clientCredentials() or an initial access token.'
const ownRule = 'No access token was sent; a rule of the server refuses this request: change it, or ask its operator.'
const unknownToken =
  'The management token (registration_access_token) is not known there: the client is gone, or another token has taken its place.'

/** Whether a request carried no token that could have been refused. */
const sendsNoToken = ({ headers }: HttpRequest): boolean => headers['authorization'] === undefined

/** One sentence: what to do about a refusal. */
function whatToDo({
  status,
  outcome,
  error = '',
  operation,
  isBare,
  isOwn,
}: {
  status: number
  outcome: Outcome
  error: string | undefined
  operation: NonNullable<ServerAdvice['operation']>
  isBare: boolean
  /** Whether the client's own management token authorizes its management. */
  isOwn: boolean
}): string {
  if (outcome === 'unknown') return 'It may have acted all the same; the request is not repeated.'
  const isAboutToken = status === 401 || error === 'invalid_token' || error === 'insufficient_scope'
  if (operation === 'token') {
    if (status === 401 || error === 'invalid_client') return byCode['invalid_client'] ?? ''
  } else if (operation === 'register') {
    if (isBare && isAboutToken) return status === 401 ? noToken : ownRule
    if (isBare && status === 403) return ownRule
  } else if (isOwn && (status === 401 || error === 'invalid_token')) return unknownToken
  else if (error === 'insufficient_scope') return managementRefused
  const isOfGrant = aboutGrants.has(error) && operation !== 'token'
  if (Object.hasOwn(byCode, error) && !isOfGrant && !(isBare && isAboutToken)) return byCode[error] ?? ''
  if (status === 404) {
    return operation === 'register' || operation === 'token'
      ? 'The address may be wrong, or registration is switched off there.'
      : 'The address may be wrong; nothing is known to have been deleted.'
  }
  if (status === 403 && operation !== 'register') return operation === 'token' ? payerRefused : managementRefused
  return byStatus[status] ?? 'Nothing was changed by it.'
}

/** The advice of a profile on a refusal, where it has one. */
function adviceOf(
  profile: ServerProfile | undefined,
  refused: Required<Omit<ServerAdvice, 'message' | 'error'>> & { error: string | undefined },
): string | undefined {
  const fits = ({ status, error, operation }: ServerAdvice): boolean =>
    status === refused.status &&
    (error === undefined || error === refused.error) &&
    (operation === undefined || operation === refused.operation)
  return profile?.advice?.find(fits)?.message
}
