import type { SigningAlgorithm } from './model/values.ts'

/**
 * Members of a client's metadata that stand in drafts, or in one vendor's model only: any release may change or remove
 * them. A program opts in by the type parameter of a client: `new RegistrationClient<DraftMetadata, DraftMetadata>(…)`.
 */
export interface DraftMetadata {
  /** Where the server sends commands about accounts; https, no fragment. Default: none (OpenID Provider Commands draft 02). */
  command_endpoint?: string | undefined
  /** The types of subject identifier that the client knows. Default: none (Self-Issued OpenID Provider v2 draft section 7.5). */
  subject_syntax_types_supported?: readonly string[] | undefined
  /** The credential queries that a verifier may make. Default: none (OpenID Federation for Wallet Architectures draft). */
  dcql_queries?: readonly Record<string, unknown>[] | undefined
  /** The confirmation method of token binding. Default: none (Token Bound Authentication draft, which was given up). */
  id_token_token_binding_cnf?: string | undefined
  /** The SPIFFE ID that authenticates the client. Default: none (Authlete's model; no specification). */
  spiffe_id?: string | undefined
  /** The https address of the trust bundle of `spiffe_id`. Default: none (Authlete's model; no specification). */
  spiffe_bundle_endpoint?: string | undefined
}

/** Ways to authenticate that stand in a draft (OAuth 2.0 Attestation-Based Client Authentication); any string is accepted anyway. */
export type DraftAuthenticationMethod = 'attest_jwt_client_auth' | 'attest_jwt_client_auth_dpop'

/** Members of a server's metadata that stand in drafts. */
export interface DraftServerMetadata {
  /** A client may use the address of a document as its identifier and need not register. Default: false (Client ID Metadata Document draft). */
  client_id_metadata_document_supported?: boolean | undefined
  /** Where a challenge for an attestation is fetched (Attestation-Based Client Authentication draft). */
  challenge_endpoint?: string | undefined
  /** How attestations may be signed (Attestation-Based Client Authentication draft). */
  client_attestation_signing_alg_values_supported?: SigningAlgorithm[] | undefined
  /** How proofs of possession of an attested key may be signed (Attestation-Based Client Authentication draft). */
  client_attestation_pop_signing_alg_values_supported?: SigningAlgorithm[] | undefined
  /** How an attested key may be proved (Attestation-Based Client Authentication draft). */
  client_attestation_pop_methods_supported?: string[] | undefined
}
