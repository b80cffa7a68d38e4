import type { RegistrationContext } from '../exchange/interpret.ts'
import { displayEndpoint, redact, secretsOf } from '../exchange/redact.ts'
import { registrationIn, registrationRequest } from '../exchange/registration.ts'
import type { HttpAnswer } from '../model/http.ts'
import type { RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { NotSupportedError, ServerRefusedError, UnexpectedAnswerError } from '../server-errors.ts'
import { untilAborted } from './abort.ts'
import type { Access } from './access/manage.ts'
import type { Answered, ClientContext, Reach } from './context.ts'
import type { CallOptions } from './options.ts'
import { judgeRequest } from './preflight.ts'

/** The options of a registration. */
export interface RegisterCall extends CallOptions {
  /** Runs when everything is ready, before each POST. What it throws stops the POST: nothing was sent. */
  beforeSend?: (() => Promise<void>) | undefined
  /** Whether `jwks` holds nothing but keys that were made here: they need no check. Default: false. */
  hasOwnKeys?: boolean | undefined
  /** The client in use: where the server answers with it once more, without its credentials, these are carried over. */
  inUse?: RegistrationResponse | undefined
}

/**
 * Registers a client: runs the checks, gets the server's metadata and sends the request. Where the endpoint seems to be gone, the
 * metadata are looked up once more, and another endpoint in them is asked.
 */
export async function register(
  context: ClientContext,
  open: () => Promise<Access>,
  metadata: RegistrationRequest,
  call: RegisterCall,
): Promise<Answered> {
  const access = (context.options.accessToken ?? call.inUse) === undefined ? undefined : await open()
  const signal = context.deadline(call)
  const requireFit = await judgeRequest(context, metadata, call)
  const found = await context.discovered(signal)
  let { server } = found
  for (let hasMoved = false; ; hasMoved = true) {
    requireFit(server)
    const reach = context.reach(server, metadata)
    const encoded = await context.encoded('register', metadata, signal)
    const registration = { ...call, metadata, reach, encoded, signal }
    try {
      return await postRegistration(context, registration, access, open)
    } catch (error) {
      const helper = hasMoved ? undefined : await opened(open, signal)
      const moved = await helper?.movedSince(context, error, server, metadata, signal)
      if (moved === undefined) throw error instanceof NotSupportedError ? (found.trouble ?? error) : error
      server = moved
    }
  }
}

/** Everything about a registration but the token that it is sent with. */
interface Registration extends RegisterCall {
  metadata: RegistrationRequest
  reach: Reach
  encoded: { contentType: string; body: string } | undefined
  signal: AbortSignal
}

/** Gets a token, sends the POST and reads the answer; once more, with another token, where the server refused the first. */
async function postRegistration(
  context: ClientContext,
  { metadata, reach, encoded, signal, beforeSend, inUse }: Registration,
  access: Access | undefined,
  open: () => Promise<Access>,
): Promise<Answered> {
  const { profile, allowHttp } = context.options
  const { server } = reach
  const sending = { signal, inDoubt: 'unknown' as const }
  let token = await access?.accessTokens.get(reach, signal)
  for (let isSecond = false; ; isSecond = true) {
    const accessToken = token?.access_token
    const { scheme } = token ?? {}
    const bare = registrationRequest(server, metadata, { accessToken, scheme, profile, encoded, allowHttp })
    await beforeSend?.()
    const { request, answer } = token?.prove
      ? await token.prove(bare, sending, { accessToken, single: profile?.singleUseToken === true })
      : { request: bare, answer: await context.send(bare, sending) }
    try {
      const about = { ...reach, request, sent: metadata, profile, allowHttp }
      return context.answered(
        answer,
        registrationIn(answer, about, access?.completing(inUse)) ??
          (await explain(answer, about, platform.timeout(context.timeout), open)),
      )
    } catch (error) {
      // A second one is kept for the next call: a node that is late may not know it yet.
      const fresh = isSecond ? undefined : await access?.accessTokens.replace(token, error, reach, signal, false)
      if (fresh === undefined) throw error
      token = fresh
    }
  }
}

/**
 * Throws the error that an answer without a registration stands for. Where the code that reads it can't be loaded before the
 * signal aborts, as in a page that can load no more code, the error tells at least the status.
 */
async function explain(
  answer: HttpAnswer,
  about: RegistrationContext,
  signal: AbortSignal,
  open: () => Promise<Access>,
): Promise<never> {
  const access = await opened(open, signal)
  access?.readRegistration(answer, about)
  const { status, body } = answer
  const { request } = about
  const endpoint = displayEndpoint(request)
  const message = `The server answered ${status} to the registration, and the code that reads such answers could not be loaded.`
  throw status < 400
    ? new UnexpectedAnswerError(message, {
        status,
        body: redact(body, secretsOf(request), true),
        outcome: status < 300 && !/^\s*</.test(body) ? 'accepted' : 'unknown',
        endpoint,
      })
    : new ServerRefusedError(message, { status, outcome: status < 500 ? 'refused' : 'unknown', endpoint })
}

/** The code that errors need; `undefined` where it can't be loaded before the signal aborts. */
const opened = (open: () => Promise<Access>, signal: AbortSignal): Promise<Access | undefined> =>
  untilAborted(open(), signal, () => undefined).catch(() => undefined)
