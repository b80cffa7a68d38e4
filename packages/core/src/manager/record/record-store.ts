import { RegistrationError, StoreError } from '../../errors.ts'
import { platform } from '../../platform.ts'
import { late, sleep } from '../../client/abort.ts'
import { bounded } from '../../client/deadline.ts'
import type { Context } from '../context.ts'
import { momentOf, tellOrphans } from '../context.ts'
import { storeFailure } from '../errors.ts'
import { compareRecords, emptyRecord, parseRecord, putBack, withAllowedAddress, withStrays } from './read.ts'
import { fit } from './clients.ts'
import { backOff } from './time.ts'
import type { Found, RegistrationRecord, StoredOrphan } from './record.ts'

/** The write ids of one change that is saved in several tries. */
export type Tries = Set<string>

/** A store that shows what is past is not asked again for a second, and for longer each time, up to this. */
const mostStale = 10_000
const rounds = 30
/** Whoever loses each swap reads what is past. */
const mostPause = 3000

/**
 * The record that counts; `undefined` only where the store has proven that there is none. A store that went back in time is
 * given back what this process remembers; clients that only the other record names are listed.
 *
 * @throws {StoreError} it can't be read
 * @throws {StateError} `newer-schema`
 */
export async function load(context: Context, signal?: AbortSignal): Promise<Found | undefined> {
  const { memory } = context
  const wait = (memory.stale?.until ?? 0) - platform.monotonic()
  if (wait > 0) await sleep(Math.min(wait, 1000), signal)
  const { stale } = memory
  for (const seen of context.seen.splice(0))
    if (compareRecords(memory.latest?.record, seen.record) === 'found') await settleOrder(context, seen)
  memory.stale = stale
  // Whatever is saved meanwhile says by itself whether what is remembered is what is stored.
  if (wait > 1000 && memory.latest) return memory.latest
  for (let round = 0; round < rounds; round++) {
    const settledOrder = await settleOrder(context, await read(context, signal))
    if (settledOrder !== 'again') return settledOrder
    await pause(round, signal)
  }
  throw contended()
}

async function settleOrder(context: Context, shown: Found | undefined): Promise<Found | undefined | 'again'> {
  const { memory, options } = context
  const found = shown && { ...shown, record: withAllowedAddress(shown.record, options) }
  const known = memory.latest
  const order = compareRecords(known?.record, found?.record)
  if (order === 'known' && known) {
    const { record, listed } = putBack(momentOf(context), known.record, found?.record)
    const saved = await trySave(context, record, found)
    if (saved instanceof Error) throw saved
    if (saved) {
      memory.stale = undefined
      return told(context, saved, listed)
    }
    // That was a stale read: somebody's newer record stands there. What is remembered serves meanwhile.
    const count = (memory.stale?.count ?? 0) + 1
    const length = Math.max(1000, backOff(count, platform.random(), 2000, mostStale))
    memory.stale = { count, until: platform.monotonic() + length }
    return known
  }
  memory.stale = undefined
  if (found === undefined) return undefined
  const isOther = known !== undefined && known.record.writeId !== found.record.writeId
  const { record, listed } = withStrays(momentOf(context), found.record, isOther ? known.record : undefined)
  if (order === 'another') memory.latest = undefined
  if (listed.length > 0) {
    const saved = await trySave(context, record, found)
    if (saved && !(saved instanceof Error)) return told(context, saved, listed)
  }
  memory.note(found, context.clock.now())
  return found
}

function told(context: Context, saved: Found, listed: readonly StoredOrphan[]): Found {
  tellOrphans(context, listed)
  return saved
}

/** What the store shows, whether it can be read or not. */
export const loadText = (
  { store, key, timeout }: Context,
  signal?: AbortSignal,
): ReturnType<Context['store']['load']> => bounded(timeout, signal, (own) => store.load(key, own), late('store'))

/** What the store shows, whatever this process remembers. */
async function read(context: Context, signal?: AbortSignal): Promise<Found | undefined> {
  const { identity, tell, memory } = context
  try {
    const stored = await loadText(context, signal)
    if (stored === undefined) return undefined
    const record = parseRecord(stored.value, identity, stored.version)
    return { record, version: stored.version }
  } catch (error) {
    const failure = storeFailure(error, memory.latest?.record)
    if (failure instanceof StoreError && !signal?.aborted) tell({ type: 'store', code: failure.code })
    throw failure
  }
}

/**
 * Saves by compare-and-swap; `undefined` when somebody else saved since `before` was loaded. A save whose outcome the
 * store does not know is looked up by its `writeId`.
 *
 * @throws {StoreError} it was not saved; `store-unknown`: nobody knows
 */
export async function save(
  context: Context,
  next: RegistrationRecord,
  before: Pick<Found, 'version'> | undefined,
  tries?: Tries,
): Promise<Found | undefined> {
  const saved = await trySave(context, next, before, tries)
  if (saved instanceof Error) throw saved
  return saved
}

async function trySave(
  context: Context,
  next: RegistrationRecord,
  before: Pick<Found, 'version'> | undefined,
  tries?: Tries,
): Promise<Found | undefined | RegistrationError> {
  const { record, text, fallen } = fit(momentOf(context), {
    ...next,
    epoch: next.epoch || platform.randomId(),
    revision: next.revision + 1,
    writeId: platform.randomId(),
  })
  tries?.add(record.writeId)
  const outcome = await put(context, { record, text }, before)
  let saved = typeof outcome === 'string' ? { record, version: outcome } : undefined
  if (saved === undefined) {
    const failure = outcome === false ? undefined : outcome
    const now = await read(context).catch((error: unknown) => storeFailure(error))
    if (now instanceof Error) return failure instanceof RegistrationError ? unknown(failure) : now
    if (now?.record.writeId === record.writeId) saved = now
    else if (now) context.seen.push(now)
    if (saved === undefined)
      return failure instanceof RegistrationError && now?.version === before?.version ? failure : undefined
  }
  context.memory.note(saved, context.clock.now())
  tellOrphans(context, fallen, false)
  return saved
}

/** The new version, `false` where another was faster, or the failure that leaves it open. */
async function put(
  { store, key, timeout, tell }: Context,
  { record, text }: { record: RegistrationRecord; text: string },
  before: Pick<Found, 'version'> | undefined,
): Promise<string | false | RegistrationError> {
  try {
    const said: unknown = await bounded(
      timeout,
      undefined,
      (own) => store.save(key, text, before?.version, own),
      late('store'),
    )
    if (said === false || typeof said === 'string') return said
    throw new TypeError('its save returned neither a version nor false')
  } catch (error) {
    const failure = storeFailure(error, record)
    if (failure instanceof StoreError) tell({ type: 'store', code: failure.code })
    return failure
  }
}

const unknown = (cause: Error): StoreError =>
  new StoreError(
    'store-unknown',
    `A save may or may not have happened, and the store can't be read: ${cause.message}`,
    { cause },
  )

/**
 * Applies a transition to whatever is stored, again after each lost save; `undefined` as soon as the transition
 * declines.
 */
export async function modify(
  context: Context,
  transition: (record: RegistrationRecord) => RegistrationRecord | undefined,
  from?: Found,
  tries?: Tries,
): Promise<Found | undefined> {
  let before = from
  for (let round = 0; round < rounds; round++) {
    before ??= await load(context)
    // A try that was said to have failed has arrived after all.
    if (before && tries?.has(before.record.writeId)) return before
    const next = transition(before?.record ?? emptyRecord(context.identity))
    if (next === undefined) return undefined
    const saved = await save(context, next, before, tries)
    if (saved !== undefined) return saved
    before = undefined
    await pause(round)
  }
  throw contended()
}

/** Whoever lost a swap tries again after a moment, and not all of them at once. */
export const pause = (round: number, signal?: AbortSignal): Promise<void> =>
  sleep(backOff(round + 1, platform.random(), 10, mostPause), signal)

const contended = (): StoreError =>
  new StoreError('store-unavailable', 'The store accepts no save: each one is said to be late.')
