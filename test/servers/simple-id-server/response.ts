import { Crash } from './answer.ts'
import type { Client } from './client.ts'
import type { Realm, Scope } from './seed.ts'
import type { Version } from './vocabulary.ts'

/** Every member of an answer, in the order of both releases. */
const order = `
  id is_public client_id rc1:client_secret client_secrets registration_access_token grant_types redirect_uris
  token_endpoint_auth_method response_types rc1:contacts authorization_code_expirationtime_seconds update_datetime
  is_token_exchange_enabled create_datetime client_id_issued_at token_expiration_time_seconds
  user_cookie_expirationtime_seconds refresh_token_expiration_time_seconds device_code_expirationtime_seconds
  device_code_polling_interval par_expirationtime_seconds scope jwks subject_syntax_types_supported
  token_signed_response_alg token_encrypted_response_alg token_encrypted_response_enc post_logout_redirect_uris
  redirect_revoke_session_ui preferred_token_profile request_object_signing_alg request_object_encryption_alg
  request_object_encryption_enc subject_type sector_identifier_uri id_token_signed_response_alg
  id_token_encrypted_response_alg id_token_encrypted_response_enc backchannel_token_delivery_mode
  backchannel_client_notification_endpoint backchannel_authentication_request_signing_alg userinfo_signed_response_alg
  client_registration_types_supported userinfo_encrypted_response_alg userinfo_encrypted_response_enc
  backchannel_user_code_parameter frontchannel_logout_uri credential_offer_endpoint pre_auth_code_expiration_time
  frontchannel_logout_session_required backchannel_logout_session_required default_max_age
  tls_client_certificate_bound_access_token backchannel_logout_uri application_type initiate_login_uri require_auth_time
  authorization_signed_response_alg authorization_encrypted_response_alg authorization_data_types
  authorization_encrypted_response_enc dpop_bound_access_tokens is_consent_disabled is_resource_parameter_required
  auth_reqid_expirationtime scopes serialized_jwks dpop_nonce_required dpop_lifetime is_redirect_url_casesensitive
  is_self_issue_enabled max_request_parameter_lifetime_seconds max_binding_message_size dpop_lifetime_seconds parameters
  refresh_token_usage default_acr_values bc_interval access_token_type realms translations registration_client_uri
  head:client_secret`
  .trim()
  .split(/\s+/)

const inBoth = {
  refresh_token_expiration_time_seconds: 1800,
  jwks: { keys: [] },
  preferred_token_profile: 'Bearer',
  tls_client_certificate_bound_access_token: false,
  is_consent_disabled: false,
}

const inHead = {
  is_public: false,
  authorization_code_expirationtime_seconds: 600,
  is_token_exchange_enabled: false,
  user_cookie_expirationtime_seconds: 1800,
  device_code_expirationtime_seconds: 600,
  device_code_polling_interval: 5,
  par_expirationtime_seconds: 600,
  subject_syntax_types_supported: [],
  redirect_revoke_session_ui: true,
  client_registration_types_supported: [],
  pre_auth_code_expiration_time: 300,
  is_resource_parameter_required: false,
  auth_reqid_expirationtime: 120,
  serialized_jwks: [],
  dpop_nonce_required: false,
  dpop_lifetime: 300,
  is_redirect_url_casesensitive: false,
  is_self_issue_enabled: false,
  max_request_parameter_lifetime_seconds: 300,
  max_binding_message_size: 150,
  dpop_lifetime_seconds: 300,
  parameters: {},
  refresh_token_usage: 'OneTimeOnly',
  bc_interval: 5,
  access_token_type: 'Jwt',
}

/** What the answers about a client are made of, besides the client. */
export interface Surroundings {
  version: Version
  /** Scheme and host of the request. */
  base: string
  scopes: readonly Scope[]
  realms: readonly Realm[]
}

/**
 * A client as the server shows it.
 *
 * @throws {Crash} if a name is there twice or a number has no end
 */
export function serialize(client: Client, { version, base, scopes, realms }: Surroundings): Record<string, unknown> {
  const values: Record<string, unknown> = {
    ...inBoth,
    ...client.texts,
    ...client.lists,
    ...client.flags,
    ...client.numbers,
    client_id: client.client_id,
    client_secret: client.client_secret,
    registration_access_token: client.registration_access_token,
    update_datetime: client.registered,
    create_datetime: client.registered,
    client_id_issued_at: Math.floor(Date.parse(client.registered) / 1000),
    token_expiration_time_seconds: client.tokenLifetime,
    scope: client.scopes.join(' '),
    // What the server says is not where the client is: a part of the path is missing.
    registration_client_uri: `${base}/${client.client_id}`,
    ...(version === 'head' && {
      ...inHead,
      id: client.id,
      client_secrets: [secret(client)],
      scopes: client.scopes.map((name) => scopes.find((scope) => scope.name === name)),
      realms: realms.filter(({ name }) => name === client.realm),
    }),
  }
  const entries = order.flatMap((entry): (readonly [string, unknown])[] => {
    if (entry === 'translations') return named(client)
    const [only, name] = entry.includes(':') ? entry.split(':') : [version, entry]
    return name === undefined || only !== version || values[name] === undefined ? [] : [[name, values[name]]]
  })
  if (new Set(entries.map(([name]) => name)).size < entries.length) throw new Crash('a name twice')
  if (!Object.values(client.numbers).every(Number.isFinite)) throw new Crash('a number without end')
  return Object.fromEntries(entries)
}

function named({ translations }: Client): (readonly [string, string])[] {
  return translations.map(({ name, language, value }) => [isNone(language) ? name : `${name}#${language}`, value])
}

const isNone = (language: string | null): boolean => language === null || language === ''

function secret({ secret_id, client_secret, registered }: Client): object {
  return {
    id: secret_id,
    value: client_secret,
    alg: 0,
    expiration_date_time: null,
    create_date_time: registered,
    is_active: true,
    IsInactive: false,
    IsExpired: false,
  }
}
