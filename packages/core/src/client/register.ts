import { readRegistration, registrationRequest } from '../exchange/registration.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { requirePresent } from './deadline.ts'
import type { AccessTokens, BoundToken } from './access/access-token.ts'
import type { Answered, ClientContext, Reach } from './context.ts'
import type { CallOptions } from './options.ts'
import { isBody } from './check-options.ts'
import { judgeRequest } from './preflight.ts'

/** What a registration is told besides. */
export interface RegisterCall extends CallOptions {
  /** Runs when everything is ready, before each POST; what it throws stops it, and nothing was sent. */
  beforeSend?: (() => Promise<void>) | undefined
  /** Whether `jwks` holds nothing but keys that were made here: they need no check. Default: false. */
  hasOwnKeys?: boolean | undefined
}

/**
 * Registers a client: the checks, the server's metadata, the access token, the request. It is sent once more, with
 * another token, where the server refused the first one.
 */
export async function register(
  context: ClientContext,
  accessTokens: AccessTokens | undefined,
  metadata: RegistrationRequest,
  call: RegisterCall = {},
): Promise<Answered> {
  requirePresent(call.signal)
  const signal = context.deadline(call)
  const requireFit = await judgeRequest(context, metadata, call)
  return context.withServer(signal, async (found) => {
    requireFit(found)
    const reach = context.reach(found, metadata)
    const { server } = reach
    const { encodeBody } = context.options
    const encoded =
      encodeBody &&
      (await context.ask(
        'option encodeBody',
        signal,
        (own) => encodeBody(metadata, { operation: 'register', signal: own }),
        isBody,
        '{ contentType, body }',
      ))
    const registration = { metadata, reach, encoded, signal, beforeSend: call.beforeSend }
    const token = await accessTokens?.get(server, signal)
    try {
      return await postRegistration(context, registration, token)
    } catch (error) {
      const fresh = await accessTokens?.replace(token, error, server, signal)
      if (fresh === undefined) throw error
      return postRegistration(context, registration, fresh)
    }
  })
}

/** Everything about a registration but the token that it is sent with. */
interface Registration {
  metadata: RegistrationRequest
  reach: Reach
  encoded: { contentType: string; body: string } | undefined
  signal: AbortSignal
  beforeSend: RegisterCall['beforeSend']
}

/** One POST with one token, and what its answer says. */
async function postRegistration(
  context: ClientContext,
  { metadata, reach, encoded, signal, beforeSend }: Registration,
  token: BoundToken | undefined,
): Promise<Answered> {
  const { profile, allowHttp } = context.options
  const { server } = reach
  const accessToken = token?.access_token
  const { scheme } = token ?? {}
  const bare = registrationRequest(server, metadata, { accessToken, scheme, profile, encoded, allowHttp })
  await beforeSend?.()
  const sending = { signal, inDoubt: 'unknown' as const }
  const { request, answer } = token?.prove
    ? await token.prove(bare, sending, { accessToken, single: profile?.singleUseToken === true })
    : { request: bare, answer: await context.send(bare, sending) }
  const reading = readRegistration(answer, { ...reach, request, sent: metadata, profile, allowHttp })
  return context.answered(answer, reading)
}
