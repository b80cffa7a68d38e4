import { ServerRefusedError } from '../answer-errors.ts'
import type { AccessToken } from '../model/access-token.ts'
import type { ClientAuthentication, TokenSource } from './options.ts'

/** Who pays for a registration: a client that is allowed to ask for a token for registering. */
export type ClientCredentialsOptions = {
  /** The identifier of that client; not of the client that is being registered. */
  clientId: string
  /** The scope to ask for, space-separated. Default: none is asked for. */
  scope?: string | undefined
} & (
  | {
      /** Its secret. */
      clientSecret: string
      /** How the secret travels. Default: `client_secret_basic` (RFC 6749 section 2.3.1). */
      authentication?: 'client_secret_post' | 'client_secret_basic' | undefined
    }
  | {
      /** Any other way to authenticate. */
      authentication: ClientAuthentication
    }
)

/**
 * Gets the access token for registering by the client credentials grant (RFC 6749 section 4.4).
 *
 * The token is kept until 10 seconds before it expires; concurrent registrations share one request.
 *
 * @throws {ServerRefusedError} the token endpoint refused
 * @throws {UnexpectedAnswerError} its answer holds no access token
 * @throws {NotSupportedError} `unsupported` when the server's metadata names no token endpoint
 * @throws {PolicyError} `redirect`; `insecure-address` when the token endpoint is neither https nor loopback
 * @throws {TransportError} `not-sent`: no answer, so nothing was registered
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  const { clientId, scope } = options
  return async ({ server, send }): Promise<AccessToken> => {
    const { readToken, tokenRequest } = await import('../exchange/token.ts')
    const authenticate = await authenticationOf(options)
    const ask = async (): Promise<AccessToken> => {
      const proof = await authenticate({ clientId, server })
      const request = tokenRequest(server, { grant_type: 'client_credentials', scope }, proof)
      return readToken(await send(request), { request }).value
    }
    // The nonce is known by now. The whole request is made anew, since an assertion is good once.
    return ask().catch((error: unknown) => {
      if (error instanceof ServerRefusedError && error.error === 'use_dpop_nonce') return ask()
      throw error
    })
  }
}

async function authenticationOf(options: ClientCredentialsOptions): Promise<ClientAuthentication> {
  if (!('clientSecret' in options)) return options.authentication
  const { clientSecretBasic, clientSecretPost } = await import('./client-secret.ts')
  return options.authentication === 'client_secret_post'
    ? clientSecretPost(options.clientSecret)
    : clientSecretBasic(options.clientSecret)
}
