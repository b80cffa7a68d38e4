import { load } from '../../load.ts'
import type { AccessToken } from '../../model/authorization-server.ts'
import type { TokenContext } from '../options.ts'
import type { ClientCredentialsOptions } from './client-secret.ts'

/** Gets one access token by the client credentials grant; its code is loaded late, since no page may use a secret. */
export async function requestToken(options: ClientCredentialsOptions, context: TokenContext): Promise<AccessToken> {
  const { tokenByClientCredentials } = await load(import('./client-secret.ts'))
  return tokenByClientCredentials(options, context)
}
