import { load } from '../load.ts'
import type { AccessToken } from '../model/authorization-server.ts'
import type { ClientCredentialsOptions, SessionOptions, TokenContext } from './options.ts'
import type { Session } from './session.ts'

/** Everything that sends requests, which a start with a good record never needs. */
const loadRequests = async () => load(import('./session.ts'))

/** Begins to speak with a server; nothing is sent yet. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { Session } = await loadRequests()
  return new Session(options)
}

/** Gets one access token by the client credentials grant. */
export async function requestToken(options: ClientCredentialsOptions, context: TokenContext): Promise<AccessToken> {
  const { tokenByClientCredentials } = await loadRequests()
  return tokenByClientCredentials(options, context)
}
