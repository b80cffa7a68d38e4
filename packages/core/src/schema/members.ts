import * as z from 'zod/mini'

import type { Given, JsonValue } from '../model/values.ts'
import type { RegistrationRequest, RegistrationResponse, UpdateRequest } from '../model/registration.ts'

const list = 'It must be an array.'
const object = 'It must be an object.'
const seconds = 'It must be a whole number, not negative.'

const required = z.string('It must be a string.')
const text = z.optional(required)
const texts = z.optional(z.array(required, list))
const flag = z.optional(z.boolean('It must be true or false.'))
const count = z.optional(z.int(seconds).check(z.nonnegative(seconds)))
const key = z.object(
  {
    kty: text,
    use: text,
    key_ops: texts,
    alg: text,
    kid: text,
    crv: text,
    x: text,
    y: text,
    n: text,
    e: text,
    x5c: texts,
    x5u: text,
    x5t: text,
    'x5t#S256': text,
  },
  object,
)

/** The members that travel both ways. */
const both = {
  // RFC 7591
  redirect_uris: texts,
  token_endpoint_auth_method: text,
  grant_types: texts,
  response_types: texts,
  client_name: text,
  client_uri: text,
  logo_uri: text,
  scope: text,
  contacts: texts,
  tos_uri: text,
  policy_uri: text,
  jwks_uri: text,
  jwks: z.optional(z.object({ keys: z.optional(z.array(key, list)) }, object)),
  software_id: text,
  software_version: text,
  // OpenID Connect Dynamic Client Registration 1.0 (errata 2)
  application_type: text,
  sector_identifier_uri: text,
  subject_type: text,
  id_token_signed_response_alg: text,
  id_token_encrypted_response_alg: text,
  id_token_encrypted_response_enc: text,
  userinfo_signed_response_alg: text,
  userinfo_encrypted_response_alg: text,
  userinfo_encrypted_response_enc: text,
  request_object_signing_alg: text,
  request_object_encryption_alg: text,
  request_object_encryption_enc: text,
  token_endpoint_auth_signing_alg: text,
  default_max_age: count,
  require_auth_time: flag,
  default_acr_values: texts,
  initiate_login_uri: text,
  request_uris: texts,
  // UMA 2.0 Grant for OAuth 2.0 Authorization
  claims_redirect_uris: texts,
  // ETSI GS NFV-SEC 022 V2.7.1
  nfv_token_signed_response_alg: text,
  nfv_token_encrypted_response_alg: text,
  nfv_token_encrypted_response_enc: text,
  // RFC 8705
  tls_client_certificate_bound_access_tokens: flag,
  tls_client_auth_subject_dn: text,
  tls_client_auth_san_dns: text,
  tls_client_auth_san_uri: text,
  tls_client_auth_san_ip: text,
  tls_client_auth_san_email: text,
  // RFC 9101
  require_signed_request_object: flag,
  // RFC 9126
  require_pushed_authorization_requests: flag,
  // RFC 9701
  introspection_signed_response_alg: text,
  introspection_encrypted_response_alg: text,
  introspection_encrypted_response_enc: text,
  // OpenID Connect Front-Channel Logout 1.0
  frontchannel_logout_uri: text,
  frontchannel_logout_session_required: flag,
  // OpenID Connect Back-Channel Logout 1.0
  backchannel_logout_uri: text,
  backchannel_logout_session_required: flag,
  // OpenID Connect RP-Initiated Logout 1.0
  post_logout_redirect_uris: texts,
  // RFC 9396
  authorization_details_types: texts,
  // RFC 9449
  dpop_bound_access_tokens: flag,
  // OpenID Federation 1.0
  client_registration_types: texts,
  signed_jwks_uri: text,
  organization_name: text,
  description: text,
  keywords: texts,
  information_uri: text,
  organization_uri: text,
  // FAPI 2.0 Security Profile
  use_mtls_endpoint_aliases: flag,
  // OpenID for Verifiable Presentations 1.0
  encrypted_response_enc_values_supported: texts,
  vp_formats_supported: z.optional(z.record(z.string(), z.custom<JsonValue>(), object)),
  // OpenID Connect CIBA Core 1.0
  backchannel_token_delivery_mode: text,
  backchannel_client_notification_endpoint: text,
  backchannel_authentication_request_signing_alg: text,
  backchannel_user_code_parameter: flag,
  // JWT Secured Authorization Response Mode (JARM)
  authorization_signed_response_alg: text,
  authorization_encrypted_response_alg: text,
  authorization_encrypted_response_enc: text,
  // FAPI 2.0 Message Signing
  response_modes: texts,
  // OpenID for Verifiable Credential Issuance 1.0
  credential_offer_endpoint: text,
  // OpenID Attachments 1.0 (copy marked -02)
  digest_algorithm: text,
}

/** The members of a request, with those that only a request has, or has a closed set of values for. */
const request = {
  ...both,
  application_type: z.optional(z.enum(['web', 'native'], 'It must be web or native.')),
  backchannel_token_delivery_mode: z.optional(z.enum(['poll', 'ping', 'push'], 'It must be poll, ping or push.')),
  jwks: z.optional(z.object({ keys: z.array(key, list) }, object)),
  software_statement: text,
  subject_types_supported: texts,
  id_token_signing_alg_values_supported: texts,
  id_token_encryption_alg_values_supported: texts,
  id_token_encryption_enc_values_supported: texts,
  userinfo_signing_alg_values_supported: texts,
  userinfo_encryption_alg_values_supported: texts,
  userinfo_encryption_enc_values_supported: texts,
  request_object_signing_alg_values_supported: texts,
  request_object_encryption_alg_values_supported: texts,
  request_object_encryption_enc_values_supported: texts,
  token_endpoint_auth_methods_supported: texts,
  token_endpoint_auth_signing_alg_values_supported: texts,
  backchannel_authentication_request_signing_alg_values_supported: texts,
  authorization_signing_alg_values_supported: texts,
  authorization_encryption_alg_values_supported: texts,
  authorization_encryption_enc_values_supported: texts,
  introspection_signing_alg_values_supported: texts,
  introspection_encryption_alg_values_supported: texts,
  introspection_encryption_enc_values_supported: texts,
}

/** The members of an answer, with those that only an answer has. */
const answer = {
  ...both,
  client_id: required,
  client_secret: text,
  client_secret_expires_at: count,
  client_id_issued_at: count,
  registration_access_token: text,
  registration_client_uri: text,
  software_statement: text,
}

/** The schema of an object by its members. The compiler checks which members it has; the type does not name them. */
export type Members = z.ZodMiniObject

export const requestMembers: Members = agreed<RegistrationRequest>()(z.object(request, object))
export const updateMembers: Members = agreed<UpdateRequest>()(
  z.object({ ...request, client_id: required, client_secret: text }, object),
)
export const answerMembers: Members = agreed<RegistrationResponse>()(z.object(answer, object))

/** Compiles only where schema and type agree in both directions; the compiler's error names the members that differ. */
function agreed<Value>() {
  return <Schema extends z.ZodMiniObject>(
    schema: Schema & Agreement<Given<Spelled<Value>>, Given<z.output<Schema>>>,
  ): Schema => schema
}

type Agreement<Type, Inferred> = [Disagreed<Type, Inferred>] extends [never]
  ? unknown
  : { disagreement: Disagreed<Type, Inferred> }

type Disagreed<A, B> =
  | Exclude<keyof A, keyof B>
  | Exclude<keyof B, keyof A>
  | { [M in keyof A & keyof B]: Same<Pick<A, M>, Pick<B, M>> extends true ? never : M }[keyof A & keyof B]

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

/** The members that a type declares by name, without index signatures: those of any language, and of unknown members. */
type Spelled<Value> = {
  [M in keyof Value as string extends M ? never : M extends `${string}#${string}` ? never : M]: Value[M]
}
