/** The member of User-Managed Access (UMA) 2.0 Grant for OAuth 2.0 Authorization. */
export interface UmaMetadata {
  /** Where a user comes back to after interactive claims gathering: absolute URIs. Default: none (UMA 2.0 Grant section 2). */
  claims_redirect_uris?: string[] | undefined
}
