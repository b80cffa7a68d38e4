import { isSecure, parseAddress } from '../exchange/addresses.ts'
import { untagged } from './rule.ts'
import type { Check } from './find.ts'
import { dcr, rfc7591 } from './find.ts'
import { runsCode } from './redirects.ts'

/** What the rules say of an address: which members, what it must be, and what to say when it is not. */
type Row = readonly [rule: string, members: string, level: 'MUST' | 'SHOULD', source: string]

/** Fetched or called by a server: https, or loopback while developing. */
const secure: readonly Row[] = [
  ['R01s', 'signed_jwks_uri', 'MUST', 'OpenID Federation 1.0 section 5.2.1'],
  ['R06h', 'initiate_login_uri', 'MUST', dcr],
  ['R16', 'sector_identifier_uri', 'MUST', dcr],
  ['R17', 'jwks_uri', 'MUST', dcr],
  ['R29', 'request_uris', 'SHOULD', dcr],
  ['R30', 'frontchannel_logout_uri', 'SHOULD', 'OIDC Front-Channel Logout 1.0 section 2'],
  ['R30', 'backchannel_logout_uri', 'SHOULD', 'OIDC Back-Channel Logout 1.0 section 2.2'],
  ['R32', 'backchannel_client_notification_endpoint', 'MUST', 'CIBA Core 1.0 section 4'],
]
/** Clicked by people. */
const clicked = 'client_uri logo_uri tos_uri policy_uri information_uri organization_uri'.split(' ')

/** R01s, R06, R06h, R16, R17, R29, R30, R32: the addresses that are no redirect URIs. */
export const addresses: Check = (request, find) => {
  for (const [member, value] of Object.entries(request)) {
    const name = untagged(member)
    const uris: unknown[] = Array.isArray(value) ? value : [value]
    const parsed = uris.map((uri) => (typeof uri === 'string' ? parseAddress(uri) : undefined))
    if (clicked.includes(name)) {
      if (parsed.some((address) => address && runsCode(address)))
        find(
          'R06',
          member,
          'It would run code or open a file when somebody clicks it; send an https address.',
          'RFC 7591 section 5',
        )
      else if (parsed.some((address) => !/^https?:$/.test(address?.protocol ?? '')))
        find('R06', member, 'It is not the address of a page or an image.', rfc7591, 'SHOULD')
    }
    for (const [rule, only, level, source] of secure)
      if (only === name && parsed.some((address) => !address || !isSecure(address)))
        find(rule, member, 'It must be an https address (http only on loopback).', source, level)
  }
}
