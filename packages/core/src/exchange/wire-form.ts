import { InvalidRequestError } from '../errors.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import type { JsonObject } from './json.ts'

/**
 * Metadata as the body of a request.
 *
 * @throws {InvalidRequestError} `not-json` where it can't be said in JSON: it holds itself, or a BigInt
 */
export function wireBody(metadata: object, profile?: ServerProfile, first?: JsonObject): string {
  try {
    return JSON.stringify({ ...first, ...wireForm(metadata, profile) })
  } catch {
    const message = 'The metadata holds something that JSON can not say: itself, or a BigInt'
    throw new InvalidRequestError([
      { member: 'metadata', rule: 'not-json', level: 'MUST', message, source: 'RFC 7591 section 3.1' },
    ])
  }
}

/**
 * Metadata as it goes out: `undefined`, `null` and `''` are left out, members are renamed where the profile says so,
 * and stand in one order, so that the same metadata gives the same bytes.
 */
function wireForm(metadata: object, profile?: ServerProfile): JsonObject {
  const named = Object.entries(metadata)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([member, value]: [string, unknown]) => [profile?.aliases?.[member] ?? member, value] as const)
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
