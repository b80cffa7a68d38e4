import type { ContentEncryption, EncryptionAlgorithm, SigningAlgorithm } from '../values.ts'

/** The members about tokens after they were issued: RFC 9449 (DPoP) and RFC 9701 (signed introspection answers). */
export interface TokenMetadata {
  /** The client always binds its access tokens to a key of its own. Default: false (RFC 9449 section 5.2). */
  dpop_bound_access_tokens?: boolean | undefined
  /** How introspection answers to this client are signed. Default: `RS256` (RFC 9701 section 6). */
  introspection_signed_response_alg?: SigningAlgorithm | undefined
  /** How the key of encrypted introspection answers is managed. Default: they are not encrypted (RFC 9701 section 6). */
  introspection_encrypted_response_alg?: EncryptionAlgorithm | undefined
  /**
   * How the content of introspection answers is encrypted; needs `introspection_encrypted_response_alg`. Default with it:
   * `A128CBC-HS256` (RFC 9701 section 6).
   */
  introspection_encrypted_response_enc?: ContentEncryption | undefined
}
