import type { ClientAuthentication } from '../client/options.ts'
import type { AssertionOptions } from './client-authentication.ts'
import { assertion } from './client-authentication.ts'
import type { SigningOptions } from './signing-key.ts'
import { signerOf } from './signing-key.ts'

/** What proves a client by its private key. */
export interface PrivateKeyJwtOptions extends SigningOptions, AssertionOptions {}

/**
 * Authenticates by an assertion that the client's private key signs: `private_key_jwt` (RFC 7523, OpenID Connect Core
 * section 9). No secret ever travels; the server knows the public key by the client's `jwks` or `jwks_uri`.
 *
 * @throws {InvalidRequestError} at once, when the key is not private or the algorithm is `none` or symmetric
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  return assertion(signerOf(options), options)
}
