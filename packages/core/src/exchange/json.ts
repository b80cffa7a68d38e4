import { InvalidRequestError } from '../errors.ts'
import type { HttpAnswer } from '../model/http.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

const unsafe = new Set(['__proto__', 'constructor', 'prototype'])
const maxDepth = 32

/** A parsed JSON object whose members nobody has looked at yet. */
export type JsonObject = Record<string, unknown>

/**
 * Parses what a server sent; `undefined` where that is not JSON or is nested deeper than 32 levels. Keys that could reach a
 * prototype are dropped, and `dropped` is called for each object that had one; of a key that stands twice the last counts.
 */
export function parseJson(text: string, dropped?: () => void): unknown {
  if (isTooDeep(text)) return undefined
  try {
    const parsed: unknown = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
    return clean(parsed, dropped)
  } catch {
    return undefined
  }
}

/** Whether a text, read as JSON, is nested deeper than 32 levels: checked before parsing, which takes long for such a text. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at)
    else if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    if (depth > maxDepth) return true
  }
  return false
}

/** The index of the quotation mark that ends a string; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}

/**
 * The JSON object of a success that came whole, and how often members that could reach a prototype were dropped from it;
 * `undefined` where there is none.
 */
export function objectIn({ status, body, cutOff }: HttpAnswer): { object: JsonObject; dropped: number } | undefined {
  if (status < 200 || status > 299 || cutOff !== undefined) return undefined
  let dropped = 0
  const object = parseJson(body, () => dropped++)
  return isObject(object) ? { object, dropped } : undefined
}

/** Whether `error` reports an error: a code, a sentence, or an object with either. Some servers say there that all is well. */
export const saysError = (error: unknown): boolean =>
  typeof error === 'object' ? Object.values(Object(error)).some((said) => said && typeof said === 'string') : !!error

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function clean(value: unknown, dropped: (() => void) | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => clean(item, dropped))
  const entries = Object.entries(value)
  const kept = entries.filter(([key]) => !unsafe.has(key))
  if (kept.length < entries.length) dropped?.()
  return Object.fromEntries(kept.map(([key, item]) => [key, clean(item, dropped)]))
}

/** The entry of a table for a name; a member that every object inherits is no entry. */
export const entryOf = <T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  table && Object.hasOwn(table, name) ? table[name] : undefined

const renamed = (member: string, profile: ServerProfile | undefined, from: 0 | 1): string =>
  member.replace(
    /^[^#]*/,
    (name) => Object.entries(profile?.aliases ?? {}).find((names) => names[from] === name)?.[1 - from] ?? name,
  )

/** A member's name on the wire: the server's own where it has one, in whatever language the member is. */
export const wireName = (member: string, profile: ServerProfile | undefined): string => renamed(member, profile, 0)

/** The standard name of a member that may stand under the server's own name. */
export const standardName = (member: string, profile: ServerProfile | undefined): string => renamed(member, profile, 1)

/** Whether a value is a key set without keys: servers written in Go send `null` for an empty list. */
export const isEmptyKeySet = (value: unknown): boolean =>
  isObject(value) && !(Array.isArray(value['keys']) && value['keys'].length > 0)

/**
 * Metadata as the body of a request.
 *
 * @throws {InvalidRequestError} `not-json` where it can't be said in JSON: it holds itself, or a BigInt
 */
export function wireBody(metadata: object, profile?: ServerProfile, first?: JsonObject): string {
  try {
    return JSON.stringify({ ...first, ...wireForm(metadata, profile, first !== undefined) })
  } catch (cause) {
    throw notJson(cause)
  }
}

/**
 * A deep copy of a caller's request or registration, as it is at this moment. Where something in it can't be copied, such as
 * a function or a proxy, only the object itself is copied.
 *
 * @throws {InvalidRequestError} `not-json` where it is no object
 */
export function snapshot<T extends object>(metadata: T): T {
  const isGiven: boolean = isObject(metadata)
  if (!isGiven) throw notJson()
  const own = { ...metadata }
  try {
    return structuredClone(own)
  } catch {
    return own
  }
}

function notJson(cause?: unknown): InvalidRequestError {
  const message = 'Give an object that JSON can say: nothing in it that holds itself, and no BigInt'
  return new InvalidRequestError(
    [{ member: 'metadata', rule: 'not-json', level: 'MUST', message, source: 'RFC 7591 section 3.1' }],
    { cause },
  )
}

/**
 * Metadata as it goes out: `undefined`, `null` and a key set without keys are left out, `''` too unless it takes a member
 * out of a registration; members are renamed where the profile says so, and stand in one order, so that the same metadata
 * gives the same bytes.
 */
function wireForm(metadata: object, profile: ServerProfile | undefined, isUpdate: boolean): JsonObject {
  const isSaid = (value: unknown): boolean => value !== '' || (isUpdate && profile?.clears === 'empty')
  const named = Object.entries(metadata)
    .filter(
      ([member, value]) =>
        value !== undefined && value !== null && isSaid(value) && !(member === 'jwks' && isEmptyKeySet(value)),
    )
    .map(([member, value]: [string, unknown]) => [wireName(member, profile), value] as const)
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
