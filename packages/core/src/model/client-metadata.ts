import type { PublicJwk } from './jwk.ts'
import type {
  AuthorizationRequestMetadata,
  AuthorizationResponseMetadata,
  BackchannelMetadata,
  CredentialMetadata,
  FederationMetadata,
  MutualTlsMetadata,
  NfvMetadata,
  TokenMetadata,
  UmaMetadata,
} from './metadata-extensions.ts'
import type {
  ApplicationType,
  AuthenticationMethod,
  ContentEncryption,
  EncryptionAlgorithm,
  GrantType,
  OpenString,
  ResponseType,
  SigningAlgorithm,
  SubjectType,
} from './values.ts'

/** The members that RFC 7591 section 2 defines: OAuth 2.0 Dynamic Client Registration. */
export interface Rfc7591Metadata {
  /**
   * Where users come back to with a code or token: absolute URIs without fragment. Required for `authorization_code` and
   * `implicit`. Default: none. A server may replace other members, never these (RFC 7591 section 2).
   */
  redirect_uris?: string[]
  /**
   * How the client proves itself at the token endpoint. Default: `client_secret_basic`, though some servers assume
   * `client_secret_post`: always send it, and use the method that the server echoes (RFC 7591 section 2).
   */
  token_endpoint_auth_method?: AuthenticationMethod
  /**
   * What the client will exchange for tokens. Default: `['authorization_code']`. Strict servers issue a refresh token
   * only where `refresh_token` is listed (RFC 7591 section 2).
   */
  grant_types?: GrantType[]
  /**
   * What the client will ask of the authorization endpoint. Default: `['code']`, even for a client that never uses that
   * endpoint: such a client sends `[]` (RFC 7591 section 2).
   */
  response_types?: ResponseType[]
  /** The name that users see. Default: servers may show the `client_id` (RFC 7591 section 2). */
  client_name?: string
  /** A web page about the client. Default: none (RFC 7591 section 2). */
  client_uri?: string
  /** An image that stands for the client. Default: none (RFC 7591 section 2). */
  logo_uri?: string
  /**
   * The scope values that the client may ask for, separated by single spaces; never an array. Default: the server's
   * choice (RFC 7591 section 2).
   */
  scope?: string
  /** How to reach the people responsible for the client, usually e-mail addresses. Default: none (RFC 7591 section 2). */
  contacts?: string[]
  /** The address of the client's terms of service for users. Default: none (RFC 7591 section 2). */
  tos_uri?: string
  /** The address of a page on how the client treats the data of its users. Default: none (RFC 7591 section 2). */
  policy_uri?: string
  /**
   * The https address of the client's public keys; never together with `jwks`. Default: none. It, or `jwks`, is required
   * for `private_key_jwt`, `self_signed_tls_client_auth` and asymmetrically encrypted answers (RFC 7591 section 2).
   */
  jwks_uri?: string
  /** The client's public keys by value, for clients that can't host a `jwks_uri`. Default: none (RFC 7591 section 2). */
  jwks?: { keys?: PublicJwk[] }
  /** Names the software, the same for all its instances and versions; a UUID, for one. Default: none (RFC 7591 section 2). */
  software_id?: string
  /** The version of the software that `software_id` names; compared as a text. Default: none (RFC 7591 section 2). */
  software_version?: string
}

/** The members that OpenID Connect Dynamic Client Registration 1.0 section 2 adds ("DCR" below). */
export interface OpenIdMetadata {
  /**
   * Where the client runs, which decides what redirect URIs are allowed. Default: `web`. A request has only
   * `web` or `native`; servers answer other values too (DCR section 2).
   */
  application_type?: OpenString<ApplicationType>
  /**
   * An https address of a JSON array that lists every redirect URI; its host stands for the client in pairwise subjects.
   * Default: none. Required for `pairwise` with redirect URIs on several hosts (DCR sections 2 and 5).
   */
  sector_identifier_uri?: string
  /** Whether users have another subject at every client (`pairwise`). Default: the server's choice (DCR section 2). */
  subject_type?: SubjectType
  /**
   * How ID tokens are signed. Default: `RS256`. `none` only where no ID token comes from the authorization endpoint
   * (DCR section 2).
   */
  id_token_signed_response_alg?: SigningAlgorithm
  /** How the key of encrypted ID tokens is managed. Default: ID tokens are not encrypted (DCR section 2). */
  id_token_encrypted_response_alg?: EncryptionAlgorithm
  /**
   * How the content of ID tokens is encrypted; needs `id_token_encrypted_response_alg`. Default with it: `A128CBC-HS256`
   * (DCR section 2).
   */
  id_token_encrypted_response_enc?: ContentEncryption
  /** How UserInfo answers are signed. Default: they are plain JSON (DCR section 2). */
  userinfo_signed_response_alg?: SigningAlgorithm
  /** How the key of encrypted UserInfo answers is managed. Default: they are not encrypted (DCR section 2). */
  userinfo_encrypted_response_alg?: EncryptionAlgorithm
  /**
   * How the content of UserInfo answers is encrypted; needs `userinfo_encrypted_response_alg`. Default with it:
   * `A128CBC-HS256` (DCR section 2).
   */
  userinfo_encrypted_response_enc?: ContentEncryption
  /** The one algorithm that request objects are signed with. Default: any that both sides know (DCR section 2). */
  request_object_signing_alg?: SigningAlgorithm
  /** How the key of encrypted request objects is managed. Default: the client may or may not encrypt (DCR section 2). */
  request_object_encryption_alg?: EncryptionAlgorithm
  /**
   * How the content of request objects is encrypted; needs `request_object_encryption_alg`. Default with it:
   * `A128CBC-HS256` (DCR section 2).
   */
  request_object_encryption_enc?: ContentEncryption
  /**
   * The one algorithm that assertions for `private_key_jwt` or `client_secret_jwt` are signed with, never `none`.
   * Default: any that both sides know (DCR section 2).
   */
  token_endpoint_auth_signing_alg?: SigningAlgorithm
  /** How old a login may be, in seconds, before the user has to log in again. Default: no limit (DCR section 2). */
  default_max_age?: number
  /** ID tokens must say when the user logged in (`auth_time`). Default: false (DCR section 2). */
  require_auth_time?: boolean
  /** Classes of authentication to ask for, the preferred one first. Default: none (DCR section 2). */
  default_acr_values?: string[]
  /** The https address where a third party starts a login; takes GET and POST. Default: none (DCR section 2). */
  initiate_login_uri?: string
  /**
   * Addresses of request objects that the server may fetch ahead; https unless signed, and the fragment may hold their
   * hash. Default: none (DCR section 2).
   */
  request_uris?: string[]
}

/** The members of OpenID Connect Front-Channel Logout, Back-Channel Logout and RP-Initiated Logout 1.0. */
export interface LogoutMetadata {
  /**
   * What the user's browser loads, in a frame, when the session at the server ends. Default: none
   * (Front-Channel Logout section 2).
   */
  frontchannel_logout_uri?: string
  /** The front-channel call must name issuer and session. Default: false (Front-Channel Logout section 2). */
  frontchannel_logout_session_required?: boolean
  /**
   * Where the server posts a logout token when the session ends; no fragment. Default: none
   * (Back-Channel Logout section 2.2).
   */
  backchannel_logout_uri?: string
  /** The logout token must name the session (`sid`). Default: false (Back-Channel Logout section 2.2). */
  backchannel_logout_session_required?: boolean
  /** Where users may be sent after they logged out at the server. Default: none (RP-Initiated Logout section 3.1). */
  post_logout_redirect_uris?: string[]
}

/** The members that users see, in the language of a BCP 47 tag: `client_name#fr` (RFC 7591 section 2.2). */
export interface LocalizedMetadata {
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
  /** `organization_name` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `organization_name#${string}`]: string | undefined
  /** `description` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `description#${string}`]: string | undefined
  /** `keywords` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `keywords#${string}`]: string[] | undefined
  /** `information_uri` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `information_uri#${string}`]: string | undefined
  /** `organization_uri` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `organization_uri#${string}`]: string | undefined
}

/** Every standard member that travels both ways, each in one language. */
export interface StandardMetadata
  extends
    Rfc7591Metadata,
    OpenIdMetadata,
    LogoutMetadata,
    MutualTlsMetadata,
    AuthorizationRequestMetadata,
    AuthorizationResponseMetadata,
    BackchannelMetadata,
    TokenMetadata,
    FederationMetadata,
    CredentialMetadata,
    UmaMetadata,
    NfvMetadata {}

/**
 * The metadata of a client as a server answers them: every standard member that travels both ways, spelled as on the wire.
 * The default of a member is the value that holds when a request leaves the member out.
 */
export interface ClientMetadata extends StandardMetadata, LocalizedMetadata {}
