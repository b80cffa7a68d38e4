import type { Deviation } from '../model/reading.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { isSecure, parseAddress } from './addresses.ts'

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
