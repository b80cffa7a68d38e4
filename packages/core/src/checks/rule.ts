import type { RegistrationRequest } from '../model/registration.ts'
import type { JsonObject } from '../exchange/json.ts'
import type { Kind } from '../model/members.ts'
import { partOf } from '../exchange/asked.ts'
import { isObject } from '../exchange/json.ts'
import { kinds } from '../model/members.ts'
import { choices } from './choices.ts'
import type { Find } from './find.ts'
import { rfc7591 } from './find.ts'

/** What a request asks for in the end: the claims of its software statement count more (RFC 7591 section 2.3). */
export function effective(request: object, find: Find): RegistrationRequest {
  const own = wellTyped(request, find)
  const claims = own.software_statement === undefined ? undefined : partOf(own.software_statement, 1)
  return claims === undefined ? own : { ...own, ...wellTyped(claims) }
}

/** A member without its language tag: `client_name#fr` is a `client_name`. */
export const untagged = (member: string): string => member.split('#', 1)[0] ?? ''

/** The standard members that have their declared type; what is never sent is absent. */
function wellTyped(raw: object, find?: Find): RegistrationRequest {
  const typed: RegistrationRequest = {}
  const kept: JsonObject = {}
  for (const [member, value] of Object.entries(raw)) {
    if (value === undefined || value === null || value === '') continue
    if (!isJson(value)) find?.('not-json', member, 'It must be something that JSON can say.', 'RFC 7591 section 3.1')
    const kind = choices.has(member) ? 'strings' : kinds.get(untagged(member))
    if (kind === undefined) continue
    if (is[kind](value)) kept[member] = value
    else find?.(member === 'scope' ? 'R07' : 'type', member, `It must be ${wording[kind]}.`, rfc7591)
  }
  return Object.assign(typed, kept)
}

/** Whether JSON says a value as it is; what is nested deeper than any metadata is taken for a circle. */
function isJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return !/^(?:bigint|function|symbol)$/.test(typeof value)
  if (depth > 32 || 'toJSON' in value) return false
  if (Array.isArray(value)) return !value.includes(undefined) && value.every((item) => isJson(item, depth + 1))
  return (
    Object.prototype.toString.call(value) === '[object Object]' &&
    Object.values(value).every((item) => isJson(item, depth + 1))
  )
}

const isTime = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const is: Record<Kind, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  boolean: (value) => typeof value === 'boolean',
  number: isTime,
  time: isTime,
  object: isObject,
}

const wording: Record<Kind, string> = {
  string: 'a string',
  strings: 'an array of strings',
  boolean: 'true or false',
  number: 'a whole number, not negative',
  time: 'a whole number, not negative',
  object: 'an object',
}
