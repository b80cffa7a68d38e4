import type {
  AuthenticationMethod,
  ContentEncryption,
  DeliveryMode,
  EncryptionAlgorithm,
  GrantType,
  JsonValue,
  OpenString,
  ResponseMode,
  ResponseType,
  SigningAlgorithm,
  SubjectType,
} from './values.ts'

/**
 * The metadata of an authorization server that a registration needs (RFC 8414 section 2, OpenID Connect Discovery 1.0
 * section 3); unknown members stay. An absent list does not say what the server supports.
 */
export interface AuthorizationServer extends ServerLists, ServerFlags {
  /** The server's identifier, compared as an exact string (RFC 8414 section 3.3). */
  issuer: string
  /** Where clients register (RFC 7591 section 3); absent where none can. It may lie on another host than the issuer. */
  registration_endpoint?: string
  /** Where access tokens come from (RFC 6749 section 3.2). */
  token_endpoint?: string
  /** Where users log in (RFC 6749 section 3.1); absent where no grant needs it. */
  authorization_endpoint?: string
  /** The server's public keys (RFC 8414 section 2). */
  jwks_uri?: string
  /** The server's public keys as a signed JWT (OpenID Federation 1.0 section 5.2.1). */
  signed_jwks_uri?: string
  /** Where claims about the user are read (OpenID Connect Core 1.0 section 5.3). */
  userinfo_endpoint?: string
  /** Where tokens are revoked (RFC 7009). */
  revocation_endpoint?: string
  /** Where tokens are introspected (RFC 7662). */
  introspection_endpoint?: string
  /** Where authorization requests are pushed (RFC 9126 section 5). */
  pushed_authorization_request_endpoint?: string
  /** Where devices without a browser start (RFC 8628 section 4). */
  device_authorization_endpoint?: string
  /** Where backchannel authentication starts (CIBA Core 1.0 section 4). */
  backchannel_authentication_endpoint?: string
  /** Where users are sent to log out (RP-Initiated Logout 1.0 section 2.1). */
  end_session_endpoint?: string
  /** The session frame (Session Management 1.0 section 3.3). */
  check_session_iframe?: string
  /** Where entity statements register a client in a federation; takes no JSON (OpenID Federation 1.0 section 5.1.3). */
  federation_registration_endpoint?: string
  /** The same endpoints for clients with a certificate, by the name of the endpoint (RFC 8705 section 5). */
  mtls_endpoint_aliases?: Record<string, string | undefined>
  /** A JWT of this metadata; its claims count more than the plain members (RFC 8414 section 2.1). */
  signed_metadata?: string
  /** A page for developers (RFC 8414 section 2). */
  service_documentation?: string
  /** What the server demands of clients; show it to whoever registers one (RFC 8414 section 2). */
  op_policy_uri?: string
  /** The server's terms of service; show them to whoever registers a client (RFC 8414 section 2). */
  op_tos_uri?: string
  /**
   * Every other member that the server sends, untouched; but a member that is named as a list (`s_supported`) or an address
   * (`_endpoint`, `_uri`) is one, or absent.
   */
  [member: string]: JsonValue | undefined
}

/** What a server supports, as lists; an absent list says nothing. */
export interface ServerLists {
  /** Scope values; not all have to be named (RFC 8414 section 2). */
  scopes_supported?: string[]
  /** Response types; a complete metadata document has this list (RFC 8414 section 2). */
  response_types_supported?: ResponseType[]
  /** Response modes. Default: `query` and `fragment` (RFC 8414 section 2). */
  response_modes_supported?: ResponseMode[]
  /** Grant types. Default: `authorization_code` and `implicit`, which is often not the truth (RFC 8414 section 2). */
  grant_types_supported?: GrantType[]
  /** How clients may authenticate at the token endpoint. Default: `client_secret_basic` (RFC 8414 section 2). */
  token_endpoint_auth_methods_supported?: AuthenticationMethod[]
  /** How assertions for `private_key_jwt` and `client_secret_jwt` may be signed, never `none` (RFC 8414 section 2). */
  token_endpoint_auth_signing_alg_values_supported?: SigningAlgorithm[]
  /** How clients may authenticate at the revocation endpoint (RFC 8414 section 2). */
  revocation_endpoint_auth_methods_supported?: AuthenticationMethod[]
  /** How assertions for the revocation endpoint may be signed (RFC 8414 section 2). */
  revocation_endpoint_auth_signing_alg_values_supported?: SigningAlgorithm[]
  /** How clients may authenticate at the introspection endpoint (RFC 8414 section 2). */
  introspection_endpoint_auth_methods_supported?: AuthenticationMethod[]
  /** How assertions for the introspection endpoint may be signed (RFC 8414 section 2). */
  introspection_endpoint_auth_signing_alg_values_supported?: SigningAlgorithm[]
  /** Methods of PKCE; `S256` should be one of them (RFC 8414 section 2). */
  code_challenge_methods_supported?: OpenString<'S256' | 'plain'>[]
  /** Languages of the server's pages, BCP 47 (RFC 8414 section 2). */
  ui_locales_supported?: string[]
  /** Subject types (OpenID Connect Discovery 1.0 section 3). */
  subject_types_supported?: SubjectType[]
  /** How ID tokens can be signed, `RS256` among them (OpenID Connect Discovery 1.0 section 3). */
  id_token_signing_alg_values_supported?: SigningAlgorithm[]
  /** How the key of encrypted ID tokens can be managed (OpenID Connect Discovery 1.0 section 3). */
  id_token_encryption_alg_values_supported?: EncryptionAlgorithm[]
  /** How the content of ID tokens can be encrypted (OpenID Connect Discovery 1.0 section 3). */
  id_token_encryption_enc_values_supported?: ContentEncryption[]
  /** How UserInfo answers can be signed (OpenID Connect Discovery 1.0 section 3). */
  userinfo_signing_alg_values_supported?: SigningAlgorithm[]
  /** How the key of encrypted UserInfo answers can be managed (OpenID Connect Discovery 1.0 section 3). */
  userinfo_encryption_alg_values_supported?: EncryptionAlgorithm[]
  /** How the content of UserInfo answers can be encrypted (OpenID Connect Discovery 1.0 section 3). */
  userinfo_encryption_enc_values_supported?: ContentEncryption[]
  /** How request objects may be signed (OpenID Connect Discovery 1.0 section 3). */
  request_object_signing_alg_values_supported?: SigningAlgorithm[]
  /** How the key of encrypted request objects may be managed (OpenID Connect Discovery 1.0 section 3). */
  request_object_encryption_alg_values_supported?: EncryptionAlgorithm[]
  /** How the content of request objects may be encrypted (OpenID Connect Discovery 1.0 section 3). */
  request_object_encryption_enc_values_supported?: ContentEncryption[]
  /** Classes of authentication (OpenID Connect Discovery 1.0 section 3). */
  acr_values_supported?: string[]
  /** Claims that the server may give (OpenID Connect Discovery 1.0 section 3). */
  claims_supported?: string[]
  /** How authorization responses can be signed (JARM section 4). */
  authorization_signing_alg_values_supported?: SigningAlgorithm[]
  /** How the key of encrypted authorization responses can be managed (JARM section 4). */
  authorization_encryption_alg_values_supported?: EncryptionAlgorithm[]
  /** How the content of authorization responses can be encrypted (JARM section 4). */
  authorization_encryption_enc_values_supported?: ContentEncryption[]
  /** How introspection answers can be signed (RFC 9701 section 7). */
  introspection_signing_alg_values_supported?: SigningAlgorithm[]
  /** How the key of encrypted introspection answers can be managed (RFC 9701 section 7). */
  introspection_encryption_alg_values_supported?: EncryptionAlgorithm[]
  /** How the content of introspection answers can be encrypted (RFC 9701 section 7). */
  introspection_encryption_enc_values_supported?: ContentEncryption[]
  /** How NFV tokens can be signed (ETSI GS NFV-SEC 022). */
  nfv_token_signing_alg_values_supported?: SigningAlgorithm[]
  /** How the key of encrypted NFV tokens can be managed (ETSI GS NFV-SEC 022). */
  nfv_token_encryption_alg_values_supported?: EncryptionAlgorithm[]
  /** How the content of NFV tokens can be encrypted (ETSI GS NFV-SEC 022). */
  nfv_token_encryption_enc_values_supported?: ContentEncryption[]
  /** How a client can learn that the user has answered (CIBA Core 1.0 section 4). */
  backchannel_token_delivery_modes_supported?: OpenString<DeliveryMode>[]
  /** How backchannel authentication requests may be signed; absent: they are not (CIBA Core 1.0 section 4). */
  backchannel_authentication_request_signing_alg_values_supported?: SigningAlgorithm[]
  /** Types of `authorization_details` (RFC 9396 section 10). */
  authorization_details_types_supported?: string[]
  /** How DPoP proofs may be signed (RFC 9449 section 5.1). */
  dpop_signing_alg_values_supported?: SigningAlgorithm[]
  /** How clients get known in a federation (OpenID Federation 1.0 section 5.1.3). */
  client_registration_types_supported?: OpenString<'automatic' | 'explicit'>[]
  /** Resources that this server protects (RFC 9728 section 4). */
  protected_resources?: string[]
  /** Values of `prompt` (Initiating User Registration via OpenID Connect 1.0 section 4.2). */
  prompt_values_supported?: string[]
  /** Hashes that attachments may be named by (OpenID Attachments 1.0, provider metadata). */
  digest_algorithms_supported?: OpenString<'sha-256'>[]
  /** How software statements may be signed (HL7 UDAP Security, discovery). */
  registration_endpoint_jwt_signing_alg_values_supported?: SigningAlgorithm[]
}

/** What a server says of itself with true or false. Default of each, where no other is named: false. */
export interface ServerFlags {
  /** Takes request objects by value (OpenID Connect Discovery 1.0 section 3). */
  request_parameter_supported?: boolean
  /** Takes request objects by address. Default: true (OpenID Connect Discovery 1.0 section 3). */
  request_uri_parameter_supported?: boolean
  /** Addresses of request objects have to be registered (OpenID Connect Discovery 1.0 section 3). */
  require_request_uri_registration?: boolean
  /** Takes the `claims` parameter (OpenID Connect Discovery 1.0 section 3). */
  claims_parameter_supported?: boolean
  /** Takes authorization requests only as signed request objects (RFC 9101 section 10.5). */
  require_signed_request_object?: boolean
  /** Takes authorization requests only where they were pushed (RFC 9126 section 5). */
  require_pushed_authorization_requests?: boolean
  /** Can bind access tokens to a client certificate (RFC 8705 section 3.3). */
  tls_client_certificate_bound_access_tokens?: boolean
  /** Names itself in authorization responses (RFC 9207 section 3). */
  authorization_response_iss_parameter_supported?: boolean
  /** Loads `frontchannel_logout_uri` (Front-Channel Logout 1.0 section 3). */
  frontchannel_logout_supported?: boolean
  /** Names the session in a front-channel call (Front-Channel Logout 1.0 section 3). */
  frontchannel_logout_session_supported?: boolean
  /** Posts to `backchannel_logout_uri` (Back-Channel Logout 1.0 section 2.1). */
  backchannel_logout_supported?: boolean
  /** Names the session in a logout token (Back-Channel Logout 1.0 section 2.1). */
  backchannel_logout_session_supported?: boolean
  /** Takes a code that only the user knows (CIBA Core 1.0 section 4). */
  backchannel_user_code_parameter_supported?: boolean
}

/** An access token as a token endpoint answers it (RFC 6749 section 5.1). */
export interface AccessToken {
  /** The token itself; a secret. */
  access_token: string
  /**
   * The type of the token (RFC 6749 section 7.1): `Bearer`, or `DPoP`, which is sent together with a proof of possession. A
   * token of another type is never sent, unless `scheme` says how.
   */
  token_type?: string | undefined
  /** The authorization scheme that the token is sent under, verbatim: `Basic`, `SSWS` … Default: what `token_type` says. */
  scheme?: string | undefined
  /** Lifetime in seconds, counted from the answer; absent where the server does not state it. */
  expires_in?: number | undefined
}

/** How a client with a secret authenticates where no method is declared: the first of `ways` that is listed, else basic. */
export function methodByList({ token_endpoint_auth_methods_supported: list = [] }: AuthorizationServer): string {
  const ways = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']
  return ways.find((way) => list.includes(way)) ?? 'client_secret_basic'
}
