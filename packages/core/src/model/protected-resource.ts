import type { PublicJwk } from './jwk.ts'
import type { OpenString, SigningAlgorithm } from './values.ts'

/**
 * What a protected resource says of itself (RFC 9728 section 2): where its authorization servers are, and what a client
 * should register with them. Unknown members stay.
 */
export interface ProtectedResource {
  /** The resource's identifier, compared as an exact string with the one that was asked for (RFC 9728 section 3.3). */
  resource: string
  /** Issuers of the authorization servers that it trusts (RFC 9728 section 2). */
  authorization_servers?: string[] | undefined
  /** The resource's public keys (RFC 9728 section 2). */
  jwks_uri?: string | undefined
  /** The resource's public keys by value (OpenID Federation 1.0 section 5.2.1). */
  jwks?: { keys?: PublicJwk[] | undefined } | undefined
  /** The resource's public keys as a signed JWT (OpenID Federation 1.0 section 5.2.1). */
  signed_jwks_uri?: string | undefined
  /** Scope values that it knows: candidates for a client's `scope` (RFC 9728 section 2). */
  scopes_supported?: string[] | undefined
  /** How it takes bearer tokens (RFC 9728 section 2). */
  bearer_methods_supported?: OpenString<'header' | 'body' | 'query'>[] | undefined
  /** How it signs its answers (RFC 9728 section 2). */
  resource_signing_alg_values_supported?: SigningAlgorithm[] | undefined
  /** Its name, for users (RFC 9728 section 2). */
  resource_name?: string | undefined
  /** For developers (RFC 9728 section 2). */
  resource_documentation?: string | undefined
  /** What it demands of clients (RFC 9728 section 2). */
  resource_policy_uri?: string | undefined
  /** Its terms of service (RFC 9728 section 2). */
  resource_tos_uri?: string | undefined
  /**
   * It takes tokens that are bound to a certificate: set the client's member of the same name. Default: false
   * (RFC 9728 section 2).
   */
  tls_client_certificate_bound_access_tokens?: boolean | undefined
  /** Types of `authorization_details` that it knows (RFC 9728 section 2). */
  authorization_details_types_supported?: string[] | undefined
  /** How DPoP proofs may be signed (RFC 9728 section 2). */
  dpop_signing_alg_values_supported?: SigningAlgorithm[] | undefined
  /** It takes only tokens that are bound by DPoP: set `dpop_bound_access_tokens`. Default: false (RFC 9728 section 2). */
  dpop_bound_access_tokens_required?: boolean | undefined
  /** A JWT of this metadata; its claims count more than the plain members (RFC 9728 section 2.2). */
  signed_metadata?: string | undefined
  /** Whatever else the resource says, untouched. */
  [member: string]: unknown
}
