import { hasCertificate, withCertificate } from './certificate.ts'
import { requestToken } from './secret/load.ts'
import type { ClientCredentialsOptions, TokenSource } from './options.ts'

/**
 * Gets the access token for registering by the client credentials grant (RFC 6749 section 4.4).
 *
 * The token is kept until 10 seconds before it expires; concurrent registrations share one request.
 *
 * @example
 * ```ts
 * import { RegistrationClient, clientCredentials } from '@registrant/core'
 *
 * const accessToken = clientCredentials({ clientId: 'registrar', clientSecret: 'its secret', scope: 'register' })
 * const client = new RegistrationClient({ issuer: 'https://as.example', accessToken })
 * ```
 * @throws {ServerRefusedError} the token endpoint refused
 * @throws {UnexpectedAnswerError} its answer holds no access token
 * @throws {NotSupportedError} `unsupported` when the server's metadata names no token endpoint
 * @throws {PolicyError} `redirect`; `insecure-address` when the token endpoint is neither https nor loopback
 * @throws {TransportError} `not-sent`: no answer, so nothing was registered
 * @see [RFC 6749 section 4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  const source: TokenSource = (context) => requestToken(options, context)
  return hasCertificate(options.authentication) ? withCertificate(source) : source
}
