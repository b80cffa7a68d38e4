/** A JSON Web Key (RFC 7517). The type does not say whether the key holds a secret. */
export interface Jwk {
  kty: string
  kid?: string | undefined
  alg?: string | undefined
  [member: string]: unknown
}

/** A public JSON Web Key as a client publishes it: the members that RFC 7517, 7518 and 8037 name for public keys. */
export type PublicJwk = {
  /** The family of the key: `RSA`, `EC`, `OKP` … (RFC 7517 section 4.1). */
  kty?: string
  /** What the key is for: `sig` or `enc`; required where the set holds both kinds (RFC 7517 section 4.2). */
  use?: string
  /** The operations that the key is for (RFC 7517 section 4.3). */
  key_ops?: string[]
  /** The algorithm that the key is for (RFC 7517 section 4.4). */
  alg?: string
  /** Names the key within its set (RFC 7517 section 4.5). */
  kid?: string
  /** The curve of an `EC` or `OKP` key (RFC 7518 section 6.2, RFC 8037). */
  crv?: string
  /** The x coordinate, or an `OKP` key itself. */
  x?: string
  /** The y coordinate of an `EC` key. */
  y?: string
  /** The modulus of an `RSA` key. */
  n?: string
  /** The exponent of an `RSA` key. */
  e?: string
  /** The certificate chain of the key, base64, the key's own first (RFC 7517 section 4.7). */
  x5c?: string[]
  /** Where the certificate chain lies (RFC 7517 section 4.6). */
  x5u?: string
  /** SHA-1 thumbprint of the certificate (RFC 7517 section 4.8). */
  x5t?: string
  /** SHA-256 thumbprint of the certificate (RFC 7517 section 4.9). */
  'x5t#S256'?: string
}

/** A set of public keys (RFC 7517 section 5). */
export interface JwkSet {
  /** The keys, in the order of preference. */
  keys: PublicJwk[]
}

/** The secret members of a JWK: those of a private key, and the one of a symmetric key. */
export const secretKeyMembers: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** Whether a JWK is more than a public key. Workers export every member that a JWK can have, absent ones as `undefined`. */
export const holdsSecret = (jwk: object): boolean =>
  secretKeyMembers.some((member) => Object.hasOwn(jwk, member) && Reflect.get(jwk, member) !== undefined)

/** Whether an algorithm takes its key from a client secret (OIDC Core 1.0 sections 10.1 and 10.2). */
export const takesSecret = (alg: unknown): boolean =>
  typeof alg === 'string' && /^(?:HS\d|dir$|A\d+(?:GCM)?KW$)/.test(alg)
