import type { Finding } from '../model/http.ts'
import type { ServerProfile } from './server-profile.ts'

/** What a profile says of one member of a request: whether the server knows it, refuses it, or does something else with it. */
export function judgeMember(
  { accepts, aliases, unknownMembers, refuses, warns }: ServerProfile,
  member: string,
  value: unknown,
): Pick<Finding, 'rule' | 'level' | 'message'>[] {
  const [plain = '', tag] = member.split('#')
  const keys = [plain, ...(Array.isArray(value) ? value : [value]).map((item) => `${plain}=${item}`)]
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
