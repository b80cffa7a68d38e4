import type { ServerFlags } from './server/flags.ts'
import type { ServerLists } from './server/lists.ts'

/**
 * What a registration needs to know of an authorization server (RFC 8414 section 2, OpenID Connect Discovery 1.0
 * section 3); unknown members stay. A list that is absent says nothing.
 */
export interface AuthorizationServer extends ServerLists, ServerFlags {
  /** The server's identifier, compared as an exact string (RFC 8414 section 3.3). */
  issuer: string
  /** Where clients register (RFC 7591 section 3); absent: they don't. It may lie on another host than the issuer. */
  registration_endpoint?: string | undefined
  /** Where access tokens come from (RFC 6749 section 3.2). */
  token_endpoint?: string | undefined
  /** Where users log in (RFC 6749 section 3.1); absent where no grant needs it. */
  authorization_endpoint?: string | undefined
  /** The server's public keys (RFC 8414 section 2). */
  jwks_uri?: string | undefined
  /** The server's public keys as a signed JWT (OpenID Federation 1.0 section 5.2.1). */
  signed_jwks_uri?: string | undefined
  /** Where claims about the user are read (OpenID Connect Core 1.0 section 5.3). */
  userinfo_endpoint?: string | undefined
  /** Where tokens are revoked (RFC 7009). */
  revocation_endpoint?: string | undefined
  /** Where tokens are introspected (RFC 7662). */
  introspection_endpoint?: string | undefined
  /** Where authorization requests are pushed (RFC 9126 section 5). */
  pushed_authorization_request_endpoint?: string | undefined
  /** Where devices without a browser start (RFC 8628 section 4). */
  device_authorization_endpoint?: string | undefined
  /** Where backchannel authentication starts (CIBA Core 1.0 section 4). */
  backchannel_authentication_endpoint?: string | undefined
  /** Where users are sent to log out (RP-Initiated Logout 1.0 section 2.1). */
  end_session_endpoint?: string | undefined
  /** The session frame (Session Management 1.0 section 3.3). */
  check_session_iframe?: string | undefined
  /** Where entity statements register a client in a federation; takes no JSON (OpenID Federation 1.0 section 5.1.3). */
  federation_registration_endpoint?: string | undefined
  /** The same endpoints for clients with a certificate, by the name of the endpoint (RFC 8705 section 5). */
  mtls_endpoint_aliases?: Record<string, unknown> | undefined
  /** A JWT of this metadata; its claims count more than the plain members (RFC 8414 section 2.1). */
  signed_metadata?: string | undefined
  /** For developers (RFC 8414 section 2). */
  service_documentation?: string | undefined
  /** What the server demands of clients; show it to whoever registers one (RFC 8414 section 2). */
  op_policy_uri?: string | undefined
  /** The server's terms of service; show them to whoever registers a client (RFC 8414 section 2). */
  op_tos_uri?: string | undefined
  /** Whatever else the server says, untouched. */
  [member: string]: unknown
}
