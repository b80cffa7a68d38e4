import type { Orphan } from '../../events.ts'
import type { Context } from '../context.ts'
import type { NotDeleted } from '../ensure/delete-client.ts'
import { canBeDeleted, deleteListed, mayDelete, withoutDeletion } from '../ensure/delete-client.ts'
import { isOutage, meaningOf } from '../ensure/outcomes.ts'
import { managed, orphanOf, toOrphan, withGone, withOrphan } from '../record/clients.ts'
import { hasManagement } from '../record/credentials.ts'
import { binds, day, hour, minute } from '../record/mark.ts'
import type { Managed, Previous, RegistrationRecord, StoredOrphan } from '../record/record.ts'
import { suspicionIn } from '../record/setbacks.ts'
import { isOfPayer, meaningOfDeletion } from './verdicts.ts'

const mostAMinute = 5
const givenUpAfter = 7 * day

/**
 * Deletes the clients that were replaced `overlap` ago, now that every replica has moved over: one at a time, a few a minute,
 * each left alone for longer when it fails. Nobody waits for it, and it never fails.
 */
export async function housekeep(context: Context): Promise<void> {
  // A sweep that runs already does the same, and `close()` waits for it; a deletion that fails is tried again by the next one.
  await (context.memory.sweeping ?? inTurn(context, () => retireDue(context))).catch(() => undefined)
}

async function retireDue(context: Context): Promise<void> {
  const record = (await context.records.load())?.record
  if (record === undefined) return
  for (const it of record.previous ?? [])
    if (isDue(context, record, it, false) && mayDeleteAnother(context) && !(await retire(context, it))) return
}

/** Only one task of this process deletes at a time: two would send two requests for one client. */
async function inTurn<T>({ memory }: Context, task: () => Promise<T>): Promise<T> {
  const before = memory.sweeping
  const turn = (async () => {
    await before?.catch(() => undefined)
    return task()
  })()
  memory.sweeping = turn
  try {
    return await turn
  } finally {
    if (memory.sweeping === turn) memory.sweeping = undefined
  }
}

/** A few deletions a minute are enough for what nobody waits for. */
function mayDeleteAnother({ memory, restFor, clock }: Context): boolean {
  const now = clock.monotonic()
  memory.deletions = memory.deletions.filter((at) => now - at < minute)
  if (memory.deletions.length >= mostAMinute || restFor(1) > 0) return false
  memory.deletions.push(now)
  return true
}

/** Until when a retired client stays: until `overlap` is over, and its next attempt is due. */
export const deleteReplacedAt = ({ overlap }: Pick<Context, 'overlap'>, { at, retry }: Previous): number =>
  Math.max(at + overlap, retry ? retry.at + retry.length : 0)

function isDue(context: Context, record: RegistrationRecord, it: Previous, isAsked: boolean): boolean {
  const { clock, overlap, forgetDelay } = context
  const now = clock.now()
  if (now < it.at + overlap) return false
  if (!isAsked && binds(it.retry, now)) return false
  // A replica that fell back to it while its successor is in doubt still needs it.
  const inDoubt = suspicionIn(record, now, forgetDelay) !== undefined && !record.proven
  return !inDoubt && mayBeAskedFor(context, record, it.registration.client_id)
}

/** By the record as it was loaded, while nobody has closed the manager. */
const mayBeAskedFor = (context: Context, record: RegistrationRecord, clientId: string): boolean =>
  !context.closing.signal.aborted && mayDelete(context, record, clientId)

/** Deletes a retired client. `false`: the server did not answer, and would keep us waiting for each of the others too. */
async function retire(context: Context, it: Previous): Promise<boolean> {
  const { client_id } = it.registration
  const outcome = await deleteListed(context, it.registration)
  if (outcome === undefined) return true
  if (outcome.deleted) {
    await context.records.modify((record) => withGone(record, client_id, context.clock.now()))
    context.tell({ type: 'deleted', client_id })
    return true
  }
  const { error } = outcome
  const listed = isHopeless(context, it, outcome)
    ? orphanOf(
        context.moment(),
        it.intent,
        'It was replaced, and the server did not let it be deleted.',
        it.registration,
      )
    : undefined
  await context.records.modify((record) =>
    listed ? withOrphan(withoutPrevious(record, client_id), listed) : leftWaiting(context, record, it, error),
  )
  context.tellOrphans([listed])
  return !isOutage(error)
}

/** Waiting mends nothing: the server can't delete it, denies it, or has not answered for a week. */
function isHopeless({ clock, overlap, options }: Context, { at }: Previous, { error }: NotDeleted): boolean {
  const meaning = meaningOfDeletion(error)
  const mayPass =
    meaning === 'later' ||
    meaning === 'unknown' ||
    (meaning === 'not-sent' && canBeDeleted(error)) ||
    isOfPayer(error, options)
  return !mayPass || clock.now() - at - overlap > givenUpAfter
}

/** The record in which a retired client waits for its next attempt: after a minute, doubling to an hour. */
function leftWaiting(
  context: Context,
  record: RegistrationRecord,
  { registration }: Previous,
  error: unknown,
): RegistrationRecord {
  const now = context.clock.now()
  const rest = withoutDeletion(context, registration.client_id, error)(record)
  const previous = rest.previous?.map((it) => {
    if (it.registration.client_id !== registration.client_id) return it
    const count = (it.retry?.count ?? 0) + 1
    return { ...it, retry: { at: now, length: Math.min(minute * 2 ** (count - 1), hour), count } }
  })
  return { ...rest, previous }
}

const withoutPrevious = (record: RegistrationRecord, clientId: string): RegistrationRecord => ({
  ...record,
  previous: record.previous?.filter((it) => it.registration.client_id !== clientId),
})

/**
 * Deletes every orphan that can be reached, and replaced clients whose time has come; resolves to the orphans that are left.
 * Where nobody has asked for it, only a few a minute are deleted.
 */
export async function sweep(context: Context, isAsked = true): Promise<Orphan[]> {
  return inTurn(context, () => sweepAll(context, () => isAsked || mayDeleteAnother(context)))
}

async function sweepAll(context: Context, mayGoOn: () => boolean): Promise<Orphan[]> {
  const record = (await context.records.load())?.record
  if (record === undefined) return []
  for (const it of record.previous ?? [])
    if (isDue(context, record, it, true) && mayGoOn() && !(await retire(context, it))) return remaining(context)
  for (const it of record.orphans ?? []) {
    const { client_id } = it
    const client = client_id === undefined ? undefined : managed({ ...it, client_id })
    if (!client || !hasManagement(client, context.options) || !mayBeAskedFor(context, record, client.client_id))
      continue
    // Where nothing can be announced, the others stay too.
    if (!mayGoOn() || !(await sweepOne(context, it, client).catch(() => false))) break
  }
  return remaining(context)
}

const remaining = async ({ records }: Context): Promise<Orphan[]> =>
  ((await records.load())?.record.orphans ?? []).map(toOrphan)

/** Deletes a listed client. `false`: the server did not answer, so no other is asked for. */
async function sweepOne(context: Context, orphan: StoredOrphan, client: Managed): Promise<boolean> {
  const { client_id } = client
  const { forgotten } = orphan
  const outcome = await deleteListed(context, client)
  if (outcome === undefined) return true
  const { deleted } = outcome
  const error = outcome.deleted ? undefined : outcome.error
  // A server that can't delete may answer 404 too: that speaks of the client only where it was denied before.
  const read = forgotten ? meaningOfDeletion : meaningOf
  const isDenied = error !== undefined && read(error) === 'denied' && !isOfPayer(error, context.options)
  // The server had denied it before: that it does so again is all that can be found out.
  const isGone = deleted || (isDenied && forgotten === true)
  await context.records
    .modify((record) => {
      if (isGone || error === undefined) return withGone(record, client_id, context.clock.now())
      const rest = withoutDeletion(context, client_id, error)(record)
      return isDenied ? withForgotten(rest, client_id) : rest
    })
    .catch(() => undefined)
  if (deleted && !forgotten) context.tell({ type: 'compensated', orphan: toOrphan(orphan) })
  // An operator who switched the client off may switch it on again: nobody will look after it any more, so that is told.
  if (isGone && !deleted) context.tellOrphans([orphan], false)
  return !isOutage(error)
}

/** The record in which a listed client was denied: the next sweep asks about it for the last time. */
const withForgotten = (record: RegistrationRecord, clientId: string): RegistrationRecord => ({
  ...record,
  orphans: record.orphans?.map((it) => (it.client_id === clientId ? { ...it, forgotten: true } : it)),
})
