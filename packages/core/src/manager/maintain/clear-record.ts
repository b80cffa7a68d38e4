import { StateError, StoreError } from '../../errors.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { orphanOf, registeredHere, withGone, withOrphan } from '../record/clients.ts'
import type { Announced } from '../record/lease.ts'
import { emptyRecord, isEmpty } from '../record/read.ts'
import type { Found, RegistrationRecord } from '../record/record.ts'
import { settled } from '../record/transitions.ts'
import { sweep } from './sweep.ts'

// What is left of a record whose client a person gives up.

/** A record without a registration, since a person has decided so; every client that it knew is listed, the one in use under `id`. */
export function cleared(context: Context, record: RegistrationRecord, reason: string, id: string): RegistrationRecord {
  const moment = context.moment()
  const { record: rest } = settled(moment, record)
  const { previous = [], shared } = rest
  const own = registeredHere(rest)
  const current = own && { ...orphanOf(moment, id, reason, own), shared }
  const replaced = previous.map((it) => orphanOf(moment, it.intent, reason, it.registration))
  const { schema, identity, epoch, revision, writeId, orphans, gone, attempts } = rest
  const decisions = (rest.decisions ?? 0) + 1
  const empty: RegistrationRecord = { schema, identity, epoch, decisions, revision, writeId, orphans, gone, attempts }
  return [...replaced, current].reduce(withOrphan, empty)
}

/** The tombstone of a record: it holds that the registration was deleted, and the clients that still have to be. */
export const tombstone = (context: Context, record: RegistrationRecord): RegistrationRecord => ({
  ...cleared(context, record, 'It was replaced, and not deleted before the registration was.', platform.randomId()),
  deleted: true,
})

/**
 * Ends a deletion with a tombstone; a client that may live all the same (`isGone` is false) is listed in it. Resolves to `false`
 * where another client has taken its place meanwhile, which is to be deleted as well.
 */
export async function bury(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  isGone: boolean,
): Promise<boolean> {
  const { client_id } = registration
  const reason = 'Whether it was deleted can not be found out.'
  const newest = announced.found.record.registration ?? registration
  const orphan = orphanOf(context.moment(), platform.randomId(), reason, newest)
  const end = (record: RegistrationRecord): RegistrationRecord => {
    const rest = tombstone(context, { ...record, registration: undefined, intent: undefined })
    return isGone ? withGone(rest, client_id, context.clock.now()) : withOrphan(rest, orphan)
  }
  const saved = await context.leases.saveWithRetries((tries) => context.leases.complete(announced, end, tries))
  // A store that went back has lost the announcement, and names a client that was deleted on purpose; what a person has decided since stands.
  let isOvertaken = false
  const instead = (record: RegistrationRecord): RegistrationRecord | undefined => {
    const isOpen = record.decisions === announced.found.record.decisions
    isOvertaken = isOpen && record.registration?.client_id !== client_id
    return isOpen && !isOvertaken ? end(record) : undefined
  }
  const buried = saved ?? (await context.records.modify(instead))
  if (isOvertaken && !isGone) return false
  // What failed for a client that is gone waits no longer.
  context.memory.own.setbacks = undefined
  if (!isGone) context.tellOrphans([orphan])
  context.tell({ type: 'deleted', client_id })
  const replaced = new Set(announced.found.record.previous?.map(({ intent }) => intent))
  context.tellOrphans((buried?.record.orphans ?? []).filter(({ intent }) => replaced.has(intent)))
  context.inBackground(() => sweep(context, false))
  return !isOvertaken
}

/** A deletion that was overtaken goes on with what anybody else has made of the record; what a person has decided since stands. */
export async function requireUndecided({ records }: Context, { decisions }: RegistrationRecord): Promise<void> {
  const now = (await records.load())?.record
  if (now === undefined || now.deleted || now.decisions === decisions) return
  throw new StateError(
    'deleting',
    'forget() or recover() was called meanwhile, and stands: nothing was deleted. Call delete() again if the client is to go.',
  )
}

/** Starts over: the next `ensure()` registers. The client, if there was one, is listed as an orphan. */
export async function forget(context: Context, dropped: AbortSignal): Promise<void> {
  await putInPlace(context, dropped, (record, id) =>
    isEmpty(record)
      ? undefined
      : { ...cleared(context, record, 'It was forgotten on purpose.', id), attempts: undefined },
  )
}

type Instead = (record: RegistrationRecord, id: string) => RegistrationRecord | undefined

/**
 * Puts another record in place of whatever is stored, even of what can't be read: a person has decided so. A try that was said to
 * have failed may have been saved, with other clients since, so each try lists under an id of its own. Once dropped it
 * saves nothing more.
 */
export async function putInPlace(context: Context, dropped: AbortSignal, next: Instead): Promise<void> {
  const { unsaved } = context.memory
  let known: Set<string> | undefined
  let taken = [...unsaved]
  // An answer that could not be saved may hold the only token that works, or a client that nobody else knows.
  const whole: Instead = (record, id) => {
    taken = [...unsaved]
    const complete = taken.reduce((before, it) => {
      const after = it(before)
      return after === 'drop' ? before : (after ?? before)
    }, record)
    return next(complete, id)
  }
  const remembered = (record: RegistrationRecord): RegistrationRecord | undefined => {
    dropped.throwIfAborted()
    known ??= new Set(record.orphans?.map(({ intent }) => intent))
    return whole(record, platform.randomId())
  }
  const saved = await context.records
    .modify(remembered)
    .catch((error: unknown) => overUnreadable(context, whole, error))
  for (const it of taken) unsaved.delete(it)
  context.memory.own = {}
  context.tellOrphans((saved?.record.orphans ?? []).filter(({ intent }) => !known?.has(intent)))
}

/** Saves over what can't be read, where the store says which version that is. */
async function overUnreadable(context: Context, next: Instead, error: unknown): Promise<Found | undefined> {
  if (!(error instanceof StoreError) || error.version === undefined) throw error
  const empty = emptyRecord(context.identity)
  const instead = next(empty, platform.randomId()) ?? empty
  const unreadable = await textOf(context)
  const saved = await context.records.save({ ...instead, unreadable }, { version: error.version })
  if (saved === undefined) throw error
  return saved
}

/** What can't be read is kept inside the record that takes its place, as far as it can be had. */
async function textOf(context: Context): Promise<string | undefined> {
  const stored = await context.records.loadText().catch(() => undefined)
  return stored?.value.slice(0, 16_384)
}
