import type { PublicJwk } from '../jwk.ts'
import type { AuthenticationMethod, GrantType, ResponseType } from '../values.ts'

/** The members that RFC 7591 section 2 defines: OAuth 2.0 Dynamic Client Registration. */
export interface Rfc7591Metadata {
  /**
   * Where users come back to with a code or token: absolute URIs without fragment. Required for `authorization_code` and
   * `implicit`. Default: none. A server may replace any other value, these never (RFC 7591 section 2).
   */
  redirect_uris?: string[] | undefined
  /**
   * How the client proves itself at the token endpoint. Default: `client_secret_basic`, though some servers take
   * `client_secret_post`: say it, and use what the server echoes (RFC 7591 section 2).
   */
  token_endpoint_auth_method?: AuthenticationMethod | undefined
  /**
   * What the client will exchange for tokens. Default: `['authorization_code']`. Strict servers issue a refresh token
   * only where `refresh_token` is listed (RFC 7591 section 2).
   */
  grant_types?: GrantType[] | undefined
  /**
   * What the client will ask of the authorization endpoint. Default: `['code']`, even for a client that never goes
   * there: it says `[]` (RFC 7591 section 2).
   */
  response_types?: ResponseType[] | undefined
  /** The name that users see. Default: servers may show the `client_id` (RFC 7591 section 2). */
  client_name?: string | undefined
  /** A web page about the client. Default: none (RFC 7591 section 2). */
  client_uri?: string | undefined
  /** An image that stands for the client. Default: none (RFC 7591 section 2). */
  logo_uri?: string | undefined
  /**
   * The scope values that the client may ask for, separated by single spaces; never an array. Default: the server's
   * choice (RFC 7591 section 2).
   */
  scope?: string | undefined
  /** How to reach those responsible, usually e-mail addresses. Default: none (RFC 7591 section 2). */
  contacts?: string[] | undefined
  /** The client's terms of service for users. Default: none (RFC 7591 section 2). */
  tos_uri?: string | undefined
  /** How the client treats the data of its users. Default: none (RFC 7591 section 2). */
  policy_uri?: string | undefined
  /**
   * The https address of the client's public keys; never together with `jwks`. Default: none. It, or `jwks`, is required
   * for `private_key_jwt`, `self_signed_tls_client_auth` and asymmetrically encrypted answers (RFC 7591 section 2).
   */
  jwks_uri?: string | undefined
  /** The client's public keys by value, for clients that can't host a `jwks_uri`. Default: none (RFC 7591 section 2). */
  jwks?: { keys?: PublicJwk[] | undefined } | undefined
  /** Names the software, the same for all its instances and versions; a UUID, for one. Default: none (RFC 7591 section 2). */
  software_id?: string | undefined
  /** The version of the software that `software_id` names; compared as a text. Default: none (RFC 7591 section 2). */
  software_version?: string | undefined
  /** `client_name` in the language of a BCP 47 tag: `client_name#fr` (RFC 7591 section 2.2). */
  [localized: `client_name#${string}`]: string | undefined
  /** `client_uri` in the language of a BCP 47 tag (RFC 7591 section 2.2). */
  [localized: `client_uri#${string}`]: string | undefined
  /** `logo_uri` in the language of a BCP 47 tag (RFC 7591 section 2.2). */
  [localized: `logo_uri#${string}`]: string | undefined
  /** `tos_uri` in the language of a BCP 47 tag (RFC 7591 section 2.2). */
  [localized: `tos_uri#${string}`]: string | undefined
  /** `policy_uri` in the language of a BCP 47 tag (RFC 7591 section 2.2). */
  [localized: `policy_uri#${string}`]: string | undefined
}
