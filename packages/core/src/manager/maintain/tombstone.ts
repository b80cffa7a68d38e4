import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { orphanOf, withGone, withOrphan } from '../record/clients.ts'
import type { Announced } from '../record/lease.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { Moment } from '../record/timeline.ts'
import { settled } from '../record/transitions.ts'
import { sweep } from './sweep.ts'

// What is left of a record whose client is given up.

/** A record without a registration, since a person has decided so; every client that it knew is listed, the one in use under `id`. */
export function cleared(moment: Moment, record: RegistrationRecord, reason: string, id: string): RegistrationRecord {
  const { record: rest } = settled(moment, record)
  const { registration, previous = [], shared, route } = rest
  const isOurs = registration !== undefined && route === undefined
  const current = isOurs ? { ...orphanOf(moment, id, reason, registration), shared } : undefined
  const replaced = previous.map((it) => orphanOf(moment, it.intent, reason, it.registration))
  const { schema, identity, epoch, revision, writeId, orphans, gone, attempts } = rest
  const decisions = (rest.decisions ?? 0) + 1
  const empty: RegistrationRecord = { schema, identity, epoch, decisions, revision, writeId, orphans, gone, attempts }
  return [...replaced, current].reduce(withOrphan, empty)
}

/** All that is left of a record: that it was deleted, and the clients that still have to be. */
export const tombstone = (context: Context, record: RegistrationRecord): RegistrationRecord => ({
  ...cleared(
    context.moment(),
    record,
    'It was replaced, and not deleted before the registration was.',
    platform.randomId(),
  ),
  deleted: true,
})

/** Ends a deletion with a tombstone; a client that may live all the same (`isGone` is false) is listed in it. */
export async function bury(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  isGone: boolean,
): Promise<void> {
  const { client_id } = registration
  const reason = 'Whether it was deleted can not be found out.'
  const newest = announced.found.record.registration ?? registration
  const orphan = orphanOf(context.moment(), platform.randomId(), reason, newest)
  const end = (record: RegistrationRecord): RegistrationRecord => {
    const rest = tombstone(context, { ...record, registration: undefined, intent: undefined })
    return isGone ? withGone(rest, client_id, context.clock.now()) : withOrphan(rest, orphan)
  }
  await context.leases.saveWithRetries((tries) => context.leases.complete(announced, end, tries))
  if (!isGone) context.tellOrphans([orphan])
  context.tell({ type: 'deleted', client_id })
  context.inBackground(() => sweep(context, false))
}
