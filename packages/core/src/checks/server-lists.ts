import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { choices } from './choices.ts'
import type { Said } from './server-features.ts'

/** The further lists of a server, each with the member whose every value must be in it. */
const further =
  'scopes_supported scope response_types_supported response_types response_modes_supported response_modes grant_types_supported grant_types acr_values_supported default_acr_values nfv_token_signing_alg_values_supported nfv_token_signed_response_alg nfv_token_encryption_alg_values_supported nfv_token_encrypted_response_alg nfv_token_encryption_enc_values_supported nfv_token_encrypted_response_enc backchannel_token_delivery_modes_supported backchannel_token_delivery_mode authorization_details_types_supported authorization_details_types client_registration_types_supported client_registration_types digest_algorithms_supported digest_algorithm'

const pairs = [
  ...choices,
  ...[...further.matchAll(/(\S+) (\S+)/g)].map(([, list = '', member = '']) => [list, member] as const),
]

/** Lists that are often shorter than the truth. */
const doubtful = /^(?:scopes|grant_types|acr_values|token_endpoint_auth_methods)_/

/** What the server's lists don't name. */
export function lists(request: RegistrationRequest, server: AuthorizationServer, say: Said): void {
  const values: Readonly<Record<string, unknown>> = { ...request }
  for (const [list, member] of pairs) {
    const supported = server[list]
    if (!Array.isArray(supported)) continue
    const names = new Set(supported.map(inOrder))
    const level = doubtful.test(list) ? 'SHOULD' : 'PREFLIGHT'
    const missing = wanted(member, values[member]).filter((value) => !names.has(inOrder(value)))
    if (missing.length > 0) say(list, member, `The server does not name ${missing.join(', ')}.`, level)
    const offer = values[list]
    if (Array.isArray(offer) && !offer.some((value) => names.has(inOrder(value))))
      say(list, list, 'The server names none of these.', level)
  }
}

function wanted(member: string, value: unknown): string[] {
  if (typeof value !== 'string') return Array.isArray(value) ? value.map(String) : []
  return member === 'scope' ? value.split(' ') : [value]
}

/** The words of a response type stand in any order (RFC 6749 section 3.1.1). */
const inOrder = (value: unknown): string => String(value).split(' ').toSorted().join(' ')
