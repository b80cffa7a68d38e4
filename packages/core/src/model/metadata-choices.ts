import type {
  AuthenticationMethod,
  ContentEncryption,
  EncryptionAlgorithm,
  SigningAlgorithm,
  SubjectType,
} from './values.ts'

/**
 * What a client offers where it can do more than one thing (OpenID Connect RP Metadata Choices 1.0 section 2): the server
 * picks, and answers with the singular member. Only in requests, none may be empty; a singular member that is sent
 * beside its list, for servers that do not know lists, must be one of it. Default of each: the client leaves no choice.
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
