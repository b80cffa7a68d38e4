import type { ServerProfile } from '../profiles/server-profile.ts'
import type { JsonObject } from './json.ts'

/**
 * Metadata as it goes out: `undefined`, `null` and `''` are left out, members are renamed where the profile says so,
 * and stand in one order, so that the same metadata gives the same bytes.
 */
export function wireForm(metadata: object, profile?: ServerProfile): JsonObject {
  const named = Object.entries(metadata)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([member, value]: [string, unknown]) => [profile?.aliases?.[member] ?? member, value] as const)
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
