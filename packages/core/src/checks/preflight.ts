import { endpointOf } from '../exchange/addresses.ts'
import { jwtPart } from '../exchange/policy.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/http.ts'
import type { RequestInput } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { judgeMember } from './profile.ts'
import { choices, effective } from './rule.ts'

/**
 * Compares a request with a server's metadata before it is sent. `rule` names the member of the metadata that it does not fit.
 *
 * A list that the server does not publish says nothing, nor does a list of methods without `none` where `profile` says that
 * the server takes `none`. An absent flag or endpoint counts only in a complete document, which has
 * `response_types_supported`: metadata written by hand for the option `server` leave it out. A `SHOULD` is about metadata that
 * often do not tell the truth; it never refuses. Pure.
 *
 * @example
 * ```ts
 * import { preflight } from '@registrant/core/checks'
 *
 * const findings = preflight(
 *   { redirect_uris: ['https://app.example/callback'], grant_types: ['implicit'] },
 *   { issuer: 'https://as.example', grant_types_supported: ['authorization_code'] },
 * )
 * ```
 * @see [RFC 8414 section 2](https://www.rfc-editor.org/rfc/rfc8414#section-2)
 */
export function preflight(request: RequestInput, server: AuthorizationServer, profile?: ServerProfile): Finding[] {
  const findings: Finding[] = []
  const asked = effective(request, () => {})
  const source = `metadata of ${endpointOf(server.issuer).replace(/\/$/, '')}`
  const say: Say = (rule, member, message, level = 'PREFLIGHT') => {
    if (rule === methodList && asked.token_endpoint_auth_method === 'none' && takesNone(profile)) return
    findings.push({ member, rule, level, message, source })
  }
  compareLists(asked, server, say)
  for (const compare of comparisons) compare(asked, server, say)
  return findings
}

const methodList = 'token_endpoint_auth_methods_supported'

/** Whether a profile says that the server takes `none`: many a server takes it and does not list it among the methods. */
const takesNone = (profile: ServerProfile | undefined): boolean =>
  profile?.accepts !== undefined && judgeMember(profile, 'token_endpoint_auth_method', 'none').length === 0

/** The further lists of a server, each with the member whose every value must be in it. */
const further =
  'scopes_supported scope response_types_supported response_types response_modes_supported response_modes grant_types_supported grant_types acr_values_supported default_acr_values nfv_token_signing_alg_values_supported nfv_token_signed_response_alg nfv_token_encryption_alg_values_supported nfv_token_encrypted_response_alg nfv_token_encryption_enc_values_supported nfv_token_encrypted_response_enc backchannel_token_delivery_modes_supported backchannel_token_delivery_mode authorization_details_types_supported authorization_details_types client_registration_types_supported client_registration_types digest_algorithms_supported digest_algorithm'

const supportLists = [
  ...choices,
  ...[...further.matchAll(/(\S+) (\S+)/g)].map(([, list = '', member = '']) => [list, member] as const),
]

/** A list that is often incomplete; its values are wishes and no demands (OpenID Connect Core section 5.5.1.1). */
const doubtful = 'acr_values_supported'

/** Finds the values that the server's lists don't name. */
function compareLists(request: RequestInput, server: AuthorizationServer, say: Say): void {
  const values: Readonly<Record<string, unknown>> = { ...request }
  for (const [list, member] of supportLists) {
    const supported = server[list]
    if (!Array.isArray(supported)) continue
    const names = new Set(supported.map(inAnyOrder))
    const level = list === doubtful ? 'SHOULD' : 'PREFLIGHT'
    const missing = wanted(member, values[member]).filter((value) => !names.has(inAnyOrder(value)))
    if (missing.length > 0) say(list, member, `The server does not name ${missing.join(', ')}.`, level)
    const offer = values[list]
    if (Array.isArray(offer) && !offer.some((value) => names.has(inAnyOrder(value))))
      say(list, list, 'The server names none of these.', level)
  }
}

function wanted(member: string, value: unknown): string[] {
  if (typeof value !== 'string') return Array.isArray(value) ? value.map(String) : []
  return member === 'scope' ? value.split(' ') : [value]
}

/** The words of a response type stand in any order (RFC 6749 section 3.1.1). */
const inAnyOrder = (value: unknown): string => (typeof value === 'string' ? value : '').split(' ').toSorted().join(' ')

/** Reports that a member does not fit a member of the server's metadata. Default level: `PREFLIGHT`. */
type Say = (rule: string, member: string, message: string, level?: Finding['level']) => void

/** Compares one family of members that is not a list of values. */
type Comparison = (request: RequestInput, server: AuthorizationServer, say: Say) => void

/** Only in a complete document an absent member says something (RFC 8414 section 2 requires this list). */
const isComplete = (server: AuthorizationServer): boolean => server.response_types_supported !== undefined

/** Flags and endpoints of a server, the member that needs each, and the level where it is lower than `PREFLIGHT`. */
const needs: readonly (readonly [rule: string, members: string, level?: 'SHOULD'])[] = [
  ['pushed_authorization_request_endpoint', 'require_pushed_authorization_requests'],
  ['tls_client_certificate_bound_access_tokens', 'tls_client_certificate_bound_access_tokens'],
  ['mtls_endpoint_aliases', 'use_mtls_endpoint_aliases'],
  ['backchannel_user_code_parameter_supported', 'backchannel_user_code_parameter'],
  ['dpop_signing_alg_values_supported', 'dpop_bound_access_tokens', 'SHOULD'],
  ['request_parameter_supported', 'request_object_signing_alg', 'SHOULD'],
  ['end_session_endpoint', 'post_logout_redirect_uris', 'SHOULD'],
  ['frontchannel_logout_supported', 'frontchannel_logout_uri', 'SHOULD'],
  ['frontchannel_logout_session_supported', 'frontchannel_logout_session_required', 'SHOULD'],
  ['backchannel_logout_supported', 'backchannel_logout_uri', 'SHOULD'],
  ['backchannel_logout_session_supported', 'backchannel_logout_session_required', 'SHOULD'],
]

const features: Comparison = (request, server, say) => {
  const asked: Readonly<Record<string, unknown>> = { ...request }
  for (const [rule, member, level] of needs) {
    const has = server[rule]
    const absent = has === undefined ? isComplete(server) : has === false || (Array.isArray(has) && has.length === 0)
    const isMet = rule === 'request_parameter_supported' && takesRequestObjects(server)
    if (absent && !isMet && isAsked(asked[member])) say(rule, member, `The server's metadata has no ${rule}.`, level)
  }
}

/** Request objects by address are the default (OpenID Connect Discovery section 3); or pushed (RFC 9126), or required. */
const takesRequestObjects = (server: AuthorizationServer): boolean =>
  server.request_uri_parameter_supported !== false ||
  server.pushed_authorization_request_endpoint !== undefined ||
  server.require_signed_request_object === true

const isAsked = (value: unknown): boolean =>
  value !== undefined && value !== false && (!Array.isArray(value) || value.length > 0)

const grantEndpoints: Comparison = (request, server, say) => {
  const { grant_types = ['authorization_code'] } = request
  const code = grant_types.includes('authorization_code')
  if (isComplete(server) && server.authorization_endpoint === undefined && (code || grant_types.includes('implicit')))
    say('authorization_endpoint', 'grant_types', 'The server has no authorization_endpoint, which this grant needs.')
  if (
    isComplete(server) &&
    server.device_authorization_endpoint === undefined &&
    grant_types.includes('urn:ietf:params:oauth:grant-type:device_code')
  )
    say('device_authorization_endpoint', 'grant_types', 'The server has no device_authorization_endpoint.')
  if (code && server.code_challenge_methods_supported?.includes('S256') === false)
    say('code_challenge_methods_supported', 'grant_types', 'The server has no PKCE with S256.', 'SHOULD')
  if (
    code &&
    server.require_pushed_authorization_requests === true &&
    request.require_pushed_authorization_requests !== true
  )
    say(
      'require_pushed_authorization_requests',
      'require_pushed_authorization_requests',
      'This server takes pushed authorization requests only, whatever is registered.',
      'SHOULD',
    )
}

const requestObjects: Comparison = (request, server, say) => {
  const { request_uris = [], request_object_signing_alg: alg } = request
  if (server.request_uri_parameter_supported === false && request_uris.length > 0)
    say('request_uri_parameter_supported', 'request_uris', 'The server takes no request objects by address.')
  const byAddress = alg !== undefined && server.request_parameter_supported === false
  if (server.require_request_uri_registration === true && byAddress && request_uris.length === 0)
    say('require_request_uri_registration', 'request_uris', 'The server fetches request objects only from there.')
  if (server.require_signed_request_object === true && alg === 'none')
    say('require_signed_request_object', 'request_object_signing_alg', 'The server takes signed request objects only.')
}

const attestation: Comparison = ({ token_endpoint_auth_method: method }, server, say) => {
  if (method?.startsWith('attest_jwt_client_auth') !== true) return
  for (const what of ['signing_alg_values', 'pop_signing_alg_values', 'pop_methods']) {
    const list = server[`client_attestation_${what}_supported`]
    if (Array.isArray(list) && list.length === 0)
      say(`client_attestation_${what}_supported`, 'token_endpoint_auth_method', 'The server names no way to do it.')
  }
}

const statementAlgorithm: Comparison = ({ software_statement: jwt }, server, say) => {
  const list = server.registration_endpoint_jwt_signing_alg_values_supported
  const alg = jwt === undefined ? undefined : jwtPart(jwt, 0)?.['alg']
  if (list !== undefined && typeof alg === 'string' && !list.includes(alg))
    say(
      'registration_endpoint_jwt_signing_alg_values_supported',
      'software_statement',
      `The server does not take statements signed with ${alg}.`,
    )
}

const comparisons: readonly Comparison[] = [features, grantEndpoints, requestObjects, attestation, statementAlgorithm]
