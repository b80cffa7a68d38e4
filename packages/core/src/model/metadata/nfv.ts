import type { ContentEncryption, EncryptionAlgorithm, SigningAlgorithm } from '../values.ts'

/** The members for access tokens of network function virtualisation (ETSI GS NFV-SEC 022). */
export interface NfvMetadata {
  /** How NFV tokens are signed. Default: the server's choice (ETSI GS NFV-SEC 022). */
  nfv_token_signed_response_alg?: SigningAlgorithm | undefined
  /** How the key of encrypted NFV tokens is managed. Default: not encrypted (ETSI GS NFV-SEC 022). */
  nfv_token_encrypted_response_alg?: EncryptionAlgorithm | undefined
  /**
   * How the content of NFV tokens is encrypted; needs `nfv_token_encrypted_response_alg`. Default: the server's choice
   * (ETSI GS NFV-SEC 022).
   */
  nfv_token_encrypted_response_enc?: ContentEncryption | undefined
}
