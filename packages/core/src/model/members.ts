import type { LocalizableMember } from './metadata.ts'
import type { RegistrationResponse } from './registration.ts'

/** The JSON type that a standard member has in normal form. */
export type Kind = 'string' | 'strings' | 'boolean' | 'number' | 'time' | 'object'

/** The standard members of an answer by kind; a string of words is short, which matters since a page downloads it. */
const members = {
  string:
    'client_id client_secret registration_access_token registration_client_uri software_statement token_endpoint_auth_method client_name client_uri logo_uri scope tos_uri policy_uri jwks_uri software_id software_version application_type sector_identifier_uri subject_type id_token_signed_response_alg id_token_encrypted_response_alg id_token_encrypted_response_enc userinfo_signed_response_alg userinfo_encrypted_response_alg userinfo_encrypted_response_enc request_object_signing_alg request_object_encryption_alg request_object_encryption_enc token_endpoint_auth_signing_alg initiate_login_uri nfv_token_signed_response_alg nfv_token_encrypted_response_alg nfv_token_encrypted_response_enc tls_client_auth_subject_dn tls_client_auth_san_dns tls_client_auth_san_uri tls_client_auth_san_ip tls_client_auth_san_email introspection_signed_response_alg introspection_encrypted_response_alg introspection_encrypted_response_enc frontchannel_logout_uri backchannel_logout_uri signed_jwks_uri organization_name description information_uri organization_uri backchannel_token_delivery_mode backchannel_client_notification_endpoint backchannel_authentication_request_signing_alg authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc credential_offer_endpoint digest_algorithm',
  strings:
    'redirect_uris grant_types response_types contacts default_acr_values request_uris claims_redirect_uris post_logout_redirect_uris authorization_details_types client_registration_types keywords encrypted_response_enc_values_supported response_modes',
  boolean:
    'require_auth_time tls_client_certificate_bound_access_tokens require_signed_request_object require_pushed_authorization_requests frontchannel_logout_session_required backchannel_logout_session_required dpop_bound_access_tokens use_mtls_endpoint_aliases backchannel_user_code_parameter',
  number: 'default_max_age',
  time: 'client_id_issued_at client_secret_expires_at',
  object: 'jwks vp_formats_supported',
} as const

/** Standard member to the kind of its value. Does not compile when a member of the types is missing or of another kind. */
export const kinds: ReadonlyMap<string, Agreed> = new Map(
  entries(members).flatMap(([kind, names]) => names.split(' ').map((member) => [member, kind] as const)),
)

function entries<K extends string>(object: Readonly<Record<K, string>>): [K, string][] {
  const pairs: [K, string][] = []
  for (const kind in object) pairs.push([kind, object[kind]])
  return pairs
}

type Agreed = [Disagreed] extends [never] ? Kind : Disagreed
type Disagreed = Difference<Typed, { [K in Kind]: Words<(typeof members)[K]> }>

/** The names that only one of two records has, by kind. */
type Difference<A extends Record<Kind, string>, B extends Record<Kind, string>> = {
  [K in Kind]: Exclude<A[K], B[K]> | Exclude<B[K], A[K]>
}[Kind]

type Words<Text extends string, Found extends string = never> = Text extends `${infer Word} ${infer Rest}`
  ? Words<Rest, Found | Word>
  : Found | Text

/** The names of the declared members by kind, without index signatures: those of any language, and of unknown members. */
type Typed = { [K in Kind]: { [M in Known]: KindOf<M> extends K ? M : never }[Known] }
type Known = Extract<
  keyof {
    [M in keyof RegistrationResponse as string extends M ? never : M extends `${string}#${string}` ? never : M]: true
  },
  string
>
type KindOf<M extends Known> = M extends `${string}_at` ? 'time' : KindOfValue<NonNullable<RegistrationResponse[M]>>
type KindOfValue<V> = [V] extends [string]
  ? 'string'
  : [V] extends [string[]]
    ? 'strings'
    : [V] extends [boolean]
      ? 'boolean'
      : [V] extends [number]
        ? 'number'
        : [V] extends [object]
          ? 'object'
          : never

const localizableNames =
  'client_name client_uri logo_uri tos_uri policy_uri organization_name description keywords information_uri organization_uri'

/** The members that may be said in several languages. Does not compile when one of the type is missing. */
export const localizable: readonly (LocalizableMember extends Words<typeof localizableNames> ? string : never)[] =
  localizableNames.split(' ')

const credentials = new Set([
  'client_id',
  'client_secret',
  'client_secret_expires_at',
  'client_id_issued_at',
  'registration_access_token',
  'registration_client_uri',
])

/** Whether a member is a credential or belongs to one: the server gives it, and it is no metadata (RFC 7592 section 2.2). */
export const isCredential = (member: string): boolean => credentials.has(member)

/** A standard member of a client's metadata, with or without a language tag. */
export const isMetadata = (member: string): boolean =>
  !credentials.has(member) && kinds.has(member.includes('#') ? (member.split('#')[0] ?? '') : member)

/** A copy of a registration with changes; a change to `undefined` takes the member out. */
export function withMembers(
  registration: RegistrationResponse,
  changes: Readonly<Record<string, string | number | undefined>>,
): RegistrationResponse {
  const changed = { ...registration }
  for (const [member, value] of Object.entries(changes)) {
    if (value === undefined) delete changed[member]
    else changed[member] = value
  }
  return changed
}

/** Whether an answer, as it came, shows a secret: `null` and an empty text are how some servers leave it out. */
export const showsSecret = (raw: unknown): boolean => Boolean(Object(raw).client_secret)

/** Misspelt, singular or older names that servers answer with, and the standard member that each of them means. */
export const aliases: Readonly<Record<string, string>> = {
  scopes: 'scope',
  post_logout_redirect_uri: 'post_logout_redirect_uris',
  claims_redirect_uri: 'claims_redirect_uris',
  tls_client_certificate_bound_access_token: 'tls_client_certificate_bound_access_tokens',
  authorization_data_types: 'authorization_details_types',
  client_id_expires_at: 'client_secret_expires_at',
  require_push_authorization_request: 'require_pushed_authorization_requests',
  require_par: 'require_pushed_authorization_requests',
  request_object_encryption_algorithm: 'request_object_encryption_alg',
  request_object_encryption_method: 'request_object_encryption_enc',
  token_endpoint_auth_methods: 'token_endpoint_auth_method',
  type: 'application_type',
}

/** Whether an end prolongs the known one: that can be meant of no other secret. */
export const isLater = (told: number, known = 0): boolean => known > 0 && told > known
