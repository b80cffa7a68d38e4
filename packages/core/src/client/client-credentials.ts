import { late } from '../load.ts'
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
  return async (context) => (await late(import('./token-grant.ts'))).tokenByClientCredentials(options, context)
}
