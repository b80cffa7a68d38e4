import { RegistrationError, StoreError } from '../../errors.ts'
import type { Context, Step } from '../context.ts'
import { goOnWith } from '../context.ts'
import { isAnswered, isFinal, isOfCaller, saidOf, unusableIn, waitOf } from '../ensure/outcomes.ts'
import { leftAlone } from '../errors.ts'
import { isExpired } from '../record/credentials.ts'
import type { Announced } from '../record/lease.ts'
import type { Current, Declaration, Found, Operation, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { wasRefused } from '../record/setbacks.ts'
import { saveAnswer, withAnswer, withOther, withStored } from './apply-answer.ts'
import type { Tried } from './failures.ts'
import { afterOpenUpdate, credentialsIn, isOutOfReach, showsNoRenewal, withoutUpdate, withVerdict } from './failures.ts'

/** Writes down the outcome of an update that was not made, and says what the caller gets. */
export async function settleUpdate(
  context: Context,
  announced: Announced,
  current: Current,
  tried: Tried,
  operation: Extract<Operation, 'update' | 'renew'>,
  isHousekeeping = false,
): Promise<Step> {
  const { verdict, error, answer, isOpen = false } = tried
  const { isMade = verdict === 'unusable' } = tried
  const made = verdict === 'unusable' ? unusableIn(error) : undefined
  const fail = context.met((record) => withVerdict(context.moment(), record, tried, { ...context, operation }))
  const note = (record: RegistrationRecord): RegistrationRecord => {
    const before = answer ? withAnswer(context.moment(), record, answer) : record
    const next = withOther(context, fail(before), announced, made)
    if (!(isOpen || isMade) || operation !== 'update') return next
    return withoutUpdate(record, next, tried, announced.intent.declaration)
  }
  const brought = answer ?? credentialsIn(context.moment(), announced.found.record, error)
  const saved = brought
    ? await saveAnswer(context, announced, brought, note)
    : await context.leases.saveWithRetries((tries) => context.leases.complete(announced, note, tries))
  if (saved === undefined && (isOpen || isMade)) await noteOpen(context, announced, current, made)
  const { orphans = [] } = withOther(context, current.found.record, announced, made)
  context.tellOrphans(
    orphans.filter(({ intent }) => intent === announced.intent.id),
    saved ? undefined : false,
  )
  tellUnmanageable(context, current, saved)
  const isNew = !wasRefused(current.found.record, 'update', context.declared.hash)
  const mustBeSeen = (verdict === 'refused' || verdict === 'unusable') && isFinal(error) && isNew && !isHousekeeping
  if (mustBeSeen && operation === 'update') throw error
  // What can't be used any more is not handed out meanwhile: the same call goes on with another client.
  const isLost = isOutOfReach(current.found.record, saved?.record)
  const isExpiredNow = isExpired(current.found.record, context.clock.now())
  const isReplaced =
    verdict === 'cannot-update' ||
    showsNoRenewal(operation, verdict) ||
    (isLost && saved?.record.unmanageable === undefined)
  const goesOn =
    isReplaced ||
    (isLost && isOpen) ||
    (isExpiredNow && (isLost || answer !== undefined || isAnswered(error) || isOfCaller(error)))
  if (goesOn) return 'again'
  // What a look has brought is newer than what somebody else has saved meanwhile, but for what it only repeats.
  const step = meanwhile(context, current, error, operation)
  if (saved || answer === undefined || step === 'again') return step
  return { ...step, registration: withStored(step.registration, answer) }
}

/** Notes an update without an answer, and another client that it made, in the record of the process that took over. */
async function noteOpen(
  context: Context,
  announced: Announced,
  { registration }: Current,
  made: StoredAnswer['registration'] | undefined,
): Promise<void> {
  const { memory, records } = context
  const { intent } = announced
  memory.unsaved.add((record) => {
    const next = withOther(context, record, announced, made)
    return next === record ? 'drop' : next
  })
  memory.unsaved.add((record) => afterOpenUpdate(context.moment(), record, intent, registration.client_id))
  const found = await records.load().catch(() => undefined)
  if (found) await records.saveRemembered(found).catch(() => undefined)
}

/** Writes down a look that did not show what became of an update. Unless that is decided, the caller gets the client in use. */
export async function settleLook(
  context: Context,
  announced: Announced,
  current: Current,
  { note, error }: { note: (record: RegistrationRecord) => RegistrationRecord; error: unknown },
  operation: Extract<Operation, 'update' | 'renew'>,
): Promise<Step> {
  const before = current.found.record
  const saved = await context.leases.saveWithRetries((tries) => context.leases.complete(announced, note, tries))
  tellUnmanageable(context, current, saved)
  const isDecided = operation === 'update' && saved?.record.doubt === undefined
  const isOver = isExpired(before, context.clock.now()) && isAnswered(error)
  if (isDecided || isOver || isOutOfReach(before, saved?.record)) return 'again'
  return meanwhile(context, current, error, operation)
}

/** Tells that the management token is lost, once. */
export function tellUnmanageable({ tell }: Context, { found, registration }: Current, saved: Found | undefined): void {
  if (saved?.record.unmanageable && !found.record.unmanageable)
    tell({ type: 'unmanageable', client_id: registration.client_id })
}

/** The caller gets the client in use, as long as its secret lives; the call goes on where another client is in use by now. */
function meanwhile(
  context: Context,
  { found, registration }: Current,
  error: unknown,
  operation: 'update' | 'renew',
): ReturnType<typeof goOnWith> {
  const { record } = found
  const said = saidOf(error)
  const because = error ?? leftAlone(said, 1000)
  const step = goOnWith(context, registration, because)
  if (step === 'again') return step
  const reason = error instanceof RegistrationError ? error.code : 'failed'
  const isOver = isExpired(record, context.clock.now())
  if (operation === 'renew' || !isOver)
    context.tellDrift(record, reason, said, operation === 'renew' ? 'renewal-failed' : 'drift')
  if (isOver) throw because
  return step
}

/** Passes over a store that failed: what a look showed and the store did not take is remembered. */
export function unlessUnsaved(error: unknown): undefined {
  if (!(error instanceof StoreError)) throw error
}

/** Why the keys are offered to the server again after such an update: of this declaration nothing else is noted then. */
export const keptKeys = ({ setbacks = {} }: RegistrationRecord, { hash }: Declaration): string | undefined =>
  Object.values(setbacks).find((it) => it?.hash === hash)?.said

/** Remembers for how long the server asked to be left alone instead of sending its metadata. */
export function heedRefusal({ memory, clock }: Context, error: unknown): void {
  const [at, length, said] = [clock.now(), waitOf(error) ?? 0, saidOf(error)]
  const until = clock.monotonic() + length
  memory.requireQuietOver = () => {
    const rest = until - clock.monotonic()
    if (rest > 0) throw leftAlone(said, rest)
  }
  memory.heed({ at, length, said }, at)
}
