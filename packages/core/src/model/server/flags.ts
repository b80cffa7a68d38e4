/** What a server says of itself with true or false. Default of each, where no other is named: false. */
export interface ServerFlags {
  /** Takes request objects by value (OpenID Connect Discovery 1.0 section 3). */
  request_parameter_supported?: boolean | undefined
  /** Takes request objects by address. Default: true (OpenID Connect Discovery 1.0 section 3). */
  request_uri_parameter_supported?: boolean | undefined
  /** Addresses of request objects have to be registered (OpenID Connect Discovery 1.0 section 3). */
  require_request_uri_registration?: boolean | undefined
  /** Takes the `claims` parameter (OpenID Connect Discovery 1.0 section 3). */
  claims_parameter_supported?: boolean | undefined
  /** Takes authorization requests only as signed request objects (RFC 9101 section 10.5). */
  require_signed_request_object?: boolean | undefined
  /** Takes authorization requests only where they were pushed (RFC 9126 section 5). */
  require_pushed_authorization_requests?: boolean | undefined
  /** Can bind access tokens to a client certificate (RFC 8705 section 3.3). */
  tls_client_certificate_bound_access_tokens?: boolean | undefined
  /** Names itself in authorization responses (RFC 9207 section 3). */
  authorization_response_iss_parameter_supported?: boolean | undefined
  /** Loads `frontchannel_logout_uri` (Front-Channel Logout 1.0 section 3). */
  frontchannel_logout_supported?: boolean | undefined
  /** Names the session in a front-channel call (Front-Channel Logout 1.0 section 3). */
  frontchannel_logout_session_supported?: boolean | undefined
  /** Posts to `backchannel_logout_uri` (Back-Channel Logout 1.0 section 2.1). */
  backchannel_logout_supported?: boolean | undefined
  /** Names the session in a logout token (Back-Channel Logout 1.0 section 2.1). */
  backchannel_logout_session_supported?: boolean | undefined
  /** Takes a code that only the user knows (CIBA Core 1.0 section 4). */
  backchannel_user_code_parameter_supported?: boolean | undefined
}
