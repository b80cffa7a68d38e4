/** A value that editors complete from a list, while any other string is accepted too. */
export type OpenString<Known extends string> = Known | (string & Record<never, never>)

/**
 * How a client authenticates at the token endpoint, and at those of revocation, introspection, PAR and CIBA
 * (IANA "OAuth Token Endpoint Authentication Methods"). Any absolute URI is a method too (RFC 7591 section 2).
 */
export type AuthenticationMethod = OpenString<
  | 'none'
  | 'client_secret_post'
  | 'client_secret_basic'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
>

/** What a client may exchange for a token at the token endpoint (RFC 7591 section 2). Any absolute URI is a grant type too. */
export type GrantType = OpenString<
  | 'authorization_code'
  | 'implicit'
  | 'password'
  | 'client_credentials'
  | 'refresh_token'
  | 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  | 'urn:ietf:params:oauth:grant-type:saml2-bearer'
  | 'urn:ietf:params:oauth:grant-type:device_code'
  | 'urn:ietf:params:oauth:grant-type:token-exchange'
  | 'urn:openid:params:grant-type:ciba'
  | 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
  | 'urn:ietf:params:oauth:grant-type:uma-ticket'
>

/**
 * What an authorization endpoint answers with: words separated by spaces, in any order
 * (IANA "OAuth Authorization Endpoint Response Types").
 */
export type ResponseType = OpenString<
  | 'code'
  | 'code id_token'
  | 'code id_token token'
  | 'code token'
  | 'id_token'
  | 'id_token token'
  | 'none'
  | 'token'
  | 'vp_token'
  | 'vp_token id_token'
>

/** How an authorization response travels (OAuth 2.0 Multiple Response Type Encoding Practices, JARM, OpenID4VP). */
export type ResponseMode = OpenString<
  | 'query'
  | 'fragment'
  | 'form_post'
  | 'jwt'
  | 'query.jwt'
  | 'fragment.jwt'
  | 'form_post.jwt'
  | 'web_message'
  | 'direct_post'
  | 'direct_post.jwt'
  | 'dc_api'
  | 'dc_api.jwt'
>

/** A signature or MAC algorithm (IANA "JSON Web Signature and Encryption Algorithms", RFC 7518 section 3.1). */
export type SigningAlgorithm = OpenString<
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'none'
>

/** A key management algorithm of JWE (RFC 7518 section 4.1). `RSA1_5` is deprecated, and some servers still default to it. */
export type EncryptionAlgorithm = OpenString<
  | 'RSA-OAEP'
  | 'RSA-OAEP-256'
  | 'ECDH-ES'
  | 'ECDH-ES+A128KW'
  | 'ECDH-ES+A192KW'
  | 'ECDH-ES+A256KW'
  | 'A128KW'
  | 'A192KW'
  | 'A256KW'
  | 'A128GCMKW'
  | 'A192GCMKW'
  | 'A256GCMKW'
  | 'dir'
  | 'RSA1_5'
>

/** A content encryption algorithm of JWE (RFC 7518 section 5.1). */
export type ContentEncryption = OpenString<
  'A128CBC-HS256' | 'A192CBC-HS384' | 'A256CBC-HS512' | 'A128GCM' | 'A192GCM' | 'A256GCM'
>

/** Whether all clients see the same subject for a user (OpenID Connect Core 1.0 section 8). */
export type SubjectType = OpenString<'pairwise' | 'public'>

/** Where a client runs; closed by OpenID Connect Dynamic Client Registration 1.0 section 2. */
export type ApplicationType = 'web' | 'native'

/** How a client learns that a user has answered; closed by OpenID Connect CIBA Core 1.0 section 5. */
export type DeliveryMode = 'poll' | 'ping' | 'push'

/** A value, or a promise of it: what a strategy function may return. */
export type Awaitable<T> = T | Promise<T>

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [member: string]: JsonValue | undefined }

/** A value as a caller may give it: lists may be read-only (`as const`), and an optional member may be `undefined`. */
export type Given<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : { [M in keyof T]: {} extends Pick<T, M> ? Given<T[M]> | undefined : Given<T[M]> }

/** JSON with the members of every object in one order, so that equal values have equal texts. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )

/** Bytes as JOSE writes them (RFC 7515 section 2). */
export const base64url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** Whether a value names a client that was registered by hand. An empty text counts as missing: the variable was not set. */
export const namesItself = (value: unknown): boolean => {
  const { issuer, client_id: id, client_secret = id, token_endpoint_auth_method = id } = Object(value)
  return [issuer, id, client_secret, token_endpoint_auth_method].every((it) => typeof it === 'string' && it !== '')
}
