import type { ContentEncryption, OpenString } from '../values.ts'

/** The members for verifiable credentials and attachments: OpenID4VP, OpenID4VCI, OpenID Attachments. */
export interface CredentialMetadata {
  /** How presentations may be encrypted for this verifier. Default: `['A128GCM']` (OpenID4VP 1.0 section 5.1). */
  encrypted_response_enc_values_supported?: ContentEncryption[] | undefined
  /**
   * The credential formats that this verifier reads, each with what it demands of them. Default: none. Required for a
   * verifier that the wallet does not know otherwise (OpenID4VP 1.0 section 11.1).
   */
  vp_formats_supported?: Record<string, unknown> | undefined
  /** Where an issuer sends a credential offer to this wallet. Default: none (OpenID4VCI 1.0 section 12.1). */
  credential_offer_endpoint?: string | undefined
  /** The hash that attachments are named by. Default: `sha-256` (OpenID Attachments 1.0, client registration). */
  digest_algorithm?: OpenString<'sha-256'> | undefined
}
