import { hasCertificate, madeOf, withCertificate } from './known-functions.ts'
import { requestToken } from './secret/load.ts'
import type { ClientCredentialsOptions } from './secret/client-secret.ts'
import type { TokenSource, Wrong } from './options.ts'
import { isAny, isFilled, refuseOptions } from './options.ts'

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
 * @throws {InvalidRequestError} at once, when `clientId` or `clientSecret` is missing or empty, the secret stands beside
 *   another proof, or `authentication` is neither a function nor a way in which a secret travels
 * @throws {ServerRefusedError} the token endpoint refused
 * @throws {UnexpectedAnswerError} its answer holds no access token
 * @throws {NotSupportedError} `unsupported` when the server's metadata names no token endpoint
 * @throws {PolicyError} `redirect`; `insecure-address` when the token endpoint is neither https nor loopback nor allowed
 * @throws {TransportError} `not-sent`: no answer, so nothing was registered
 * @see [RFC 6749 section 4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  const { clientId, clientSecret, authentication, scope }: Readonly<Record<string, unknown>> = Object(options)
  const wrong: Wrong[] = []
  if (!isFilled(clientId)) wrong.push(['clientId', 'Give the client_id of who asks for the token'])
  if (typeof authentication === 'function') {
    if (clientSecret !== undefined) wrong.push(['clientSecret', 'Leave it out beside a function in authentication'])
  } else {
    if (!isFilled(clientSecret))
      wrong.push(['clientSecret', 'It is missing or empty: give the secret of that client, or authentication'])
    if (!isAny(undefined, 'client_secret_basic', 'client_secret_post')(authentication))
      wrong.push(['authentication', 'It must be client_secret_basic, client_secret_post, or a function of /keys'])
  }
  if (scope !== undefined && typeof scope !== 'string') wrong.push(['scope', 'It must be a text'])
  refuseOptions(wrong)
  const own = { ...options }
  const source: TokenSource = madeOf((context) => requestToken(own, context), own)
  return hasCertificate(authentication) ? withCertificate(source) : source
}
