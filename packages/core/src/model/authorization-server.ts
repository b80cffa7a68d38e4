/** What a registration needs to know of an authorization server (RFC 8414 section 2); unknown members stay. */
export interface AuthorizationServer {
  /** The server's identifier, compared as an exact string (RFC 8414 section 3.3). */
  issuer: string
  /** Where clients register (RFC 7591 section 3). */
  registration_endpoint?: string | undefined
  /** Where access tokens come from (RFC 6749 section 3.2). */
  token_endpoint?: string | undefined
  [member: string]: unknown
}
