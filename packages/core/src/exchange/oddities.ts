import type { HttpRequest } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { isSecure, parseAddress } from './addresses.ts'

/** What is odd about the credentials of a registration, and is kept all the same. */
export function oddCredentials(registration: RegistrationResponse, { method, headers }: HttpRequest): Deviation[] {
  const deviations: Deviation[] = []
  const report = (member: string, rule: string, message: string): void =>
    void deviations.push({ member, rule, message })
  const { client_secret, registration_access_token: token, token_endpoint_auth_method: means } = registration
  if (client_secret !== undefined && means === 'none')
    report('client_secret', 'secret-for-public-client', 'A secret came with a client that does not authenticate.')
  if (client_secret === undefined && means?.startsWith('client_secret_') === true)
    report('client_secret', 'secret-missing', 'The method needs a secret, and none came.')
  if (client_secret !== undefined && registration.client_secret_expires_at === undefined) {
    report(
      'client_secret_expires_at',
      'expiry-not-stated',
      'The server does not say whether the secret expires (RFC 7591 section 3.2.1 requires it).',
    )
  }
  if (method === 'POST' && token !== undefined && headers['authorization'] === `Bearer ${token}`)
    report('registration_access_token', 'token-reused', 'The management token is the access token that registered.')
  return deviations
}

/** What people click, or what opens in their browser. */
const clickable = new Set([
  'client_uri',
  'logo_uri',
  'tos_uri',
  'policy_uri',
  'organization_uri',
  'information_uri',
  'initiate_login_uri',
])
/** What a server or a browser fetches on the client's word: https, or loopback. */
const fetched = new Set(['initiate_login_uri', 'sector_identifier_uri', 'jwks_uri'])
const scripts = new Set(['javascript:', 'data:', 'file:', 'vbscript:', 'blob:'])

/** Takes addresses out that would run code when a person clicks them, or that are fetched without TLS. */
export function withoutDangerousUris(registration: RegistrationResponse, deviations: Deviation[]): void {
  for (const [member, value] of Object.entries(registration)) {
    const [name = ''] = member.split('#')
    // Parsed as a browser would: it ignores a line break in the middle of a scheme.
    const address = typeof value === 'string' ? parseAddress(value) : undefined
    if (address === undefined) continue
    const runs = clickable.has(name) && scripts.has(address.protocol)
    if (!runs && !(fetched.has(name) && address.protocol === 'http:' && !isSecure(address))) continue
    delete registration[member]
    const why = runs ? 'An address that would run code when clicked' : 'An address that is fetched without TLS'
    deviations.push({ member, rule: runs ? 'dangerous-uri' : 'insecure-uri', message: `${why} was left out.` })
  }
}
