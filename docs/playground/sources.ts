import { profiles } from './profiles.ts'

/** A part of what a finding names as its source, and where that can be read. */
export interface Source {
  text: string
  /** An address, or a page of the docs that begins with `/`. */
  href?: string | undefined
}

const openid = (name: string) => (section: string | undefined) =>
  `https://openid.net/specs/${name}.html${section === undefined ? '' : `#rfc.section.${section}`}`

/** Specifications by how findings name them. */
const specifications: readonly (readonly [name: RegExp, href: (section: string | undefined) => string])[] = [
  [/^OIDC DCR 1\.0/, openid('openid-connect-registration-1_0')],
  [/^OIDC Core 1\.0/, openid('openid-connect-core-1_0')],
  [/^OIDC Back-Channel Logout 1\.0/, openid('openid-connect-backchannel-1_0')],
  [/^OIDC Front-Channel Logout 1\.0/, openid('openid-connect-frontchannel-1_0')],
  [/^OIDC (?:RP-Initiated )?Logout 1\.0/, openid('openid-connect-rpinitiated-1_0')],
  [/^CIBA Core 1\.0/, openid('openid-client-initiated-backchannel-authentication-core-1_0')],
  [/^JARM/, openid('oauth-v2-jarm')],
  [/^OpenID Federation 1\.0/, openid('openid-federation-1_0')],
  [/^RP Metadata Choices 1\.0/, openid('openid-connect-rp-metadata-choices-1_0')],
]

const drafts = 'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document'
const protocol = 'https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization'

/** What a finding names as its source, each part with its address where it has one. */
export function sourcesOf(source: string): Source[] {
  const server = profiles.find(({ profile }) => profile.name === source)
  if (server !== undefined) return [{ text: source, href: server.page }]
  if (source.startsWith('MCP')) return [{ text: source, href: protocol }]
  if (source.startsWith('metadata of')) return [{ text: source }]
  let rfc = ''
  return source.split(', ').map((text) => {
    const section = /(?:sections? )?(\d+(?:\.\d+)*)$/.exec(text)?.[1]
    const number = /^RFC (\d+)/.exec(text)?.[1]
    if (number !== undefined) rfc = number
    const draft = /^(?:CIMD )?draft (\d\d)/.exec(text)?.[1]
    if (draft !== undefined) return { text, href: `${drafts}-${draft}#section-${section ?? ''}` }
    // `sections 3.3, 4.2` of one RFC.
    if (number !== undefined || (/^\d/.test(text) && rfc !== '')) {
      const anchor = /section|^\d/.test(text) ? `#section-${section ?? ''}` : ''
      return { text, href: `https://www.rfc-editor.org/rfc/rfc${rfc}${anchor}` }
    }
    const known = specifications.find(([name]) => name.test(text))
    return { text, href: known?.[1](text.includes('section') ? section : undefined) }
  })
}
