import type { ContentEncryption, EncryptionAlgorithm, ResponseMode, SigningAlgorithm } from '../values.ts'

/** The members about how an authorization response comes back: JARM, and FAPI 2.0 Message Signing. */
export interface AuthorizationResponseMetadata {
  /** How responses in a `jwt` mode are signed, never `none`. Default: `RS256` (JARM section 3). */
  authorization_signed_response_alg?: SigningAlgorithm | undefined
  /** How the key of encrypted responses is managed. Default: responses are not encrypted (JARM section 3). */
  authorization_encrypted_response_alg?: EncryptionAlgorithm | undefined
  /**
   * How the content of responses is encrypted; needs `authorization_encrypted_response_alg`. Default with it:
   * `A128CBC-HS256` (JARM section 3).
   */
  authorization_encrypted_response_enc?: ContentEncryption | undefined
  /** The response modes that the client uses. Default: any (FAPI 2.0 Message Signing section 5.3.3). */
  response_modes?: ResponseMode[] | undefined
}
