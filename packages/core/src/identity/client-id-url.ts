import type { Finding } from '../model/http.ts'

/** The sections in both drafts of OAuth Client ID Metadata Document: the newest, and the one that MCP names. */
export const inDrafts = (newest: string, oldest?: string): string =>
  `CIMD draft 02 section ${newest}${oldest === undefined ? '' : `, draft 00 section ${oldest}`}`

/** The parts of an address as written (RFC 3986 appendix B), since a platform's parser would mend what is to be judged. */
const written = /^(?:([A-Za-z][A-Za-z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/s

/** A character that must be encoded in an address (RFC 3986 section 2), or a percent sign that begins no octet. */
const unwritable = /[^!#$%&'()*+,\-./:;=?@A-Z[\]_a-z~\d]|%(?![\dA-Fa-f]{2})/

/**
 * Checks an address as the identifier of a client, by both drafts of OAuth Client ID Metadata Document: a `MUST` keeps servers
 * from using the address, a `SHOULD` is worth knowing. The text is judged as it stands, since servers compare texts. Pure, and
 * it never throws.
 *
 * @example
 * ```ts
 * import { checkClientIdUrl } from '@registrant/core/identity'
 *
 * for (const { level, message, source } of checkClientIdUrl('https://app.example')) console.log(level, message, source)
 * ```
 * @see [OAuth Client ID Metadata Document section 3](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-3)
 */
export function checkClientIdUrl(url: string): Finding[] {
  const isText: boolean = typeof url === 'string'
  if (!isText) return checkClientIdUrl('')
  const findings: Finding[] = []
  const source = inDrafts('3', '3')
  const find = (rule: string, message: string, level: Finding['level'] = 'MUST', said = source): void => {
    findings.push({ member: 'client_id', rule, level, message, source: said })
  }
  const [, scheme = '', authority = '', path = '', query, fragment] = written.exec(url) ?? []
  if (unwritable.test(url) || (scheme !== '' && !URL.canParse(url)))
    find('client-id-url', 'It is no address: encode what is not ASCII, and blanks.', 'MUST', 'RFC 3986 section 2')
  if (scheme.toLowerCase() !== 'https') find('client-id-scheme', 'It must be an https address.')
  if (authority === '') find('client-id-host', 'It must name a host.')
  if (authority.includes('@')) find('client-id-user-info', 'It must not hold a user name or password.')
  if (path === '') find('client-id-path', 'It must have a path, such as /client.json: the host alone is none.')
  if (path.split('/').some(isDots))
    find('client-id-dots', 'Its path must not have segments that are . or .., encoded or not.')
  if (fragment !== undefined) find('client-id-fragment', 'It must not have a fragment.')
  if (query !== undefined) find('client-id-query', 'It should not have a query.', 'SHOULD')
  if (path === '/')
    find('client-id-root', 'Give it a path of its own: the root has other content.', 'SHOULD', inDrafts('3'))
  if (findings.some(({ level }) => level === 'MUST')) return findings
  const { hostname, href } = new URL(url)
  if (isNumeric(hostname) || /(?:^|\.)localhost$/.test(hostname))
    find(
      'client-id-public',
      'Name a public host: servers fetch from no special-use address, and people are shown the host.',
      'SHOULD',
      inDrafts('8.6', '6.5'),
    )
  if (href !== url)
    find('client-id-spelling', `Servers compare the text: write it as ${href}, which is how others will.`, 'SHOULD')
  return findings
}

const isDots = (segment: string): boolean => /^(?:\.|%2e){1,2}$/i.test(segment)

/** Whether a host, as WHATWG writes it, is an IP address and no name. */
export const isNumeric = (hostname: string): boolean => /^(?:\d+(?:\.\d+){3}|\[.*\])$/.test(hostname)
