import type { Check, Find } from './rule.ts'
import { choices, dcr, rfc7591 } from './rule.ts'
import type { JsonObject } from '../exchange/json.ts'
import { isObject } from '../exchange/json.ts'
import { holdsSecret, takesSecret } from '../model/jwk.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { faultsOf, serves, useOf } from './public-key.ts'

const names = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'] as const

/** R12, R13, R14t, R25: how the client authenticates, and whether it has what its method needs. */
export const authentication: Check = (request, find) => {
  const method = request.token_endpoint_auth_method ?? 'client_secret_basic'
  const alg = request.token_endpoint_auth_signing_alg
  const member = 'token_endpoint_auth_signing_alg'
  if ((request.token_endpoint_auth_method ?? request.token_endpoint_auth_methods_supported) === undefined)
    find('R12', 'token_endpoint_auth_method', 'Say it: the default differs from server to server.', rfc7591, 'SHOULD')

  if (alg === 'none') find('R13', member, 'An assertion must be signed.', dcr)
  else if (alg !== undefined && !method.endsWith('_jwt'))
    find('R13', member, `It means nothing with ${method}.`, dcr, 'SHOULD')
  else if (alg !== undefined && (method === 'client_secret_jwt' ? !/^HS(?:256|384|512)$/.test(alg) : takesSecret(alg)))
    find('R13', member, `${method} can't sign with ${alg}.`, 'OIDC Core 1.0 section 9')

  const named = names.map((name) => `tls_client_auth_${name}` as const).filter((name) => request[name] !== undefined)
  const source = 'RFC 8705 section 2.1.2'
  if (method === 'tls_client_auth') {
    if (named.length !== 1)
      find(
        'R14t',
        named[1] ?? 'tls_client_auth_subject_dn',
        'tls_client_auth needs exactly one of its five names.',
        source,
      )
  } else if (named[0] !== undefined)
    find('R14t', named[0], 'It means nothing without tls_client_auth.', source, 'SHOULD')

  if (method.startsWith('client_secret_')) return
  for (const [name, value] of Object.entries(request))
    if (name.endsWith('_alg') && name !== member && takesSecret(value))
      find(
        'R25',
        name,
        `${value} takes its key from a client secret, and ${method} gives none.`,
        'OIDC DCR 1.0 section 3.2',
      )
}

/** R12e, R18, R28, R33: which algorithms go together, and where `none` is not allowed. */
export const algorithms: Check = (request, find) => {
  const { response_types = ['code'] } = request
  const said = new Set(Object.entries(request).flatMap(([member]) => [member, choices.get(member) ?? member]))
  for (const member of said)
    if (member.endsWith('_enc') && !said.has(member.replace(/_enc$/, '_alg')))
      find('R12e', member, `It needs ${member.replace(/_enc$/, '_alg')} beside it.`, dcr)
  if (request.id_token_signed_response_alg === 'none' && response_types.some((type) => /\bid_token\b/.test(type)))
    find('R18', 'id_token_signed_response_alg', 'ID tokens from the authorization endpoint must be signed.', dcr)
  if (request.require_signed_request_object === true && request.request_object_signing_alg === 'none')
    find('R28', 'request_object_signing_alg', 'require_signed_request_object forbids none.', 'RFC 9101 section 10.5')
  if (request.authorization_signed_response_alg === 'none')
    find('R33', 'authorization_signed_response_alg', 'It must not be none.', 'JARM section 3')
}

/** R24: the lists of choices, and the single value beside each for servers that know no lists. */
export const offered: Check = (request, find) => {
  const source = 'RP Metadata Choices 1.0 section 2'
  for (const [list, values] of Object.entries(request)) {
    const member = choices.get(list)
    if (member === undefined || !Array.isArray(values)) continue
    const value = request[member]
    if (values.length === 0) find('R24', list, 'It must not be empty.', source)
    else if (value === undefined)
      find('R24', member, `Send it beside ${list}, for servers that don't know lists.`, source, 'SHOULD')
    else if (!values.includes(value)) find('R24', member, `It must be one of ${list}.`, source)
  }
}

/** R01, R15, R34: whether the client publishes only public keys, in one place, that a server can use. */
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
  const kids = set.flatMap(({ kid }) => kid ?? [])
  if (new Set(kids).size < kids.length)
    find('R34', 'jwks', 'Give each key a name (kid) of its own.', 'RFC 7517 section 4.5', 'SHOULD')
  if (set.some(({ use }) => use !== undefined) && set.some(({ use }) => use === undefined))
    find('R15', 'jwks', 'Some keys say their use and some do not; say it of each.', dcr, 'SHOULD')
}

/** R14, R15: whether there is a key for each purpose that the request names. */
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

/** R15: members by which something is signed or encrypted with a key that the client did not publish. */
function missingKeys(request: object, has: (use: 'sig' | 'enc', alg: string) => boolean, find: Find): void {
  for (const [member, alg] of Object.entries(request)) {
    if (typeof alg !== 'string') continue
    if (member.endsWith('encrypted_response_alg') && useOf(alg) === 'enc' && !has('enc', alg))
      find('R15', member, 'It needs a public key to encrypt to: send one with use enc.', dcr, 'SHOULD')
    if (isSigned.test(member) && useOf(alg) === 'sig' && !alg.startsWith('HS') && !has('sig', alg))
      find('R15', member, 'It needs a public key to verify with: send one with use sig.', dcr, 'SHOULD')
  }
}

/** The algorithms by which the client signs what the server verifies, apart from its authentication. */
const isSigned = /^(?:request_object|backchannel_authentication_request)_signing_alg$/

const keysOf = ({ jwks }: RegistrationRequest): JsonObject[] =>
  Array.isArray(jwks?.keys) ? jwks.keys.filter(isObject) : []

const isSecret = (key: JsonObject): boolean => key['kty'] === 'oct' || holdsSecret(key)
