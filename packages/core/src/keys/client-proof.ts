import { clientSecretBasic, clientSecretPost } from '../client/secret/client-secret.ts'
import type { ClientAuthentication } from '../client/options.ts'
import type { ClientProof } from '../model/http.ts'
import { InvalidRequestError } from '../errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import { methodByList } from '../model/authorization-server.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { NotSupportedError } from '../server-errors.ts'
import type { AssertionOptions } from './client-authentication.ts'
import { assertion, none, privateKeyJwt, secretAlgorithm, tlsClientAuth } from './client-authentication.ts'
import type { SigningKey } from './sign.ts'
import { isFilled, refuseOptions } from '../client/options.ts'

/** What a proof of a registered client needs, apart from the registration. */
export interface ClientProofOptions extends AssertionOptions {
  /** The server's metadata, as `client.discover()` and `manager.server()` return them. */
  server: AuthorizationServer
  /** The client's private key, for `private_key_jwt`. Default: none. */
  key?: SigningKey | undefined
  /** The `kid` under which the server finds the public key. Default: the key's own, if it has one. */
  kid?: string | undefined
  /** What is special about the server. Default: nothing. */
  profile?: ServerProfile | undefined
}

/**
 * Makes the proof of a registered client for one request to the token endpoint: headers and form members to be merged into
 * the request. Make a proof for each request: it may be valid only once.
 *
 * The registration names the method: `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt` with
 * `key`, `tls_client_auth`, `self_signed_tls_client_auth` or `none`; `token_endpoint_auth_signing_alg` names the algorithm of an
 * assertion. `endpoint` is where a request with a certificate has to go, if the server has an alias for it (RFC 8705 section 5).
 *
 * For a client that a manager keeps, call the manager's `authentication()` instead.
 *
 * @example
 * ```ts
 * import { RegistrationClient } from '@registrant/core'
 * import { clientProof, generateClientKeys } from '@registrant/core/keys'
 *
 * const key = await generateClientKeys()
 * const client = new RegistrationClient({ issuer: 'https://as.example' })
 * const registration = await client.register({
 *   redirect_uris: ['https://app.example/callback'],
 *   token_endpoint_auth_method: 'private_key_jwt',
 *   jwks: { keys: [key.publicJwk] },
 * })
 * const server = await client.discover()
 * const { headers, form, endpoint = server.token_endpoint } = await clientProof(registration, { server, key })
 * ```
 * @throws {InvalidRequestError} what the method takes is missing: `client_secret` in the registration, or `key`; or the key
 *   is not for `token_endpoint_auth_signing_alg`
 * @throws {NotSupportedError} `unsupported`: the method is none of the seven, no secret signs with the algorithm that is
 *   registered, or an assertion can't be addressed
 * @see [OpenID Connect Core 1.0 section 9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication)
 * @see [RFC 8705 section 2](https://www.rfc-editor.org/rfc/rfc8705#section-2)
 */
export async function clientProof(
  registration: RegistrationResponse,
  options: ClientProofOptions,
): Promise<ClientProof> {
  const { server, profile } = options
  const authentication = await authenticationFor(registration, options)
  return authentication({ clientId: registration.client_id, server, profile })
}

async function authenticationFor(
  registration: RegistrationResponse,
  options: ClientProofOptions,
): Promise<ClientAuthentication> {
  const { key, kid, typ, audience } = options
  const alg = registration.token_endpoint_auth_signing_alg
  const { token_endpoint_auth_method: stated, client_secret } = registration
  const method = stated ?? (client_secret === undefined ? 'none' : methodByList(options.server))
  switch (method) {
    case 'none':
      return none()
    case 'private_key_jwt':
      return privateKeyJwt({ key: mustHave(key, 'key', method), kid, alg, audience, typ })
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return tlsClientAuth()
    case 'client_secret_basic':
      return clientSecretBasic(secretOf(registration, method))
    case 'client_secret_post':
      return clientSecretPost(secretOf(registration, method))
    case 'client_secret_jwt':
      return clientSecretJwt(secretOf(registration, method), {
        alg: await secretAlgorithm(alg, () => options.server),
        audience,
        typ,
      })
    default:
      throw new NotSupportedError('unsupported', 'The client authenticates by a method that is not known here.')
  }
}

const secretOf = ({ client_secret }: RegistrationResponse, method: string): string =>
  mustHave(client_secret, 'client_secret', method)

function mustHave<T>(value: T | undefined, member: string, method: string): T {
  if (value !== undefined) return value
  const message = `A client that authenticates by ${method} can't be proven without it`
  throw new InvalidRequestError([{ member, message, rule: 'option', level: 'MUST', source: 'options' }])
}

/** How an assertion is signed with a client secret. */
export interface ClientSecretJwtOptions extends AssertionOptions {
  /** The algorithm that signs the assertion. Default: `HS256`. */
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
export function clientSecretJwt(clientSecret: string, options?: ClientSecretJwtOptions): ClientAuthentication {
  const given: ClientSecretJwtOptions = Object(options)
  const { alg = 'HS256' } = given
  refuseOptions([
    ...(isFilled(clientSecret) ? [] : [['clientSecret', 'It is missing or empty'] as const]),
    ...(/^HS(?:256|384|512)$/.test(alg) ? [] : [['alg', 'It must be HS256, HS384 or HS512'] as const]),
  ])
  return assertion({ key: new TextEncoder().encode(clientSecret), alg }, given)
}
