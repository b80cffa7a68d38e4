import type { HttpAnswer } from '../model/http.ts'
import { platform } from '../platform.ts'

/**
 * `Retry-After` in milliseconds (RFC 9110 section 10.2.3); a date is measured against the server's clock. Of several numbers
 * the largest counts. Where an answer 429 or 503 leaves the header out, `RateLimit-Reset` and similar headers count.
 */
export function retryAfterOf({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): number | undefined {
  const now = dateIn(headers.get('date') ?? '') ?? platform.now()
  const value = headers.get('retry-after')?.trim() ?? ''
  const then = dateIn(value)
  // A header that was added twice arrives as one value with a comma.
  if (/^\d+(?:\s*,\s*\d+)*$/.test(value))
    return Math.min(Math.max(...value.split(',').map(Number)) * 1000, Number.MAX_SAFE_INTEGER)
  if (then !== undefined) return Math.max(0, then - now)
  // Many servers send the rate-limit headers with every answer, to say when the count starts anew.
  if (status !== 429 && status !== 503) return undefined
  const reset = ['ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset']
    .map((name) => headers.get(name)?.trim() ?? '')
    .find((found) => /^\d{1,13}(?:\.\d+)?$/.test(found))
  return reset === undefined ? undefined : untilReset(Number(reset), now)
}

/** Milliseconds until a reset: a small number is seconds from now, a large one seconds or milliseconds since the epoch. */
function untilReset(reset: number, now: number): number {
  if (reset < 1e8) return reset * 1000
  return Math.max(0, (reset < 1e11 ? reset * 1000 : reset) - now)
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const time = String.raw`(?<time>\d\d:\d\d:\d\d)`
/** IMF-fixdate and RFC 850; asctime, whose day may have one digit. */
const dateForms = [
  new RegExp(
    `^[a-z]{3,9}, (?<day>\\d\\d?)[ -](?<month>[a-z]{3})[ -](?<year>\\d\\d(?:\\d\\d)?) ${time} (?:GMT|UTC)$`,
    'i',
  ),
  new RegExp(`^[a-z]{3} (?<month>[a-z]{3}) {1,2}(?<day>\\d\\d?) ${time} (?<year>\\d{4})$`, 'i'),
]

/** A date in one of the three forms of RFC 9110 section 5.6.7, always UTC: engines differ in what else they take for one. */
function dateIn(value: string): number | undefined {
  const found = dateForms.map((form) => form.exec(value)?.groups).find((groups) => groups !== undefined)
  if (found === undefined) return undefined
  const { day = '', month = '', year = '', time: clock = '' } = found
  const monthNumber = String(months.indexOf(month.toLowerCase()) + 1).padStart(2, '0')
  const moment = Date.parse(`${wholeYear(year)}-${monthNumber}-${day.padStart(2, '0')}T${clock}Z`)
  return Number.isNaN(moment) ? undefined : moment
}

/** Two digits that would lie more than 50 years ahead mean the last century. */
function wholeYear(year: string): string {
  if (year.length === 4) return year
  const next = new Date(platform.now()).getUTCFullYear() + 50
  return String(Number(year) + 2000 > next ? Number(year) + 1900 : Number(year) + 2000)
}

/** One challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** The scheme, in lower case: `bearer`, `dpop` … */
  scheme: string
  /** Its parameters, names in lower case; of a name that stands twice the first counts. */
  parameters: Readonly<Record<string, string>>
}

const token = "[!#$%&'*+\\-.^_`|~\\w]+"
const separator = /[\s,]*/y
/** A value without quotes must end where a parameter may end, so that an unquoted address is not cut off in its middle. */
const parameter = new RegExp(`(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token})(?=[\\s,]|$))`, 'y')
const scheme = new RegExp(`(${token})(?=[\\s,]|$)`, 'y')
/** A token68, which may stand in the place of parameters. */
const token68 = /[ \t]+[\w\-.~+/]+=*[ \t]*(?=,|$)/y

/**
 * The challenges of a `WWW-Authenticate` header, several of which may stand in one value (RFC 9110 section 11.6.1). Text that
 * can't be read ends the list. `null`, which `headers.get()` returns without a header, gives none. Pure, and it never throws.
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
export function readChallenges(header: string | null): Challenge[] {
  const text = header ?? ''
  const challenges: (Challenge & { parameters: Record<string, string> })[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text) ?? undefined
    if (found) at = pattern.lastIndex
    return found
  }
  while (at < text.length) {
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
