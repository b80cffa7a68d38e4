import { withCertificate } from '../client/known-functions.ts'
import type { ClientAuthentication } from '../client/options.ts'
import { endpointOf, tokenAlias } from '../exchange/addresses.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import { platform } from '../platform.ts'
import { NotSupportedError } from '../server-errors.ts'
import type { Signer, SigningOptions } from './sign.ts'
import { sign, toSigner } from './sign.ts'

/** How an assertion is addressed and named. */
export interface AssertionOptions {
  /**
   * The member of the server's metadata that `aud` gets. Default: `tokenAudience` of the profile, else `issuer`, which no other
   * server mistakes for its own; `token_endpoint` is for servers that know only what OpenID Connect Core section 9 suggests.
   */
  audience?: 'issuer' | 'token_endpoint' | undefined
  /** The `typ` in the header of the assertion. Default: `client-authentication+jwt`; older servers may want `JWT`. */
  typ?: string | undefined
  /** The time by which it is dated, in milliseconds since the epoch. Default: this machine's clock. */
  now?: (() => number) | undefined
}

/** Seconds for which an assertion is valid. */
const assertionLifetime = 60

/**
 * Authenticates by a signed assertion (RFC 7523 sections 2.2 and 3, OpenID Connect Core section 9). Each assertion is made for
 * one request, is valid for 60 seconds, and is never the same twice.
 */
export function assertion(signer: Signer, options: AssertionOptions): ClientAuthentication {
  const { audience, typ = 'client-authentication+jwt', now = () => platform.now() } = options
  return async ({ clientId, server, profile }) => {
    const aud = addressee(server, audience ?? profile?.tokenAudience ?? 'issuer')
    const iat = Math.floor(now() / 1000)
    const claims = { iss: clientId, sub: clientId, aud, jti: platform.randomId() }
    return {
      form: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await sign({ ...claims, iat, exp: iat + assertionLifetime }, signer, { typ }),
      },
    }
  }
}

function addressee(server: AuthorizationServer, audience: 'issuer' | 'token_endpoint'): string {
  const found = server[audience]
  if (found !== undefined) return found
  throw new NotSupportedError(
    'unsupported',
    `The metadata of ${endpointOf(server.issuer)} names no ${audience} that an assertion could be addressed to.`,
  )
}

/** The key that proves a client, and how the assertion is made. */
export interface PrivateKeyJwtOptions extends SigningOptions, AssertionOptions {}

/**
 * Authenticates by an assertion that the client's private key signs: `private_key_jwt` (RFC 7523, OpenID Connect Core
 * section 9). No secret ever travels; the server knows the public key by the client's `jwks` or `jwks_uri`.
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import { generateClientKeys, privateKeyJwt } from '@registrant/core/keys'
 *
 * const key = await generateClientKeys()
 * const accessToken = clientCredentials({ clientId: 'registrar', authentication: privateKeyJwt({ key }) })
 * ```
 * @throws {InvalidRequestError} at once, when the key is not private or the algorithm is `none` or symmetric
 * @see [RFC 7523 section 2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  return assertion(toSigner(options), options)
}

/**
 * Authenticates by the certificate of the TLS connection: `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705
 * section 2). The form carries the identifier alone.
 *
 * The platform makes the connection: pass a `fetch` that presents the certificate. Where the server's metadata name mutual-TLS
 * aliases, token requests go to the alias of the token endpoint, and registrations that use such a token to the alias of the
 * registration endpoint (RFC 8705 section 5).
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import { tlsClientAuth } from '@registrant/core/keys'
 *
 * const accessToken = clientCredentials({ clientId: 'registrar', authentication: tlsClientAuth() })
 * ```
 * @see [RFC 8705 section 2](https://www.rfc-editor.org/rfc/rfc8705#section-2)
 */
export const tlsClientAuth = (): ClientAuthentication =>
  withCertificate(({ clientId, server }) => ({ form: { client_id: clientId }, endpoint: tokenAlias(server) }))

/**
 * Does not authenticate: `none` sends only the identifier in the form, for public clients (RFC 6749 section 3.2.1).
 *
 * @example
 * ```ts
 * import { none } from '@registrant/core/keys'
 *
 * const { form } = await none()({ clientId: 'c1', server: { issuer: 'https://as.example' } })
 * ```
 * @see [RFC 6749 section 3.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1)
 */
export const none =
  (): ClientAuthentication =>
  ({ clientId }) => ({ form: { client_id: clientId } })

/** The algorithms that sign with a secret, in the order in which one is chosen. */
const secretAlgorithms = ['HS256', 'HS384', 'HS512'] as const
export type SecretAlgorithm = (typeof secretAlgorithms)[number]

/**
 * The algorithm by which a client of `client_secret_jwt` signs its assertions: the registered or declared one, else the first
 * of the three that the server lists, else HS256.
 *
 * @throws {NotSupportedError} `unsupported` when an algorithm is registered that no secret signs with
 */
export async function secretAlgorithm(
  said: string | undefined,
  discover: () => AuthorizationServer | Promise<AuthorizationServer>,
): Promise<SecretAlgorithm> {
  if (said === undefined) {
    const { token_endpoint_auth_signing_alg_values_supported: list } = await discover()
    return secretAlgorithms.find((it) => list?.includes(it)) ?? 'HS256'
  }
  const alg = secretAlgorithms.find((it) => it === said)
  if (alg !== undefined) return alg
  throw new NotSupportedError(
    'unsupported',
    'This client is registered to sign its assertions with its secret, by an algorithm (token_endpoint_auth_signing_alg) that is for key pairs. Declare HS256, HS384 or HS512.',
  )
}
