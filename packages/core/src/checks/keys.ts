import type { RegistrationRequest } from '../model/registration.ts'
import { holdsSecret } from '../model/jwk.ts'
import { isObject } from '../exchange/json.ts'
import type { Check } from './find.ts'
import { dcr, rfc7591 } from './find.ts'

/** R01, R14, R15: where the client's public keys are, and that nothing but public keys is told. */
export const keys: Check = (request, find) => {
  const { jwks, jwks_uri, signed_jwks_uri, token_endpoint_auth_method: method = '' } = request
  const set = keysOf(request)
  if (jwks?.keys !== undefined && !Array.isArray(jwks.keys)) find('type', 'jwks', 'Its keys must be an array.', rfc7591)
  if (set.length > 0 && jwks_uri !== undefined)
    find('R01', 'jwks_uri', 'Send either jwks or jwks_uri, never both.', rfc7591)
  if (set.some(isSecret))
    find('R15', 'jwks', 'It holds a private or symmetric key; send public keys only, and replace this one.', dcr)

  const published = set.length > 0 || jwks_uri !== undefined || signed_jwks_uri !== undefined
  if (/^(?:private_key_jwt|self_signed_tls_client_auth)$/.test(method) && !published)
    find(
      'R14',
      'jwks',
      `${method} needs the client's public keys: send jwks or jwks_uri.`,
      'RFC 8705 section 2.2.2, OIDC Core 1.0 section 9',
    )
  if (set.some(({ use }) => use !== undefined) && set.some(({ use }) => use === undefined))
    find('R15', 'jwks', 'Some keys say their use and some do not; say it of each.', dcr, 'SHOULD')
  const [decrypted] =
    Object.entries(request).find(
      ([member, alg]) => member.endsWith('encrypted_response_alg') && /^(?:RSA|ECDH)/.test(String(alg)),
    ) ?? []
  const forEncryption = jwks_uri ?? signed_jwks_uri ?? set.find(({ use }) => use !== 'sig')
  if (decrypted !== undefined && forEncryption === undefined)
    find('R15', decrypted, 'It needs a public key to encrypt to: send one with use enc.', dcr, 'SHOULD')
}

const keysOf = ({ jwks }: RegistrationRequest): NonNullable<RegistrationRequest['jwks']>['keys'] =>
  Array.isArray(jwks?.keys) ? jwks.keys.filter(isObject) : []

const isSecret = (key: { kty?: string | undefined }): boolean => key.kty === 'oct' || holdsSecret(key)
