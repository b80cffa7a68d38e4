import { hasCertificate, madeOf, withCertificate } from './known-functions.ts'
import { requestToken } from './secret/load.ts'
import type { ClientCredentialsOptions, TokenSource, Wrong } from './options.ts'
import { isFilled, refuseOptions } from './options.ts'

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
 * @throws {InvalidRequestError} at once, when `clientId` or `clientSecret` is missing or empty
 * @throws {ServerRefusedError} the token endpoint refused
 * @throws {UnexpectedAnswerError} its answer holds no access token
 * @throws {NotSupportedError} `unsupported` when the server's metadata names no token endpoint
 * @throws {PolicyError} `redirect`; `insecure-address` when the token endpoint is neither https nor loopback nor allowed
 * @throws {TransportError} `not-sent`: no answer, so nothing was registered
 * @see [RFC 6749 section 4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  const { clientId, scope, ...rest }: Partial<ClientCredentialsOptions> = Object(options)
  const secret: unknown = 'clientSecret' in rest ? rest.clientSecret : undefined
  const authentication: unknown = 'authentication' in rest ? rest.authentication : undefined
  const wrong: Wrong[] = []
  if (!isFilled(clientId)) wrong.push(['clientId', 'Give the client_id of who asks for the token'])
  if (secret === undefined ? typeof authentication !== 'function' : !isFilled(secret))
    wrong.push(['clientSecret', 'It is missing or empty: give the secret of that client, or authentication'])
  if (scope !== undefined && typeof scope !== 'string') wrong.push(['scope', 'It must be a text'])
  refuseOptions(wrong)
  const source: TokenSource = madeOf((context) => requestToken(options, context), options)
  return hasCertificate(options.authentication) ? withCertificate(source) : source
}
