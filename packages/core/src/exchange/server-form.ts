import type { Deviation } from '../model/reading.ts'
import type { JsonObject } from './json.ts'
import { isObject } from './json.ts'
import { printable } from './printable.ts'

/** The `_supported` members that are flags; all others are lists. */
const flags = /_(?:parameter|logout|session|document|sso)_supported$|^require_/

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** What a member of a server's metadata must be, judged by its name, so that nobody has to doubt it again. */
function mended(member: string, value: unknown): unknown {
  if (flags.test(member)) return typeof value === 'boolean' ? value : undefined
  if (member.endsWith('_supported')) {
    // A few lists have an object in their place: formats and their parameters.
    if (isObject(value)) return value
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    const texts = items.filter(isText)
    return texts.length === 0 && !Array.isArray(value) ? undefined : texts
  }
  if (/_(?:endpoint|uri)$/.test(member)) return isText(value) ? value : undefined
  if (member === 'mtls_endpoint_aliases' || member === 'jwks') return isObject(value) ? value : undefined
  return value
}

/** Brings a server's metadata into normal form: lists are lists of strings, addresses strings, flags booleans, or absent. */
export function serverForm<Raw extends JsonObject>(raw: Raw): { value: Raw; deviations: Deviation[] } {
  const deviations: Deviation[] = []
  const value = { ...raw }
  for (const [member, given] of Object.entries(raw)) {
    const form = mended(member, given)
    if (form === given || (Array.isArray(form) && Array.isArray(given) && form.length === given.length)) continue
    if (form === undefined) Reflect.deleteProperty(value, member)
    else Reflect.set(value, member, form)
    if (given === null || given === '') continue
    const what = form === undefined ? 'was left out' : 'was converted'
    deviations.push({
      member: printable(member),
      rule: 'type',
      message: `The value in the server's metadata has another type than it must and ${what}.`,
    })
  }
  return { value, deviations }
}
