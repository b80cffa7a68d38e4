import type { JsonObject } from '../exchange/json.ts'
import { isObject } from '../exchange/json.ts'
import { holdsSecret } from '../model/jwk.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { faultsOf, serves, useOf } from './public-key.ts'
import type { Check, Find } from './rule.ts'
import { dcr, rfc7591 } from './rule.ts'

/** R01, R15, R34: that the client publishes public keys, in one place, and keys that a server can use. */
export const keys: Check = (request, find) => {
  const { jwks, jwks_uri } = request
  const set = keysOf(request)
  if (jwks?.keys !== undefined && !(Array.isArray(jwks.keys) && jwks.keys.every(isObject)))
    find('type', 'jwks', 'Its keys must be an array of objects.', rfc7591)
  if (set.length > 0 && jwks_uri !== undefined)
    find('R01', 'jwks_uri', 'Send either jwks or jwks_uri, never both.', rfc7591)
  if (set.some(isSecret))
    find('R15', 'jwks', 'It holds a private or symmetric key; send public keys only, and replace this one.', dcr)
  for (const key of set)
    if (!isSecret(key)) for (const [message, source] of faultsOf(key)) find('R34', 'jwks', message, source)
  const names = set.flatMap(({ kid }) => kid ?? [])
  if (new Set(names).size < names.length)
    find('R34', 'jwks', 'Give each key a name (kid) of its own.', 'RFC 7517 section 4.5', 'SHOULD')
  if (set.some(({ use }) => use !== undefined) && set.some(({ use }) => use === undefined))
    find('R15', 'jwks', 'Some keys say their use and some do not; say it of each.', dcr, 'SHOULD')
}

/** R14, R15: that there is a key for what is asked for. */
export const purposes: Check = (request, find) => {
  const { token_endpoint_auth_method: method = '', token_endpoint_auth_signing_alg: alg } = request
  const isPublished = (request.jwks_uri ?? request.signed_jwks_uri) !== undefined
  const set = keysOf(request)
  const has = (use: 'sig' | 'enc', by?: string): boolean => isPublished || set.some((key) => serves(key, use, by))
  const source = 'RFC 8705 section 2.2.2, OIDC Core 1.0 section 9'
  if (/^(?:private_key_jwt|self_signed_tls_client_auth)$/.test(method) && !isPublished && set.length === 0)
    find('R14', 'jwks', `${method} needs the client's public keys: send jwks or jwks_uri.`, source)
  else if (method === 'private_key_jwt' && !has('sig'))
    find('R14', 'jwks', 'private_key_jwt needs a key that is for signatures.', source)
  else if (method === 'private_key_jwt' && alg !== undefined && useOf(alg) === 'sig' && !has('sig', alg))
    find('R14', 'jwks', `None of the keys is for token_endpoint_auth_signing_alg ${alg}.`, source)
  missingKeys(request, has, find)
}

/** R15: what is signed or encrypted with a key that the client did not publish. */
function missingKeys(request: object, has: (use: 'sig' | 'enc', alg: string) => boolean, find: Find): void {
  for (const [member, alg] of Object.entries(request)) {
    if (typeof alg !== 'string') continue
    if (member.endsWith('encrypted_response_alg') && useOf(alg) === 'enc' && !has('enc', alg))
      find('R15', member, 'It needs a public key to encrypt to: send one with use enc.', dcr, 'SHOULD')
    if (isSigned.test(member) && useOf(alg) === 'sig' && !alg.startsWith('HS') && !has('sig', alg))
      find('R15', member, 'It needs a public key to verify with: send one with use sig.', dcr, 'SHOULD')
  }
}

/** What the client signs and the server verifies, besides what proves the client. */
const isSigned = /^(?:request_object|backchannel_authentication_request)_signing_alg$/

const keysOf = ({ jwks }: RegistrationRequest): JsonObject[] =>
  Array.isArray(jwks?.keys) ? jwks.keys.filter(isObject) : []

const isSecret = (key: JsonObject): boolean => key['kty'] === 'oct' || holdsSecret(key)
