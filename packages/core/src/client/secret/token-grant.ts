import { readToken, tokenRequest } from '../../exchange/token.ts'
import type { AccessToken, AuthorizationServer } from '../../model/authorization-server.ts'
import { methodByList } from '../../model/authorization-server.ts'
import { ServerRefusedError } from '../../server-errors.ts'
import { clientSecretBasic, clientSecretPost } from './client-secret.ts'
import type { ClientAuthentication, ClientCredentialsOptions, TokenContext } from '../options.ts'

/** One token by the client credentials grant (RFC 6749 section 4.4), and a second try where a nonce was wanted. */
export async function tokenByClientCredentials(
  options: ClientCredentialsOptions,
  { server, profile, send, allowHttp }: TokenContext,
): Promise<AccessToken> {
  const { clientId, scope, audience, resource, parameters } = options
  const ask = async (): Promise<AccessToken> => {
    const proof = await authenticationOf(options, server)({ clientId, server, profile })
    const form = { ...parameters, grant_type: 'client_credentials', scope, audience, resource }
    const request = tokenRequest(server, form, { ...proof, allowHttp })
    return readToken(await send(request), { request, profile }).value
  }
  // The nonce is known by now. The whole request is made anew, since an assertion is good once.
  return ask().catch((error: unknown) => {
    if (error instanceof ServerRefusedError && error.error === 'use_dpop_nonce') return ask()
    throw error
  })
}

function authenticationOf(options: ClientCredentialsOptions, server: AuthorizationServer): ClientAuthentication {
  if (!('clientSecret' in options)) return options.authentication
  return (options.authentication ?? methodByList(server)) === 'client_secret_post'
    ? clientSecretPost(options.clientSecret)
    : clientSecretBasic(options.clientSecret)
}
