import type { Finding } from '../model/http.ts'
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

/** Whether a profile can name a value. */
const isNamed = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** What a profile says of one member of a request: whether the server knows it, refuses it, or does something else with it. */
export function judgeMember(
  { accepts, aliases, unknownMembers, refuses, warns }: ServerProfile,
  member: string,
  value: unknown,
): Pick<Finding, 'rule' | 'level' | 'message'>[] {
  const [plain = '', tag] = member.split('#')
  const items: unknown[] = Array.isArray(value) ? value : [value]
  const keys = [plain, ...items.flatMap((item) => (isNamed(item) ? `${plain}=${String(item)}` : []))]
  const said = (sentences: typeof warns): string[] => keys.flatMap((key) => sentences?.[key] ?? [])

  const refused = said(refuses).map((message) => ({ rule: 'refused', level: 'MUST' as const, message }))
  if (refused.length > 0) return refused
  const name = aliases?.[plain] ?? plain
  if (accepts?.includes(tag ? `${name}#` : name) === false) {
    const ignored = unknownMembers === undefined ? typeof value === 'string' : unknownMembers === 'ignored'
    const where = tag ? ' in a language' : ''
    const message = `This server does not know this member${where}; leave it out.`
    return [{ rule: 'not-accepted', level: ignored ? 'SHOULD' : 'MUST', message }]
  }
  return said(warns).map((message) => ({ rule: 'warned', level: 'SHOULD' as const, message }))
}
