/** The members of OpenID Connect Front-Channel Logout, Back-Channel Logout and RP-Initiated Logout 1.0. */
export interface LogoutMetadata {
  /**
   * What the user's browser loads, in a frame, when the session at the server ends. Default: none
   * (Front-Channel Logout section 2).
   */
  frontchannel_logout_uri?: string | undefined
  /** The front-channel call must name issuer and session. Default: false (Front-Channel Logout section 2). */
  frontchannel_logout_session_required?: boolean | undefined
  /**
   * Where the server posts a logout token when the session ends; no fragment. Default: none
   * (Back-Channel Logout section 2.2).
   */
  backchannel_logout_uri?: string | undefined
  /** The logout token must name the session (`sid`). Default: false (Back-Channel Logout section 2.2). */
  backchannel_logout_session_required?: boolean | undefined
  /** Where users may be sent after they logged out at the server. Default: none (RP-Initiated Logout section 3.1). */
  post_logout_redirect_uris?: string[] | undefined
}
