/** A JSON Web Key (RFC 7517). Whether it holds a secret is for its holder to know. */
export interface Jwk {
  kty: string
  kid?: string | undefined
  alg?: string | undefined
  [member: string]: unknown
}

/** The members of a JWK that only its owner may know: private ones, and that of a symmetric key. */
export const secretKeyMembers: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** Whether a JWK is more than a public key. */
export const holdsSecret = (jwk: object): boolean => secretKeyMembers.some((member) => Object.hasOwn(jwk, member))
