import type { Moment } from './timeline.ts'
import { strays, withOrphan } from './clients.ts'
import type { RegistrationRecord, StoredOrphan } from './record.ts'

/**
 * Which of two records counts: the one that a process has seen acknowledged, or the one that the store shows now.
 *
 * `found`: what the store shows, since it is newer, or the same. `known`: the store went back in time, so what is known is
 * put back. `another`: somebody started over on an empty store, and what is known no longer counts.
 */
export type Order = 'found' | 'known' | 'another'

export function compareRecords(known: RegistrationRecord | undefined, found: RegistrationRecord | undefined): Order {
  if (known === undefined) return 'found'
  if (found === undefined) return 'known'
  if (known.epoch !== found.epoch) return 'another'
  if (known.writeId === found.writeId) return 'found'
  return found.revision > known.revision ? 'found' : 'known'
}

/** A record with the clients that another one names and that it does not account for. */
export function withStrays(
  moment: Moment,
  record: RegistrationRecord,
  other: RegistrationRecord | undefined,
): { record: RegistrationRecord; listed: StoredOrphan[] } {
  const listed = other === undefined ? [] : strays(moment, record, other)
  return { listed, record: listed.reduce(withOrphan, record) }
}

/** The record that is put back: its revision lies above both. */
export function putBack(
  moment: Moment,
  known: RegistrationRecord,
  found: RegistrationRecord | undefined,
): { record: RegistrationRecord; listed: StoredOrphan[] } {
  const { record, listed } = withStrays(moment, known, found)
  return { listed, record: { ...record, revision: Math.max(known.revision, found?.revision ?? 0) } }
}
