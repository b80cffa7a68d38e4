/** An access token as a token endpoint answers it (RFC 6749 section 5.1). */
export interface AccessToken {
  /** The token itself; a secret. */
  access_token: string
  /** How the server calls it. `DPoP` is sent under that scheme together with our own proof, anything else as `Bearer`. */
  token_type?: string | undefined
  /** Lifetime in seconds, counted from the answer; absent means not stated. */
  expires_in?: number | undefined
}
