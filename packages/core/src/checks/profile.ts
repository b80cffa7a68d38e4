import type { Finding } from '../model/http.ts'
import { judgeMember } from '../profiles/judge-member.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/**
 * What of a request does not suit a server, by its profile: members outside its closed list, and members it warns of.
 *
 * @example
 * ```ts
 * import { checkProfile } from '@registrant/core/checks'
 * import { keycloak } from '@registrant/core/profiles'
 *
 * const findings = checkProfile({ redirect_uris: ['https://app.example/callback'], application_type: 'web' }, keycloak)
 * ```
 */
export function checkProfile(request: object, profile: ServerProfile | undefined): Finding[] {
  if (profile === undefined) return []
  const source = profile.name
  const findings: Finding[] = []
  const seen = new Map<string, string>()
  for (const [member, value] of Object.entries(request)) {
    if (value === undefined || value === null || value === '') continue
    const normal = normalName(member)
    const twin = seen.get(normal)
    if (twin !== undefined) {
      findings.push({
        member,
        rule: 'name-twice',
        level: 'MUST',
        source,
        message: `${member} and ${twin} are the same member to this server; send one of them.`,
      })
    }
    seen.set(normal, member)
    findings.push(...judgeMember(profile, member, value).map((said) => ({ member, source, ...said })))
  }
  return findings
}

/** `client_name#` and `client_name` name the same text, and so do two spellings of one language tag. */
const normalName = (member: string): string => {
  const [name = '', tag = ''] = member.split('#')
  return `${name}#${tag.toLowerCase()}`
}
