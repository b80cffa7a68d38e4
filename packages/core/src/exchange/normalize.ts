import type { Deviation, DeviationRule } from '../model/http.ts'
import { holdsSecret, secretKeyMembers } from '../model/jwk.ts'
import type { Kind } from '../model/members.ts'
import { aliases, kinds } from '../model/members.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import type { JsonObject } from './json.ts'
import { isObject, parseJson, standardName } from './json.ts'

/** The end of the year 9999 in seconds: a larger number is taken for milliseconds. */
const endOfSeconds = 253_402_300_799

/** How WSO2 Identity Server writes several redirect URIs in one text: each counts, and one that nobody asked for is refused. */
const several = /^regexp=\(([^()]+)\)$/

/** Whether a value has the declared type of its member; later code relies on this alone. */
const isKind: Record<Kind, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && !several.test(item)),
  boolean: (value) => typeof value === 'boolean',
  number: (value) => Number.isFinite(value),
  time: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= endOfSeconds,
  object: isObject,
}

/** Converts a value of another type; `undefined` where it can't be understood. */
const coerce: Record<Kind, (value: unknown, member: string) => unknown> = {
  string: (value, member) => {
    // An identifier that was rounded on the way, or is one of several, may be that of another client.
    if (member === 'client_id') return undefined
    if (!Array.isArray(value)) return Number.isSafeInteger(value) ? String(value) : undefined
    if (!value.every((item) => typeof item === 'string')) return undefined
    return member === 'scope' ? value.join(' ') : value[0]
  },
  strings: (value) => {
    if (typeof value === 'string') return [value]
    return Array.isArray(value)
      ? value.filter((item) => typeof item === 'string').flatMap((item) => several.exec(item)?.[1]?.split('|') ?? item)
      : undefined
  },
  boolean: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
  number: (value) => numberIn(value),
  time: (value) => {
    const time = Math.floor(numberIn(value) ?? secondsOf(value) ?? -1)
    if (time < 0) return undefined
    return time > endOfSeconds ? Math.floor(time / 1000) : time
  },
  object: (value) => (typeof value === 'string' ? parseJson(value) : undefined),
}

/** An ISO 8601 time, the end of the year 9999 at most; one without a zone is taken as UTC. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`
  const milliseconds = Date.parse(zoned)
  return Number.isNaN(milliseconds) ? undefined : Math.min(milliseconds / 1000, endOfSeconds)
}

/**
 * Brings an answer into normal form: standard members have their declared type or are absent, everything else stays as
 * it came. Whatever was changed is a deviation.
 */
export function normalize(raw: JsonObject, profile?: ServerProfile): { object: JsonObject; deviations: Deviation[] } {
  const deviations: Deviation[] = []
  const report = (member: string, rule: DeviationRule, message: string): void => {
    deviations.push({ member, rule, message })
  }
  const object: JsonObject = {}
  for (const [member, value] of [...Object.entries(raw), ...aliased(raw, profile, report)]) {
    const kind = kindOf(member)
    if (kind === undefined) {
      object[member] = value
    } else if (value === '') {
      report(member, 'empty', 'An empty string was taken as absent.')
    } else if (value === null) {
      report(member, 'null', 'null was taken as absent.')
    } else if (isKind[kind](value)) {
      object[member] = value
    } else {
      const mended = coerce[kind](value, member)
      if (mended !== '' && isKind[kind](mended)) {
        object[member] = mended
        report(member, 'type', `The value has another type than ${kindNames[kind]} and was converted.`)
      } else {
        report(member, 'unreadable', `The value is not ${kindNames[kind]} and was left out.`)
      }
    }
  }
  return { object, deviations }
}

/** The kind of a member, whatever its language tag: `client_name#fr` is a string as `client_name` is. */
const kindOf = (member: string): Kind | undefined =>
  kinds.get(member.includes('#') ? (member.split('#')[0] ?? '') : member)

const kindNames: Record<Kind, string> = {
  string: 'a string',
  strings: 'an array of strings',
  boolean: 'a boolean',
  number: 'a number',
  time: 'a whole number of seconds since the epoch',
  object: 'an object',
}

const says = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

/** The standard members that an answer has under another name; the other name stays in the answer too. */
function aliased(
  raw: JsonObject,
  profile: ServerProfile | undefined,
  report: (member: string, rule: DeviationRule, message: string) => void,
): [string, unknown][] {
  const vendor = Object.keys(raw).map((name) => [name, standardName(name, profile)] as const)
  const found = new Map<string, unknown>()
  for (const [name, standard] of [...vendor, ...Object.entries(aliases)]) {
    if (!says(raw[name]) || says(raw[standard]) || found.has(standard)) continue
    if (name === 'type' && raw[name] !== 'web' && raw[name] !== 'native') continue
    found.set(standard, raw[name])
    report(standard, 'alias', `It came as ${name}.`)
  }
  return [...found]
}

/** Takes private and symmetric key members out of a JWK Set that a server echoed. */
export function publicKeysOnly(object: JsonObject, deviations: Deviation[]): void {
  const { jwks } = object
  if (!isObject(jwks) || !Array.isArray(jwks['keys'])) return
  if (!jwks['keys'].some((key) => isObject(key) && holdsSecret(key))) return
  const keys = jwks['keys'].map((key: unknown) =>
    isObject(key)
      ? Object.fromEntries(Object.entries(key).filter(([member]) => !secretKeyMembers.includes(member)))
      : key,
  )
  object['jwks'] = { ...jwks, keys }
  deviations.push({
    member: 'jwks',
    rule: 'private-key',
    message: 'A private or symmetric key came back and was cut down to its public part.',
  })
}

/** A finite number, or one that came as a decimal string; `undefined` for everything else. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
