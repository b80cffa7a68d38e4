/** One challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** The scheme, in lower case: `bearer`, `dpop` … */
  scheme: string
  /** Its parameters, names in lower case; of a name that stands twice the first counts. */
  parameters: Readonly<Record<string, string>>
}

const token = "[!#$%&'*+\\-.^_`|~\\w]+"
const separator = /[\s,]*/y
const parameter = new RegExp(`(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`, 'y')
const scheme = new RegExp(`(${token})(?=[\\s,]|$)`, 'y')
/** What may stand in the place of parameters. */
const token68 = /[ \t]+[\w\-.~+/]+=*[ \t]*(?=,|$)/y

/**
 * The challenges of a `WWW-Authenticate` header, several of which may stand in one value (RFC 9110 section 11.6.1). What can't be
 * read ends it; what was read before counts. Pure, and it never throws.
 *
 * @example
 * ```ts
 * import { readChallenges } from '@registrant/core/identity'
 *
 * const [challenge] = readChallenges('Bearer scope="files:read", resource_metadata="https://mcp.example/metadata"')
 * console.log(challenge?.parameters['scope']) // files:read
 * ```
 * @see [RFC 9110 section 11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)
 */
export function readChallenges(header: string): Challenge[] {
  const challenges: (Challenge & { parameters: Record<string, string> })[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(header) ?? undefined
    if (found) at = pattern.lastIndex
    return found
  }
  while (at < header.length) {
    take(separator)
    const last = challenges.at(-1)
    const [, name, quoted, plain = ''] = (last && take(parameter)) ?? []
    if (last && name !== undefined) {
      last.parameters[name.toLowerCase()] ??= quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain
      continue
    }
    const [, started] = take(scheme) ?? []
    if (started === undefined) break
    challenges.push({ scheme: started.toLowerCase(), parameters: {} })
    take(token68)
  }
  return challenges
}
