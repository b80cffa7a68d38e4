import { InvalidRequestError, NotSupportedError } from '@registrant/core'
import type { ClientProof, RegistrationResponse } from '@registrant/core'
import { none, privateKeyJwt } from '@registrant/core/keys'
import type { ClientProofOptions } from '@registrant/core/keys'

/**
 * Makes the proof of a registered client for one request to the token endpoint: form members to be merged into the request.
 * A proof is good for one request, so ask for each.
 *
 * A page has two methods: `none`, and `private_key_jwt` with `key`, signed as `token_endpoint_auth_signing_alg` says. For
 * the client that a manager keeps, ask the manager's `authentication()` instead.
 *
 * @example
 * ```ts
 * import { RegistrationClient } from '@registrant/browser'
 * import { clientProof, generateClientKeys } from '@registrant/browser/keys'
 *
 * const key = await generateClientKeys()
 * const client = new RegistrationClient({ issuer: 'https://as.example' })
 * const registration = await client.register({
 *   redirect_uris: ['https://app.example/callback'],
 *   token_endpoint_auth_method: 'private_key_jwt',
 *   jwks: { keys: [key.publicJwk] },
 * })
 * const { form } = await clientProof(registration, { server: await client.discover(), key })
 * ```
 * @throws {InvalidRequestError} `key` is missing, or it is not for `token_endpoint_auth_signing_alg`
 * @throws {NotSupportedError} `unsupported`: the method takes a secret or a certificate, which a page can't keep or choose
 * @see [OpenID Connect Core 1.0 section 9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication)
 */
export async function clientProof(
  registration: RegistrationResponse,
  { server, key, kid, typ, profile, audience = profile?.tokenAudience }: ClientProofOptions,
): Promise<ClientProof> {
  const { client_id: clientId, client_secret, token_endpoint_auth_signing_alg: alg } = registration
  const { token_endpoint_auth_method: method = client_secret === undefined ? 'none' : 'client_secret_basic' } =
    registration
  if (method === 'none') return none()({ clientId, server, profile })
  if (method !== 'private_key_jwt')
    throw new NotSupportedError(
      'unsupported',
      `A page can't prove a client that authenticates by ${method}. Declare token_endpoint_auth_method none or private_key_jwt.`,
    )
  if (key !== undefined) return privateKeyJwt({ key, kid, alg, audience, typ })({ clientId, server, profile })
  const message = `A client that authenticates by ${method} can't be proven without it`
  throw new InvalidRequestError([{ member: 'key', message, rule: 'option', level: 'MUST', source: 'options' }])
}
