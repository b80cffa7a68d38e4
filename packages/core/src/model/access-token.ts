/** An access token as a token endpoint answers it (RFC 6749 section 5.1). */
export interface AccessToken {
  /** The token itself; a secret. */
  access_token: string
  /** How the server calls it; the scheme that we write is `Bearer` whatever stands here. */
  token_type?: string | undefined
  /** Lifetime in seconds, counted from the answer; absent means not stated. */
  expires_in?: number | undefined
}
