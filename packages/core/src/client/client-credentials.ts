import { requestToken } from './load.ts'
import type { ClientCredentialsOptions, TokenSource } from './options.ts'

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
  return (context) => requestToken(options, context)
}
