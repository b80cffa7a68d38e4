import type { ClientAuthentication } from '../../client/options.ts'
import { behindMutualTls } from '../../exchange/addresses.ts'
import { isObject, parseJson } from '../../exchange/json.ts'
import { retryAfterOf } from '../../exchange/retry-after.ts'
import { tokenRequest } from '../../exchange/token.ts'
import type { AuthorizationServer } from '../../model/authorization-server.ts'
import type { HttpAnswer } from '../../model/http.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { RegistrationError } from '../../errors.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { isOutage, waitOf } from '../ensure/outcomes.ts'
import { load as loadKeys } from '../keys/load.ts'
import type { ProofMethod } from '../keys/authentication.ts'
import { hasCodeGrant, usesAliases } from '../record/credentials.ts'
import { hour, minute } from '../record/mark.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { TokenAnswer, Witness } from './verdicts.ts'
import { isAnswer, isGone, isTroubled, witnessOf } from './verdicts.ts'

/** What the token endpoint says of a client, and what kept it from saying more. */
export interface TokenWitness {
  witness: Witness
  /** Why it says nothing. */
  unable?: string | undefined
  /** It could not be reached, or is in trouble: that is no sign that it can't tell. */
  isDown?: boolean | undefined
}

/** What one question may take: two ways to ask, each beside its control. */
export const mostQuestions = 4

/**
 * Asks the token endpoint with a code that nobody issued, as the client and as one that can't exist: no token ever comes of
 * it, and what both are told proves nothing.
 */
export async function askTokenEndpoint(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  signal: AbortSignal,
): Promise<TokenWitness> {
  try {
    const keys = await loadKeys()
    const way = await keys.provenBy(context, registration, () => context.session.discover({ signal }))
    const stated = way.method
    if (stated.includes('tls')) return { witness: 'nothing', unable: ownProof }
    const question = await openQuestion(context, record, registration, signal)
    let asked: Asked | undefined
    for (const method of methodsOf(stated, registration).filter(
      (it) => it === stated || !wasDenied(context, registration, it),
    )) {
      const provers = await proversOf(context, record, registration, { ...way, method })
      if (provers === undefined) continue
      asked = await question(provers, asked?.witness === 'denied')
      if (asked.witness === 'nothing') return { ...asked, unable: asked.isDown ? endpointTroubled : cantTell }
      if (asked.witness === 'alive') return asked
      noteDenied(context, registration, method)
    }
    return asked ?? { witness: 'nothing', unable: ownProof }
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    const wait = waitOf(error)
    heed(context, wait)
    return { witness: 'nothing', unable: error.message, isDown: isOutage(error) || wait !== undefined }
  }
}

const wayOf = ({ client_id, client_secret = '' }: RegistrationResponse, method: string): string =>
  JSON.stringify([client_id, client_secret, method])

/** Whether another way than the stated one was denied a moment ago: it need not be tried again each time. */
function wasDenied({ memory }: Context, registration: RegistrationResponse, method: string): boolean {
  return platform.monotonic() < (memory.denied.get(wayOf(registration, method)) ?? -Infinity)
}

function noteDenied({ memory }: Context, registration: RegistrationResponse, method: string): void {
  const now = platform.monotonic()
  for (const [name, until] of memory.denied) if (until <= now) memory.denied.delete(name)
  memory.denied.set(wayOf(registration, method), now + 2 * minute)
}

const ownProof = 'the application proves its client itself, so the manager has nothing to ask with'
const endpointTroubled = 'the token endpoint is in trouble, or asks to be left alone'
const cantTell = 'the token endpoint says the same to a client that does not exist, or nothing at all'

/**
 * The ways to ask. Where nobody said which method it is, a denial counts only if each is denied; a server that does not decode
 * what is in `Authorization: Basic` (RFC 6749 section 2.3.1) is asked by the form as well.
 */
function methodsOf(
  method: string,
  { token_endpoint_auth_method, client_secret, client_id }: RegistrationResponse,
): string[] {
  const isGuessed = token_endpoint_auth_method === undefined && client_secret !== undefined && method !== 'none'
  const isEncoded = method === 'client_secret_basic' && /[^\w.*-]/.test(`${client_id}${client_secret}`)
  const others = isGuessed || isEncoded ? ['client_secret_post', ...(isGuessed ? ['client_secret_basic'] : [])] : []
  return [...new Set([method, ...others])]
}

interface Provers {
  client: ClientAuthentication
  control: ClientAuthentication
}

/** How the client proves itself, and how a client would that can't exist: in the same way, with other letters and digits. */
async function proversOf(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  way: ProofMethod,
): Promise<Provers | undefined> {
  const keys = await loadKeys()
  const secret = registration.client_secret
  const client = await keys.authenticationBy(context, way, secret, record.keys)
  const control =
    way.method === 'private_key_jwt'
      ? await keys.throwAwayKey(record.keys?.current.publicJwk.alg, way.audience)
      : await keys.authenticationBy(context, way, secret === undefined ? undefined : scrambled(secret), record.keys)
  return client && control && { client, control }
}

type Asked = Pick<TokenWitness, 'witness' | 'isDown'>

/** Asks both side by side; where another way was denied already, the control only if this one is not. */
type Question = (provers: Provers, isDenied: boolean) => Promise<Asked>

/** A question that is alike in all but who asks, and how it proves itself. */
async function openQuestion(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  signal: AbortSignal,
): Promise<Question> {
  let server: AuthorizationServer = await context.session.discover({ signal })
  const { client_id, redirect_uris } = registration
  const controlId = scrambled(client_id)
  const form = {
    grant_type: 'authorization_code',
    code: platform.randomId(),
    redirect_uri: redirect_uris?.[0] ?? `${server.issuer}/unused`,
    // Spring Authorization Server reads who a public client is only where there is one.
    code_verifier: `${platform.randomId()}${platform.randomId()}`,
  }
  const send = async (clientId: string, prove: ClientAuthentication): Promise<TokenAnswer> => {
    const { profile, allowHttp } = context.options
    const proof = await prove({ clientId, server, profile })
    signal.throwIfAborted()
    const asked = usesAliases(context, registration) ? behindMutualTls(server) : server
    const answer = await context.session.send(tokenRequest(asked, form, { ...proof, allowHttp }), { signal })
    // That holds whatever becomes of the other one.
    if (answer.status >= 400) heed(context, retryAfterOf(answer))
    return tokenAnswer(answer)
  }
  // What a client that can't exist is told does not change from one minute to the next.
  const { memory } = context
  const known = memory.control
  let lastControl = known && platform.monotonic() < known.until ? known.answer : undefined
  const askControl = async (control: ClientAuthentication): Promise<void> => {
    lastControl = await send(controlId, control)
    // What comes of trouble, or of no endpoint, says nothing of the next answer.
    if (isAnswer(lastControl)) memory.control = { answer: lastControl, until: platform.monotonic() + minute }
  }
  const both = async ({ client, control }: Provers): Promise<TokenAnswer> => {
    const isKnown = lastControl !== undefined
    const [said] = await Promise.all([send(client_id, client), isKnown ? undefined : askControl(control)])
    return said
  }
  const mayAsk = (): boolean => memory.pauseIn(record, context.clock.now()) === undefined
  return async (provers, isDenied) => {
    let said = isDenied ? await send(client_id, provers.client) : await both(provers)
    const moved = isGone(said) && mayAsk() ? await context.session.moved(server, { signal }) : undefined
    if (moved) {
      server = moved
      lastControl = undefined
      said = await both(provers)
    }
    let witness = witnessOf(said, lastControl, hasCodeGrant(record))
    if (isDenied && witness !== 'denied' && mayAsk()) {
      await askControl(provers.control)
      witness = witnessOf(said, lastControl, hasCodeGrant(record))
    }
    const isDown = witness === 'nothing' && [said, lastControl].some((it) => it && isTroubled(it))
    return { witness, isDown }
  }
}

/** How long the server asks to be left alone, in milliseconds. */
function heed({ memory, clock }: Context, wait: number | undefined): void {
  const now = clock.now()
  if (wait !== undefined) memory.heed({ at: now, length: Math.min(wait, hour), said: asksForPatience }, now)
}

const asksForPatience = 'The token endpoint asked to be left alone.'

/** The status, and the OAuth error code where the answer is a JSON object that has one. */
function tokenAnswer({ status, body }: HttpAnswer): TokenAnswer {
  const parsed = parseJson(body)
  const error = isObject(parsed) ? parsed['error'] : undefined
  return { status, error: typeof error === 'string' && error !== '' ? error : undefined }
}

/** Each letter and digit replaced by another: a malformed id would be refused for its form. */
const scrambled = (text: string): string =>
  text.replaceAll(/[a-z0-9]/gi, (sign) => {
    const alphabet = sign >= 'a' ? lower : sign >= 'A' ? lower.toUpperCase() : digits
    const step = 1 + Math.floor(platform.random() * (alphabet.length - 1))
    return alphabet[(alphabet.indexOf(sign) + step) % alphabet.length] ?? sign
  })

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
