import { registrationRequest } from '../exchange/registration-request.ts'
import type { AccessToken } from '../model/access-token.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { Answered } from './answered.ts'
import { checksFor } from './doubt.ts'
import { late } from '../load.ts'
import type { Line } from './context.ts'
import type { CallOptions } from './options.ts'
import { readAnswer } from './read-answer.ts'

/** What a registration is told besides. */
export interface RegisterCall extends CallOptions {
  /** Runs when everything is ready, before each POST; what it throws stops it, and nothing was sent. */
  beforeSend?: (() => Promise<void>) | undefined
}

/** Sends a registration with the access token that it takes; again with another one where that was refused. */
export type Authorize = <T>(
  server: AuthorizationServer,
  signal: AbortSignal,
  post: (token: AccessToken | undefined, isBound: boolean) => Promise<T>,
) => Promise<T>

/** Registers a client: the checks, the server's metadata, the access token, the request. */
export async function register(
  line: Line,
  authorize: Authorize,
  metadata: RegistrationRequest,
  call?: RegisterCall,
): Promise<Answered> {
  const { profile, encodeBody } = line.options
  const signal = line.deadline(call)
  const checks = await checksFor(line, metadata)
  checks?.judgeRequest(line, metadata)
  const server = await line.server(signal)
  checks?.judgeFit(line, metadata, server)
  const encoded = await encodeBody?.(metadata)
  // Between an answer and its being saved a page should have nothing to download.
  if (line.isHeard) await late(import('../exchange/deviations.ts'))
  return authorize(server, signal, async (token, isBound) => {
    const accessToken = token?.access_token
    const unproven = registrationRequest(server, metadata, { accessToken, profile, encoded })
    await call?.beforeSend?.()
    const sending = { signal, inDoubt: 'unknown' as const }
    const sent: { request: HttpRequest; answer: HttpAnswer } = isBound
      ? await (await line.proving()).prove(unproven, sending, { accessToken, single: profile?.singleUseToken === true })
      : { request: unproven, answer: await line.send(unproven, sending) }
    return readAnswer(line, sent.answer, { server, request: sent.request, sent: metadata })
  })
}
