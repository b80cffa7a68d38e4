// A library that registers for its users: with an HTTP of its own, and in the types of @registrant/core, which it names as a
// peer dependency, so that a user of both has them once.
import { InvalidRequestError, RegistrationError } from '@registrant/core'
import type { AuthorizationServer, RegistrationRequest, RegistrationResponse } from '@registrant/core'
import { checkRequest } from '@registrant/core/checks'
import { readRegistration, registrationRequest } from '@registrant/core/exchange'

/** How this library sends: by axios, by got, by what a test gives. */
export type Send = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<{ status: number; headers: Headers; body: string }>

/** Registers a client at this server. */
export async function register(
  server: AuthorizationServer,
  metadata: RegistrationRequest,
  { send, accessToken }: { send: Send; accessToken?: string },
): Promise<RegistrationResponse> {
  // Judged before it is made, as RegistrationClient does: a private key in jwks, an address that runs code.
  const refused = checkRequest(metadata).filter(({ level }) => level === 'MUST')
  if (refused.length > 0) throw new InvalidRequestError(refused)
  const request = registrationRequest(server, metadata, { accessToken })
  const { url, method, headers, body } = request
  const told = await send(url, { method, headers: { ...headers }, ...(body !== undefined && { body }) })
  // Throws what RegistrationClient throws: the same codes, and the same care for what is secret.
  const { value } = readRegistration(told, { request, server, sent: metadata })
  return value
}

/** Whether the same request may be sent again without a second client: it never left, or it was refused. */
export const mayRepeat = (error: unknown): boolean =>
  error instanceof RegistrationError && (error.outcome === 'not-sent' || error.outcome === 'refused')
