import { canonical } from '../model/digest.ts'
import type { Deviation } from '../model/reading.ts'
import type { JsonObject } from './json.ts'
import { isMetadata } from './metadata-members.ts'

const lists = new Set(['redirect_uris', 'grant_types', 'response_types', 'contacts', 'post_logout_redirect_uris'])

/** What a server changed of what was asked: allowed (RFC 7591 section 3.2.1), and worth knowing. */
export function changes(sent: JsonObject, answered: JsonObject): Deviation[] {
  const deviations: Deviation[] = []
  for (const [member, asked] of Object.entries(sent)) {
    if (asked === undefined || asked === null || member.endsWith('_supported')) continue
    const got = answered[member]
    if (got === undefined) {
      if (!isEmpty(asked))
        deviations.push({ member, rule: 'not-echoed', message: 'The server does not say what became of it.' })
    } else if (!same(member, asked, got)) {
      deviations.push({ member, rule: 'changed', message: 'The server registered another value than was asked for.' })
    }
  }
  return deviations
}

/** Members that an update took out and that the server still names: it merges where it should replace. */
export function notRemoved(current: JsonObject, sent: JsonObject, answered: JsonObject): Deviation[] {
  const removed = Object.keys(current).filter(
    (member) => isMetadata(member) && sent[member] === undefined && !isEmpty(current[member]),
  )
  return removed
    .filter((member) => answered[member] !== undefined && canonical(answered[member]) === canonical(current[member]))
    .map((member) => ({ member, rule: 'not-removed', message: 'The update left it out, and the server keeps it.' }))
}

const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0)

function same(member: string, asked: unknown, got: unknown): boolean {
  if (member === 'scope') return sameSet(words(asked), words(got))
  if (lists.has(member)) return sameSet(asked, got)
  return canonical(asked) === canonical(got)
}

const inOrder = (items: unknown[]): string[] => [...new Set(items.map(canonical))].toSorted((a, b) => (a < b ? -1 : 1))

const words = (scope: unknown): unknown => (typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope)

function sameSet(asked: unknown, got: unknown): boolean {
  if (!Array.isArray(asked) || !Array.isArray(got)) return false
  return canonical(inOrder(asked)) === canonical(inOrder(got))
}
