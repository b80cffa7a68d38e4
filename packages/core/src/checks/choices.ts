import type { MetadataChoices } from '../model/metadata-choices.ts'
import type { ClientMetadata } from '../model/client-metadata.ts'

type Singular = Extract<
  keyof ClientMetadata,
  `${string}_alg` | `${string}_enc` | 'subject_type' | 'token_endpoint_auth_method'
>

/**
 * The lists of RP Metadata Choices, each with the member that it offers values for. The metadata of a server has lists
 * of the same names: what it supports.
 */
const pairs: Readonly<Record<keyof MetadataChoices, Singular>> = {
  subject_types_supported: 'subject_type',
  id_token_signing_alg_values_supported: 'id_token_signed_response_alg',
  id_token_encryption_alg_values_supported: 'id_token_encrypted_response_alg',
  id_token_encryption_enc_values_supported: 'id_token_encrypted_response_enc',
  userinfo_signing_alg_values_supported: 'userinfo_signed_response_alg',
  userinfo_encryption_alg_values_supported: 'userinfo_encrypted_response_alg',
  userinfo_encryption_enc_values_supported: 'userinfo_encrypted_response_enc',
  request_object_signing_alg_values_supported: 'request_object_signing_alg',
  request_object_encryption_alg_values_supported: 'request_object_encryption_alg',
  request_object_encryption_enc_values_supported: 'request_object_encryption_enc',
  token_endpoint_auth_methods_supported: 'token_endpoint_auth_method',
  token_endpoint_auth_signing_alg_values_supported: 'token_endpoint_auth_signing_alg',
  backchannel_authentication_request_signing_alg_values_supported: 'backchannel_authentication_request_signing_alg',
  authorization_signing_alg_values_supported: 'authorization_signed_response_alg',
  authorization_encryption_alg_values_supported: 'authorization_encrypted_response_alg',
  authorization_encryption_enc_values_supported: 'authorization_encrypted_response_enc',
  introspection_signing_alg_values_supported: 'introspection_signed_response_alg',
  introspection_encryption_alg_values_supported: 'introspection_encrypted_response_alg',
  introspection_encryption_enc_values_supported: 'introspection_encrypted_response_enc',
}

/** List to singular member. */
export const choices: ReadonlyMap<string, Singular> = new Map(Object.entries(pairs))
