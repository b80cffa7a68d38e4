import type { Finding } from '../model/http.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/** What of a request does not suit a server, by its profile: members outside its closed list, and members it warns of. */
export function checkProfile(request: object, profile: ServerProfile | undefined): Finding[] {
  if (profile === undefined) return []
  const source = profile.name
  const findings: Finding[] = []
  const seen = new Map<string, string>()
  for (const [member, value] of Object.entries(request)) {
    if (value === undefined || value === null || value === '') continue
    const [plain = ''] = member.split('#')
    const wire = profile.aliases?.[plain] ?? plain
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
    if (profile.accepts !== undefined && !profile.accepts.includes(wire)) {
      const ignored =
        profile.unknownMembers === undefined ? typeof value === 'string' : profile.unknownMembers === 'ignored'
      const level = ignored ? 'SHOULD' : 'MUST'
      findings.push({
        member,
        rule: 'not-accepted',
        level,
        source,
        message: 'This server does not know this member; leave it out.',
      })
    }
    const warning = profile.warns?.[plain]
    if (warning !== undefined) findings.push({ member, rule: 'warned', level: 'SHOULD', source, message: warning })
  }
  return findings
}

/** `client_name#` and `client_name` name the same text, and so do two spellings of one language tag. */
const normalName = (member: string): string => {
  const [name = '', tag = ''] = member.split('#')
  return `${name}#${tag.toLowerCase()}`
}
