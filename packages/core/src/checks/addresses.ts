import { isPicture, isSecure, parseAddress, runsCode } from '../exchange/addresses.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { Check, Find } from './rule.ts'
import { dcr, rfc7591, untagged } from './rule.ts'

/** R02, R04, R05: the redirect URIs. */
export const redirects: Check = (request, find) => {
  const { redirect_uris: uris = [], claims_redirect_uris: claims = [], application_type: type = 'web' } = request
  const grants = request.grant_types ?? ['authorization_code']
  const implicit = grants.includes('implicit')
  if (uris.length === 0 && (implicit || grants.includes('authorization_code'))) {
    // A server may know the redirect URIs from the software statement, or from the software that `software_id` names.
    const isKnown = request.software_id !== undefined && request.redirect_uris === undefined
    const level = request.software_statement === undefined && !isKnown ? 'MUST' : 'SHOULD'
    find(
      'R02',
      'redirect_uris',
      'It must not be empty with these grant_types (left out: authorization_code).',
      rfc7591,
      level,
    )
  }
  for (const uri of uris) wellFormed('redirect_uris', uri, request, find)
  for (const uri of claims) wellFormed('claims_redirect_uris', uri, request, find)

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

function wellFormed(member: string, uri: string, request: RegistrationRequest, find: Find): void {
  const source = 'RFC 6749 section 3.1.2, RFC 7591 section 5'
  const address = parseAddress(uri)
  if (address !== undefined && runsCode(address))
    find('R05', member, 'A redirect URI must not run code or open a file.', source)
  else if (isMended(uri)) find('R05', member, notUri, `${source}, RFC 3986 section 3`)
  else if (address === undefined || uri.includes('#'))
    find('R05', member, 'A redirect URI is an absolute address without a fragment.', source)
  else if (address.protocol === 'http:' && !isSecure(address)) plainHttp(member, address, request, find)
}

const notUri = 'It is no URI as it stands: encode blanks, backslashes, % and letters beyond ASCII as %20, %5C, %25 ...'

/** A code that is read on the way is of no use where the client authenticates, and on an inner network nobody reads it. */
function plainHttp(member: string, address: URL, request: RegistrationRequest, find: Find): void {
  const { application_type: type = 'web', token_endpoint_auth_method: method, grant_types: grants = [] } = request
  const isConfidential = type === 'web' && method !== 'none' && !grants.includes('implicit')
  if (isConfidential || isInner(address))
    find(
      'R05',
      member,
      'Send https: by http the answer can be read on the way.',
      'OIDC Core 1.0 section 3.1.2.1',
      'SHOULD',
    )
  else
    find(
      'R05',
      member,
      "A redirect URI is https, http on this machine, or of an app's own scheme.",
      'OIDC Core 1.0 section 3.1.2.1, RFC 7591 section 5',
    )
}

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

/** A rule for addresses: the members that it is about, its level and its source. */
type AddressRule = readonly [rule: string, members: string, level: 'MUST' | 'SHOULD', source: string]

/** Addresses that a server fetches or calls: https, or loopback while developing. */
const secure: readonly AddressRule[] = [
  ['R01s', 'signed_jwks_uri', 'MUST', 'OpenID Federation 1.0 section 5.2.1'],
  ['R06h', 'initiate_login_uri', 'MUST', dcr],
  ['R16', 'sector_identifier_uri', 'MUST', dcr],
  ['R17', 'jwks_uri', 'MUST', dcr],
  ['R29', 'request_uris', 'SHOULD', dcr],
  ['R30', 'frontchannel_logout_uri', 'SHOULD', 'OIDC Front-Channel Logout 1.0 section 2'],
  ['R30', 'backchannel_logout_uri', 'SHOULD', 'OIDC Back-Channel Logout 1.0 section 2.2'],
  ['R32', 'backchannel_client_notification_endpoint', 'MUST', 'CIBA Core 1.0 section 4'],
]
/** Addresses that people click. */
const clicked = 'client_uri logo_uri tos_uri policy_uri information_uri organization_uri'.split(' ')

/** R01s, R06, R06h, R16, R17, R29, R30, R32: the addresses that are no redirect URIs. */
export const addresses: Check = (request, find) => {
  for (const [member, value] of Object.entries(request)) {
    const name = untagged(member)
    const uris: unknown[] = Array.isArray(value) ? value : [value]
    const parsed = uris.map((uri) => (typeof uri === 'string' ? parseUri(uri) : undefined))
    if (clicked.includes(name)) {
      const address = typeof value === 'string' ? parseAddress(value) : undefined
      if (address && isPicture(name, address)) continue
      if (address && runsCode(address))
        find(
          'R06',
          member,
          'It would run code or open a file when somebody clicks it; send an https address.',
          'RFC 7591 section 5',
        )
      else if (!/^https?:$/.test(parsed[0]?.protocol ?? ''))
        find('R06', member, 'It is not the address of a page or an image.', rfc7591, 'SHOULD')
    }
    if (name === 'request_uris' && uris.some((uri) => typeof uri === 'string' && isMended(uri)))
      find('R29', member, notUri, `${dcr}, RFC 3986 section 3`)
    for (const [rule, only, level, source] of secure)
      if (only === name && parsed.some((address) => !address || !isSecure(address)))
        find(rule, member, 'It must be an https address (http only on loopback).', source, level)
  }
}

/** R30: what users and sessions need at logout. */
export const logout: Check = (request, find) => {
  const { post_logout_redirect_uris: after = [], backchannel_logout_uri: back } = request
  const source = 'OIDC RP-Initiated Logout 1.0 section 3.1'
  const parsed = after.map(parseAddress)
  if (parsed.some((address) => address && runsCode(address)))
    find('R30', 'post_logout_redirect_uris', 'It must not run code or open a file.', source)
  else if (after.some(isMended)) find('R30', 'post_logout_redirect_uris', notUri, `${source}, RFC 3986 section 3`)
  else if (parsed.some((address) => !address || (address.protocol === 'http:' && !isSecure(address))))
    find(
      'R30',
      'post_logout_redirect_uris',
      "It should be an https address, or of an app's own scheme.",
      source,
      'SHOULD',
    )
  if (back?.includes('#') === true)
    find(
      'R30',
      'backchannel_logout_uri',
      'It must not have a fragment.',
      'OIDC Back-Channel Logout 1.0 section 2.2',
      'SHOULD',
    )
  for (const channel of ['frontchannel', 'backchannel'] as const)
    if (request[`${channel}_logout_session_required`] === true && request[`${channel}_logout_uri`] === undefined)
      find(
        'R30',
        `${channel}_logout_session_required`,
        `It means nothing without ${channel}_logout_uri.`,
        'OIDC Logout 1.0',
        'SHOULD',
      )
}

/**
 * A URI by RFC 3986: only the characters that it names, each % before two hexadecimal digits, and brackets only around an
 * IPv6 address. http and https must name a host (RFC 9110 section 4.2).
 */
const grammar =
  /^(?!https?:(?!\/\/[^/?#]))[a-z][a-z\d+.-]*:(?:\/\/\[[\da-f:.]+\])?(?:[\w.~:/?@!$&'()*+,;=-]|%[\da-f]{2})*(?:#(?:[\w.~:/?@!$&'()*+,;=-]|%[\da-f]{2})*)?$/i

/**
 * A text as an address, where it is a URI as it stands. A text that the platform's parser would have to mend (blanks,
 * backslashes, `%zz`, letters beyond ASCII) is none: servers get and compare the text unmended.
 */
const parseUri = (text: string): URL | undefined => (grammar.test(text) ? parseAddress(text) : undefined)

/** Whether a text is an address only after a parser mended it. */
const isMended = (text: string): boolean => !grammar.test(text) && URL.canParse(text)

/**
 * Whether a host is reached from an inner network alone: a private or link-local address (RFC 1918, 3927, 4193, 4291), a
 * name without a dot, or one of the names set aside for that (RFC 6762, 8375; `internal`).
 */
const isInner = ({ hostname }: URL): boolean =>
  /^(?:10|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d+){2,3}$/.test(hostname) ||
  /^\[f(?:[cd][\da-f]|e[89ab])[\da-f]:/.test(hostname) ||
  /^[^.[]+$|\.(?:local|internal|home\.arpa|localhost)$/.test(hostname)
