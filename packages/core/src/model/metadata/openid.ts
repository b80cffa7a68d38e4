import type {
  ApplicationType,
  ContentEncryption,
  EncryptionAlgorithm,
  OpenString,
  SigningAlgorithm,
  SubjectType,
} from '../values.ts'

/** The members that OpenID Connect Dynamic Client Registration 1.0 section 2 adds ("DCR" below). */
export interface OpenIdMetadata {
  /**
   * Where the client runs, which decides what redirect URIs are allowed. Default: `web`. Closed in a request; servers
   * answer other values too (DCR section 2).
   */
  application_type?: OpenString<ApplicationType> | undefined
  /**
   * An https address of a JSON array that lists every redirect URI; its host stands for the client in pairwise subjects.
   * Default: none. Required for `pairwise` with redirect URIs on several hosts (DCR sections 2 and 5).
   */
  sector_identifier_uri?: string | undefined
  /** Whether users have another subject at every client (`pairwise`). Default: the server's choice (DCR section 2). */
  subject_type?: SubjectType | undefined
  /**
   * How ID tokens are signed. Default: `RS256`. `none` only where none comes from the authorization endpoint
   * (DCR section 2).
   */
  id_token_signed_response_alg?: SigningAlgorithm | undefined
  /** How the key of encrypted ID tokens is managed. Default: ID tokens are not encrypted (DCR section 2). */
  id_token_encrypted_response_alg?: EncryptionAlgorithm | undefined
  /**
   * How the content of ID tokens is encrypted; needs `id_token_encrypted_response_alg`. Default with it: `A128CBC-HS256`
   * (DCR section 2).
   */
  id_token_encrypted_response_enc?: ContentEncryption | undefined
  /** How UserInfo answers are signed. Default: they are plain JSON (DCR section 2). */
  userinfo_signed_response_alg?: SigningAlgorithm | undefined
  /** How the key of encrypted UserInfo answers is managed. Default: they are not encrypted (DCR section 2). */
  userinfo_encrypted_response_alg?: EncryptionAlgorithm | undefined
  /**
   * How the content of UserInfo answers is encrypted; needs `userinfo_encrypted_response_alg`. Default with it:
   * `A128CBC-HS256` (DCR section 2).
   */
  userinfo_encrypted_response_enc?: ContentEncryption | undefined
  /** The one algorithm that request objects are signed with. Default: any that both sides know (DCR section 2). */
  request_object_signing_alg?: SigningAlgorithm | undefined
  /** How the key of encrypted request objects is managed. Default: the client may or may not encrypt (DCR section 2). */
  request_object_encryption_alg?: EncryptionAlgorithm | undefined
  /**
   * How the content of request objects is encrypted; needs `request_object_encryption_alg`. Default with it:
   * `A128CBC-HS256` (DCR section 2).
   */
  request_object_encryption_enc?: ContentEncryption | undefined
  /**
   * The one algorithm that assertions for `private_key_jwt` or `client_secret_jwt` are signed with, never `none`.
   * Default: any that both sides know (DCR section 2).
   */
  token_endpoint_auth_signing_alg?: SigningAlgorithm | undefined
  /** How old a login may be, in seconds, before the user has to log in again. Default: no limit (DCR section 2). */
  default_max_age?: number | undefined
  /** ID tokens must say when the user logged in (`auth_time`). Default: false (DCR section 2). */
  require_auth_time?: boolean | undefined
  /** Classes of authentication to ask for, the preferred one first. Default: none (DCR section 2). */
  default_acr_values?: string[] | undefined
  /** The https address where a third party starts a login; takes GET and POST. Default: none (DCR section 2). */
  initiate_login_uri?: string | undefined
  /**
   * Addresses of request objects that the server may fetch ahead; https unless signed, and the fragment may hold their
   * hash. Default: none (DCR section 2).
   */
  request_uris?: string[] | undefined
}
