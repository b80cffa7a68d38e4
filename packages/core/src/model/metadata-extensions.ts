import type {
  AuthenticationMethod,
  ContentEncryption,
  DeliveryMode,
  EncryptionAlgorithm,
  JsonValue,
  OpenString,
  ResponseMode,
  SigningAlgorithm,
  SubjectType,
} from './values.ts'

/** The members about how an authorization request is made: RFC 9101 (JAR), RFC 9126 (PAR), RFC 9396 (RAR). */
export interface AuthorizationRequestMetadata {
  /** The client always sends its requests as signed request objects. Default: false (RFC 9101 section 10.5). */
  require_signed_request_object?: boolean
  /** The client always pushes its authorization requests first. Default: false (RFC 9126 section 6). */
  require_pushed_authorization_requests?: boolean
  /** The `type` values of `authorization_details` that the client uses. Default: none (RFC 9396 section 10). */
  authorization_details_types?: string[]
}

/** The members about how an authorization response comes back: JARM, and FAPI 2.0 Message Signing. */
export interface AuthorizationResponseMetadata {
  /** How responses in a `jwt` mode are signed, never `none`. Default: `RS256` (JARM section 3). */
  authorization_signed_response_alg?: SigningAlgorithm
  /** How the key of encrypted responses is managed. Default: responses are not encrypted (JARM section 3). */
  authorization_encrypted_response_alg?: EncryptionAlgorithm
  /**
   * How the content of responses is encrypted; needs `authorization_encrypted_response_alg`. Default with it:
   * `A128CBC-HS256` (JARM section 3).
   */
  authorization_encrypted_response_enc?: ContentEncryption
  /** The response modes that the client uses. Default: any (FAPI 2.0 Message Signing section 5.3.3). */
  response_modes?: ResponseMode[]
}

/** The members of OpenID Connect Client-Initiated Backchannel Authentication (CIBA Core 1.0) section 4. */
export interface BackchannelMetadata {
  /**
   * How the client learns that the user has answered. Default: none. Required with the CIBA grant; a request has only
   * `poll`, `ping` or `push` (CIBA section 4).
   */
  backchannel_token_delivery_mode?: OpenString<DeliveryMode>
  /** The https address that the server calls. Default: none. Required for `ping` and `push` (CIBA section 4). */
  backchannel_client_notification_endpoint?: string
  /** The asymmetric algorithm of signed authentication requests. Default: they are not signed (CIBA section 4). */
  backchannel_authentication_request_signing_alg?: SigningAlgorithm
  /** The client sends a code that only the user knows. Default: false (CIBA section 4). */
  backchannel_user_code_parameter?: boolean
}

/** The members about tokens after they were issued: RFC 9449 (DPoP) and RFC 9701 (signed introspection answers). */
export interface TokenMetadata {
  /** The client always binds its access tokens to a key of its own. Default: false (RFC 9449 section 5.2). */
  dpop_bound_access_tokens?: boolean
  /** How introspection answers to this client are signed. Default: `RS256` (RFC 9701 section 6). */
  introspection_signed_response_alg?: SigningAlgorithm
  /** How the key of encrypted introspection answers is managed. Default: they are not encrypted (RFC 9701 section 6). */
  introspection_encrypted_response_alg?: EncryptionAlgorithm
  /**
   * How the content of introspection answers is encrypted; needs `introspection_encrypted_response_alg`. Default with it:
   * `A128CBC-HS256` (RFC 9701 section 6).
   */
  introspection_encrypted_response_enc?: ContentEncryption
}

/**
 * The members for clients with a certificate (RFC 8705). For `tls_client_auth` exactly one of the five
 * `tls_client_auth_*` names what the certificate must hold.
 */
export interface MutualTlsMetadata {
  /** The subject's distinguished name in the certificate, written as in RFC 4514. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_subject_dn?: string
  /** A dNSName in the certificate. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_dns?: string
  /** A uniformResourceIdentifier in the certificate. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_uri?: string
  /** An iPAddress in the certificate: dotted IPv4, or IPv6 text. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_ip?: string
  /** An rfc822Name in the certificate. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_email?: string
  /** Access tokens are bound to the client's certificate. Default: false (RFC 8705 section 3.4). */
  tls_client_certificate_bound_access_tokens?: boolean
  /**
   * The client only uses the server's `mtls_endpoint_aliases`. Default: false
   * (FAPI 2.0 Security Profile section 5.2.2.1.1).
   */
  use_mtls_endpoint_aliases?: boolean
}

/** The members that OpenID Federation 1.0 registers for clients. */
export interface FederationMetadata {
  /** How the client gets known in a federation. Default: none (OpenID Federation section 5.1.2). */
  client_registration_types?: OpenString<'automatic' | 'explicit'>[]
  /** The https address of the client's public keys as a signed JWT. Default: none (OpenID Federation section 5.2.1). */
  signed_jwks_uri?: string
  /** The organization that owns the client, for users. Default: none (OpenID Federation section 5.2.2). */
  organization_name?: string
  /** What the client is for, for users. Default: none (OpenID Federation section 5.2.2). */
  description?: string
  /** Words to find the client by. Default: none (OpenID Federation section 5.2.2). */
  keywords?: string[]
  /** A page about the client, for users. Default: none (OpenID Federation section 5.2.2). */
  information_uri?: string
  /** The organization's own page. Default: none (OpenID Federation section 5.2.2). */
  organization_uri?: string
}

/** The members for verifiable credentials and attachments: OpenID4VP, OpenID4VCI, OpenID Attachments. */
export interface CredentialMetadata {
  /** How presentations may be encrypted for this verifier. Default: `['A128GCM']` (OpenID4VP 1.0 section 5.1). */
  encrypted_response_enc_values_supported?: ContentEncryption[]
  /**
   * The credential formats that this verifier reads, each with what it demands of them. Default: none. Required for a
   * verifier that the wallet does not know otherwise (OpenID4VP 1.0 section 11.1).
   */
  vp_formats_supported?: Record<string, JsonValue>
  /** Where an issuer sends a credential offer to this wallet. Default: none (OpenID4VCI 1.0 section 12.1). */
  credential_offer_endpoint?: string
  /** The hash that attachments are named by. Default: `sha-256` (OpenID Attachments 1.0, client registration). */
  digest_algorithm?: OpenString<'sha-256'>
}

/** The member of User-Managed Access (UMA) 2.0 Grant for OAuth 2.0 Authorization. */
export interface UmaMetadata {
  /** Where a user comes back to after interactive claims gathering: absolute URIs. Default: none (UMA 2.0 Grant section 2). */
  claims_redirect_uris?: string[]
}

/** The members for access tokens of network function virtualisation (ETSI GS NFV-SEC 022). */
export interface NfvMetadata {
  /** How NFV tokens are signed. Default: the server's choice (ETSI GS NFV-SEC 022). */
  nfv_token_signed_response_alg?: SigningAlgorithm
  /** How the key of encrypted NFV tokens is managed. Default: not encrypted (ETSI GS NFV-SEC 022). */
  nfv_token_encrypted_response_alg?: EncryptionAlgorithm
  /**
   * How the content of NFV tokens is encrypted; needs `nfv_token_encrypted_response_alg`. Default: the server's choice
   * (ETSI GS NFV-SEC 022).
   */
  nfv_token_encrypted_response_enc?: ContentEncryption
}

/**
 * The lists of values that a client offers to choose from (OpenID Connect RP Metadata Choices 1.0 section 2): the server
 * picks one, and answers with the singular member. The lists stand only in requests, and none may be empty. A singular member
 * that is sent beside its list, for servers that know no lists, must be one of the list. Default of each: no choice.
 */
export interface MetadataChoices {
  /** What `subject_type` may become (RP Metadata Choices section 2). */
  subject_types_supported?: readonly SubjectType[] | undefined
  /** What `id_token_signed_response_alg` may become (RP Metadata Choices section 2). */
  id_token_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `id_token_encrypted_response_alg` may become (RP Metadata Choices section 2). */
  id_token_encryption_alg_values_supported?: readonly EncryptionAlgorithm[] | undefined
  /** What `id_token_encrypted_response_enc` may become (RP Metadata Choices section 2). */
  id_token_encryption_enc_values_supported?: readonly ContentEncryption[] | undefined
  /** What `userinfo_signed_response_alg` may become (RP Metadata Choices section 2). */
  userinfo_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `userinfo_encrypted_response_alg` may become (RP Metadata Choices section 2). */
  userinfo_encryption_alg_values_supported?: readonly EncryptionAlgorithm[] | undefined
  /** What `userinfo_encrypted_response_enc` may become (RP Metadata Choices section 2). */
  userinfo_encryption_enc_values_supported?: readonly ContentEncryption[] | undefined
  /** What `request_object_signing_alg` may become (RP Metadata Choices section 2). */
  request_object_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `request_object_encryption_alg` may become (RP Metadata Choices section 2). */
  request_object_encryption_alg_values_supported?: readonly EncryptionAlgorithm[] | undefined
  /** What `request_object_encryption_enc` may become (RP Metadata Choices section 2). */
  request_object_encryption_enc_values_supported?: readonly ContentEncryption[] | undefined
  /** What `token_endpoint_auth_method` may become (RP Metadata Choices section 2). */
  token_endpoint_auth_methods_supported?: readonly AuthenticationMethod[] | undefined
  /** What `token_endpoint_auth_signing_alg` may become (RP Metadata Choices section 2). */
  token_endpoint_auth_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `backchannel_authentication_request_signing_alg` may become (RP Metadata Choices section 2). */
  backchannel_authentication_request_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `authorization_signed_response_alg` may become (RP Metadata Choices section 2). */
  authorization_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `authorization_encrypted_response_alg` may become (RP Metadata Choices section 2). */
  authorization_encryption_alg_values_supported?: readonly EncryptionAlgorithm[] | undefined
  /** What `authorization_encrypted_response_enc` may become (RP Metadata Choices section 2). */
  authorization_encryption_enc_values_supported?: readonly ContentEncryption[] | undefined
  /** What `introspection_signed_response_alg` may become (RP Metadata Choices section 2). */
  introspection_signing_alg_values_supported?: readonly SigningAlgorithm[] | undefined
  /** What `introspection_encrypted_response_alg` may become (RP Metadata Choices section 2). */
  introspection_encryption_alg_values_supported?: readonly EncryptionAlgorithm[] | undefined
  /** What `introspection_encrypted_response_enc` may become (RP Metadata Choices section 2). */
  introspection_encryption_enc_values_supported?: readonly ContentEncryption[] | undefined
}
