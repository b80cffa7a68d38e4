import type { Outcome } from '../errors.ts'
import type { HttpAnswer, Reading } from '../model/http.ts'
import { isLater, withMembers } from '../model/members.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { isErrorCode, PolicyError, UnexpectedAnswerError } from '../server-errors.ts'
import { endpointOf, isRedirect, parseAddress } from './addresses.ts'
import { namesClient } from './interpret.ts'
import type { Complete, RegistrationContext } from './interpret.ts'
import type { JsonObject } from './json.ts'
import { isObject, isTooDeep, objectIn, parseJson, saysError } from './json.ts'
import { displayEndpoint, escape, redact, secretsOf } from './redact.ts'
import type { AnswerContext } from './refusal.ts'
import { errorIn, refusalError, showing } from './refusal.ts'
import { registrationIn } from './registration.ts'

/** The one place that judges a status: redirects are refused, errors become errors, 2xx is a success. */
export function requireSuccess(answer: HttpAnswer, context: AnswerContext): void {
  const { status } = answer
  if (isRedirect(answer)) throw redirectError(answer, context)
  if (status >= 400) throw refusalError(answer, context)
  if (status < 200) throw unexpected(answer, context, 'is no final one')
}

/** The error for a redirect: its status, as far as it is known, and where it points to. */
const redirectError = (answer: HttpAnswer, context: AnswerContext): PolicyError =>
  new PolicyError(
    `The server answered the ${context.what} with a redirect${answer.status === 0 ? '' : ` (${answer.status})`}${redirectTo(answer, context)}, which is never followed: a token or a secret would go elsewhere. If you trust that address, configure it.`,
    {
      rule: 'redirect',
      outcome: context.inDoubt,
      endpoint: displayEndpoint(context.request),
      ...(answer.status === 0 ? {} : { status: answer.status }),
    },
  )

/** The words ` to` and the address that a redirect points to, as far as it can be shown; empty where a browser hides it. */
export function redirectTo(
  { headers }: HttpAnswer,
  { request, about }: Pick<AnswerContext, 'request' | 'about'>,
): string {
  const location = headers.get('location')
  const base = parseAddress(request.url)
  if (location === null || base === undefined || !URL.canParse(location, base)) return ''
  return ` to ${escape(redact(endpointOf(new URL(location, base).href), secretsOf(request, about)))}`
}

/**
 * Reads the answer to a registration, a read or an update (RFC 7591 section 3.2, RFC 7592 section 3).
 *
 * After a success that names a `client_id` nothing is lost: oddities become deviations, unknown members stay, the
 * management token and address and the secret are carried over from `current` where the answer leaves them out.
 * An absent `client_secret_expires_at` means not stated, 0 means never.
 *
 * @example
 * ```ts
 * import { readRegistration, registrationRequest } from '@registrant/core/exchange'
 *
 * const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
 * const metadata = { redirect_uris: ['https://app.example/callback'] }
 * const request = registrationRequest(server, metadata)
 * const answer = await fetch(request.url, { ...request, body: request.body ?? null })
 * const { value, deviations } = readRegistration(
 *   { status: answer.status, headers: answer.headers, body: await answer.text() },
 *   { request, server, sent: metadata },
 * )
 * ```
 * @throws {ServerRefusedError} the status is 400 or more
 * @throws {UnexpectedAnswerError} a success without a JSON object that names a `client_id`, or one whose secret or management
 *   token is no text: `body` holds it
 * @throws {PolicyError} `redirect`; `client-id-changed`; and, carrying the registration, `redirect-uri-added`,
 *   `authentication-downgraded`, `statement-altered`
 * @see [RFC 7591 section 3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)
 * @see [RFC 7592 section 3](https://www.rfc-editor.org/rfc/rfc7592#section-3)
 */
export function readRegistration(answer: HttpAnswer, context: RegistrationContext): Reading<RegistrationResponse> {
  const reading = registrationIn(answer, context, (answered) => carryOver(answered, context))
  if (reading !== undefined) return reading
  const { request, current, profile } = context
  const what = { POST: 'registration', PUT: 'update' }[request.method] ?? 'read of the registration'
  const exchange = { request, what, about: current, inDoubt: 'unknown' as const, profile }
  const { object } = readJsonObject(answer, exchange)
  const names = namesClient(object) && object.client_id !== ''
  const why = names ? 'tells a secret as something else than a text' : 'names no client_id'
  throw unexpected(answer, exchange, saysError(object['error']) ? 'is an error' : why)
}

/** Completes an answer by what is known: credentials that the answer leaves out stay as they were (RFC 7592 section 3). */
function carryOver(
  answered: RegistrationResponse,
  { current, request, profile }: RegistrationContext,
): RegistrationResponse {
  if (current === undefined || current.client_id !== answered.client_id) return { ...answered }
  const hashed = request.method === 'GET' && profile?.readSecretIsHashed === true && current.client_secret !== undefined
  return completing(current)(hashed ? withMembers(answered, { client_secret: undefined }) : answered)
}

/** Adds the known credentials that an answer leaves out; the known expiry only where the secret is the known one. */
export const completing =
  (current: RegistrationResponse | undefined): Complete =>
  (said) => {
    if (current?.client_id !== said.client_id) return { ...said }
    const client_secret = said.client_secret ?? current.client_secret
    const { client_secret_expires_at: end } = client_secret === current.client_secret ? current : said
    // An end without a secret is about none, since many servers write "never" there, unless it is later than the known one.
    const { client_secret_expires_at: told = 0 } = said
    const isOf = said.client_secret !== undefined || current.client_secret === undefined || isLater(told, end)
    return withMembers(said, {
      registration_access_token: said.registration_access_token ?? current.registration_access_token,
      registration_client_uri: said.registration_client_uri ?? current.registration_client_uri,
      client_id_issued_at: said.client_id_issued_at ?? current.client_id_issued_at,
      client_secret,
      client_secret_expires_at: (isOf ? said.client_secret_expires_at : undefined) ?? end,
    })
  }

/** The JSON object of a success, and how often members that could reach a prototype were dropped from it. */
export function readJsonObject(answer: HttpAnswer, context: AnswerContext): { object: JsonObject; dropped: number } {
  const found = objectIn(answer)
  if (found !== undefined) return found
  requireSuccess(answer, context)
  const why = isTooDeep(answer.body) ? 'is nested deeper than 32 levels' : 'is not a JSON object'
  throw unexpected(answer, context, answer.cutOff === undefined ? why : cutOffWords[answer.cutOff])
}

const cutOffWords = {
  'too-long': 'is longer than 256 KiB',
  broken: 'broke off before its end',
  late: 'was not complete when time ran out or the caller left',
}

/**
 * The error for a success that can't be used; it holds what could be read. A success whose body is a refusal or a page does not
 * show that the server has acted.
 */
export function unexpected(answer: HttpAnswer, context: AnswerContext, why: string): UnexpectedAnswerError {
  const { request, about, inDoubt } = context
  const secrets = secretsOf(request, about)
  const shown = showing(answer, secrets)
  const verdict = verdictOf(answer)
  // A `client_id` in a page or a refusal is not that of a client that was made.
  const client_id = verdict === 'page' || verdict === 'refused' ? undefined : salvagedClientId(answer.body)
  const said = errorIn(answer)
  const error = shown(said.error)
  const errorDescription = shown(said.description)
  const isPage = verdict === 'page'
  const words = error === undefined && !isPage ? '' : [error, errorDescription].filter(Boolean).join(' ')
  const [outcome, next] =
    inDoubt === 'unknown' && answer.status >= 200 ? whatFollows[verdict] : ([inDoubt, ''] as const)
  return new UnexpectedAnswerError(
    `The server answered ${answer.status} to the ${context.what}, but the answer ${isPage ? 'is a page and ' : ''}${why}${words && `, and says: ${words}`}.${next}`,
    {
      status: answer.status,
      body: redact(answer.body, secrets, true),
      error,
      errorDescription: error === undefined ? undefined : errorDescription,
      // An identifier that repeats a secret is none.
      client_id: client_id !== undefined && redact(client_id, secrets, true) === client_id ? client_id : undefined,
      outcome,
      endpoint: displayEndpoint(request),
    },
  )
}

/** What a success shows that holds no registration. */
type Verdict = 'acted' | 'page' | 'refused' | 'failed'

const whatFollows: Readonly<Record<Verdict, readonly [Outcome, next: string]>> = {
  acted: ['accepted', ' It has acted; look there before repeating.'],
  page: [
    'unknown',
    ' Something before the server may want somebody to sign in; whether the server was asked is not known.',
  ],
  refused: ['refused', ' It has refused, whatever the status says.'],
  failed: ['unknown', ' It seems to have failed; whether it acted is not known.'],
}

/** Judges a success: a page is no answer of the server's; an OAuth error is a refusal, unless its code reports trouble. */
export function verdictOf(answer: HttpAnswer): Verdict {
  const { body, headers, cutOff, status } = answer
  if (status < 200) return 'acted'
  if (/^\s*<(?:!doctype\s+html|html)\b/i.test(body)) return 'page'
  if (body.trimStart().startsWith('<') && /html/i.test(headers.get('content-type') ?? '')) return 'page'
  const parsed = cutOff === undefined ? parseJson(body) : undefined
  const said = isObject(parsed) ? parsed['error'] : undefined
  if (saysError(said)) return isRefusal(said) ? 'refused' : 'failed'
  return salvagedClientId(body) !== undefined || errorIn(answer).error === undefined ? 'acted' : 'failed'
}

/** Whether a text has the form of an OAuth error code, and is none that reports trouble. */
const isRefusal = (text: unknown): boolean => isErrorCode(text) && !saysTrouble(text)

/** Whether a code reports that the server failed, and not that the request was wrong. */
const saysTrouble = (code: string): boolean => code === 'server_error' || code === 'temporarily_unavailable'

/** The identifier of a client whose registration was cut off or garbled on the way, if it got that far. */
function salvagedClientId(body: string): string | undefined {
  if (!/^\s*[[{]/.test(body)) return undefined
  const found = /"client_id"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.){1,512}"|\d{1,64}(?=[\s,}]))/.exec(body)?.[1]
  const parsed = found?.startsWith('"') ? parseJson(found) : found
  return typeof parsed === 'string' ? parsed : undefined
}
