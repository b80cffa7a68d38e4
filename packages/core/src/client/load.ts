import { loadChecks } from '../checks/load.ts'
import { ahead, load } from '../load.ts'
import type { AccessToken } from '../model/authorization-server.ts'
import type { ClientCredentialsOptions, SessionOptions, TokenContext } from './options.ts'
import type { Session } from './session.ts'

/** Begins to speak with a server; what sends requests is loaded, and nothing is sent yet. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { onEvent, preflight, profile } = options
  // At the same time: no file waits for another.
  if (onEvent ?? profile ?? preflight === 'strict') ahead(loadChecks)
  const { Session } = await load(import('./session.ts'))
  return new Session(options)
}

/** Gets one access token by the client credentials grant, which no page may come near. */
export async function requestToken(options: ClientCredentialsOptions, context: TokenContext): Promise<AccessToken> {
  const { tokenByClientCredentials } = await load(import('./token-grant.ts'))
  return tokenByClientCredentials(options, context)
}
