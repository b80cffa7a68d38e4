import { aliases, isMetadata, kinds } from '../model/members.ts'
import { choices, rfc7591, untagged } from './rule.ts'
import type { Find } from './rule.ts'

/**
 * Names a member that nobody knows, with the standard one that it was probably to be. It is sent all the same: it may be a
 * server's own. What the server is known to take is no slip, however much it looks like a standard member.
 */
export function misspelt(request: object, find: Find, taken: readonly string[] = []): void {
  for (const [member, value] of Object.entries(request)) {
    if (value === undefined || value === null || value === '') continue
    const name = untagged(member)
    if (kinds.has(name) || choices.has(name) || taken.includes(member)) continue
    const meant = meantBy(name)
    if (meant !== undefined)
      find('misspelt', member, `No specification knows it; ${meant} is probably meant.`, rfc7591, 'SHOULD')
  }
}

const memberNames = [...kinds.keys()].filter(isMetadata)

/** The standard member that a name is an older or singular form of, or differs from by little; case and separators don't count. */
function meantBy(name: string): string | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name]
  const plain = lettersOf(name)
  let nearest: string | undefined
  let least = plain.length < 8 ? 1 : 2
  for (const member of memberNames) {
    const other = lettersOf(member)
    if (Math.abs(other.length - plain.length) > least) continue
    const distance = editDistance(plain, other)
    if (distance > least || (distance === least && nearest !== undefined)) continue
    nearest = member
    least = distance
  }
  return nearest
}

const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** How many letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const isEqual = from[i - 1] === to[j - 1]
      const isSwapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const steps = [at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isEqual ? 0 : 1)]
      if (i > 1 && j > 1 && isSwapped) steps.push(at(before, j - 2) + 1)
      row.push(Math.min(...steps))
    }
    before = last
    last = row
  }
  return at(last, to.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity
