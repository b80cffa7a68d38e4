import { isSecure, parseAddress } from '../exchange/addresses.ts'
import type { Check, Find } from './find.ts'
import { dcr, rfc7591 } from './find.ts'

/** R02, R04, R05: where users come back to. */
export const redirects: Check = (request, find) => {
  const { redirect_uris: uris = [], claims_redirect_uris: claims = [], application_type: type = 'web' } = request
  const grants = request.grant_types ?? ['authorization_code']
  const implicit = grants.includes('implicit')
  if (uris.length === 0 && (implicit || grants.includes('authorization_code'))) {
    // A server may know the rest from whoever vouches for the software.
    const level = request.software_statement === undefined ? 'MUST' : 'SHOULD'
    find(
      'R02',
      'redirect_uris',
      'It must not be empty with these grant_types (left out: authorization_code).',
      rfc7591,
      level,
    )
  }
  for (const uri of uris) wellFormed('redirect_uris', uri, find)
  for (const uri of claims) wellFormed('claims_redirect_uris', uri, find)

  if (!/^(?:web|native)$/.test(type))
    find('R04', 'application_type', "It is web or native; other values are one vendor's.", dcr, 'SHOULD')
  if (type !== 'web') return
  if (uris.map(parseAddress).some((at) => at?.protocol !== 'https:' || /^(?:.+\.)?localhost$/.test(at.hostname))) {
    const message = implicit
      ? 'A web client with the implicit grant comes back to https and not to localhost.'
      : 'Strict servers take only https for a web client; application_type native allows loopback and app schemes.'
    find('R04', 'redirect_uris', message, dcr, implicit ? 'MUST' : 'SHOULD')
  }
}

function wellFormed(member: string, uri: string, find: Find): void {
  const source = 'RFC 6749 section 3.1.2, RFC 7591 section 5'
  const address = parseAddress(uri)
  if (address === undefined || uri.includes('#'))
    find('R05', member, 'A redirect URI is an absolute address without a fragment.', source)
  else if (runsCode(address)) find('R05', member, 'A redirect URI must not run code or open a file.', source)
  else if (address.protocol === 'http:' && !isSecure(address))
    find('R05', member, "A redirect URI is https, http on this machine, or of an app's own scheme.", source)
}

/** Schemes that run code, or open what is on the machine of whoever clicks. */
export const runsCode = ({ protocol }: URL): boolean => /^(?:javascript|data|file|vbscript|blob):$/.test(protocol)

/** R16: pairwise subjects need one host to stand for the client. */
export const subjects: Check = ({ subject_type, sector_identifier_uri, redirect_uris = [] }, find) => {
  const hosts = new Set(redirect_uris.map((uri) => (URL.canParse(uri) ? new URL(uri).host : uri)))
  if (subject_type === 'pairwise' && hosts.size > 1 && sector_identifier_uri === undefined)
    find(
      'R16',
      'sector_identifier_uri',
      'Pairwise subjects with redirect URIs on several hosts need it.',
      'OIDC Core 1.0 section 8.1',
    )
}
