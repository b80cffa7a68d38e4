/** What a registration or an update asks for, by the kind that the server expects of each member. */
export interface Metadata {
  texts: Record<string, string>
  lists: Record<string, string[]>
  flags: Record<string, boolean>
  numbers: Record<string, number>
}

/** A name or an address for people, in one language or in none. */
export interface Translation {
  name: string
  language: string | null
  value: string
}

/** A request as the server's binder leaves it: every known member, and any other text as a translation of something. */
export interface Asked extends Metadata {
  translations: Translation[]
}

export const nothingAsked = (): Asked => ({ texts: {}, lists: {}, flags: {}, numbers: {}, translations: [] })

/** The texts that are kept, each with what a blank one becomes. */
const texts: Record<string, string | undefined> = {
  token_endpoint_auth_method: 'client_secret_post',
  application_type: 'web',
  subject_type: 'public',
  token_signed_response_alg: 'RS256',
  token_encrypted_response_alg: 'RSA1_5',
  token_encrypted_response_enc: 'A128CBC-HS256',
  id_token_signed_response_alg: 'RS256',
  id_token_encrypted_response_alg: undefined,
  id_token_encrypted_response_enc: undefined,
  userinfo_signed_response_alg: undefined,
  userinfo_encrypted_response_alg: undefined,
  userinfo_encrypted_response_enc: undefined,
  request_object_signing_alg: undefined,
  request_object_encryption_alg: undefined,
  request_object_encryption_enc: undefined,
  authorization_signed_response_alg: 'RS256',
  authorization_encrypted_response_alg: undefined,
  authorization_encrypted_response_enc: undefined,
  sector_identifier_uri: undefined,
  initiate_login_uri: undefined,
  frontchannel_logout_uri: undefined,
  backchannel_logout_uri: undefined,
  credential_offer_endpoint: undefined,
  backchannel_token_delivery_mode: undefined,
  backchannel_client_notification_endpoint: undefined,
  backchannel_authentication_request_signing_alg: undefined,
}

/** Texts that the server reads and does not keep as they are. */
const passing = ['scope', 'jwks_uri', 'software_statement']

const lists: Record<string, string[]> = {
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: [],
  default_acr_values: [],
  post_logout_redirect_uris: [],
  authorization_data_types: [],
}

const flags = [
  'require_auth_time',
  'dpop_bound_access_tokens',
  'frontchannel_logout_session_required',
  'backchannel_logout_session_required',
  'backchannel_user_code_parameter',
]

const kinds = new Map<string, 'texts' | 'lists' | 'flags' | 'numbers'>([
  ...[...Object.keys(texts), ...passing].map((name) => [name, 'texts'] as const),
  ...Object.keys(lists).map((name) => [name, 'lists'] as const),
  ...flags.map((name) => [name, 'flags'] as const),
  ['default_max_age', 'numbers'],
])

/** Of what kind a member is; `undefined` for one that the server does not know. */
export const kindOf = (name: string): 'texts' | 'lists' | 'flags' | 'numbers' | undefined => kinds.get(name)

export const memberNames: readonly string[] = [...kinds.keys()]

/** The names and addresses that are kept in any number of languages, in the order of the answers. */
export const translated = ['client_name', 'logo_uri', 'client_uri', 'tos_uri', 'policy_uri']

export const isBlank = (text: string | undefined): boolean => text === undefined || text.trim() === ''

/** Lays a request over what a client has: what was not asked for falls back to its default, with one exception. */
export function apply(asked: Asked, current: Metadata): void {
  const dataTypes = asked.lists['authorization_data_types'] ?? []
  current.texts = {}
  for (const [name, fallback] of Object.entries(texts)) {
    const value = isBlank(asked.texts[name]) ? (fallback ?? asked.texts[name]) : asked.texts[name]
    if (value !== undefined) current.texts[name] = value
  }
  // The same line exists for user-info answers, but tests the wrong member and never acts.
  for (const [alg, enc] of [
    ['id_token_encrypted_response_alg', 'id_token_encrypted_response_enc'],
    ['request_object_encryption_alg', 'request_object_encryption_enc'],
  ] as const)
    if (!isBlank(current.texts[alg]) && isBlank(current.texts[enc])) current.texts[enc] = 'A128CBC-HS256'
  for (const [name, fallback] of Object.entries(lists)) {
    if (name === 'authorization_data_types') continue
    const value = asked.lists[name] ?? []
    current.lists[name] = value.length === 0 ? [...fallback] : value
  }
  if (dataTypes.length > 0) current.lists['authorization_data_types'] = dataTypes
  current.flags = Object.fromEntries(flags.map((name) => [name, asked.flags[name] ?? false]))
  current.numbers = { ...asked.numbers }
}
