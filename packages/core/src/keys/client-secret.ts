import type { ClientAuthentication } from '../client/options.ts'
import { refuseOptions } from '../client/options.ts'
import type { AssertionOptions } from './client-authentication.ts'
import { assertion } from './client-authentication.ts'

/** How an assertion is signed with a client secret. */
export interface ClientSecretJwtOptions extends AssertionOptions {
  /** Default: `HS256`. */
  alg?: 'HS256' | 'HS384' | 'HS512' | undefined
}

/**
 * Authenticates by an assertion signed with the client's secret: `client_secret_jwt` (RFC 7523, OpenID Connect Core
 * section 9). The secret itself does not travel; the server has to know it in clear text.
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import { clientSecretJwt } from '@registrant/core/keys'
 *
 * const accessToken = clientCredentials({ clientId: 'registrar', authentication: clientSecretJwt('its secret') })
 * ```
 * @throws {InvalidRequestError} at once, when the secret is empty or the algorithm is none of the three
 * @see [RFC 7523 section 2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)
 */
export function clientSecretJwt(clientSecret: string, options: ClientSecretJwtOptions = {}): ClientAuthentication {
  const { alg = 'HS256' } = options
  refuseOptions([
    ...(clientSecret === '' ? [['clientSecret', 'It must not be empty'] as const] : []),
    ...(/^HS(?:256|384|512)$/.test(alg) ? [] : [['alg', 'It must be HS256, HS384 or HS512'] as const]),
  ])
  return assertion({ key: new TextEncoder().encode(clientSecret), alg }, options)
}
