import { StoreError } from '../errors.ts'
import { platform } from '../platform.ts'
import type { Home } from './home.ts'
import { load, storeFailure } from './home.ts'
import type { Keeping } from './keeping.ts'
import type { Found, RegistrationRecord } from './record.ts'
import { schema } from './layout.ts'
import { serialise } from './serialise.ts'

/** What is known of an identity before anything is stored. */
export const blank = ({ identity }: Home): RegistrationRecord => ({ schema, identity, state: 'absent', writeId: '' })

/** Whether nothing is stored: every record that is has the mark of its save. */
export const isBlank = ({ writeId }: RegistrationRecord): boolean => writeId === ''

/**
 * Saves by compare-and-swap; `undefined` when somebody else saved since `before` was loaded. A save whose outcome the
 * store does not know is looked up by its `writeId`.
 *
 * @throws {StoreError} it was not saved; `store-unknown`: nobody knows
 */
export async function save(
  k: Keeping,
  next: RegistrationRecord,
  before: Found | undefined,
): Promise<Found | undefined> {
  const record = { ...next, writeId: platform.randomId() }
  const failure = await attempt(k, record, before)
  if (failure !== undefined && 'version' in failure) {
    if (before) k.memory.note(before)
    k.memory.note(failure)
    return failure
  }
  const now = await load(k).catch((error: unknown) => {
    throw failure === undefined ? error : unknown(failure)
  })
  if (now?.record.writeId === record.writeId) return now
  if (failure !== undefined && now?.version === before?.version) throw failure
  return undefined
}

/** The saved record, `undefined` where another was faster, or the failure that leaves it open. */
async function attempt(
  home: Home,
  record: RegistrationRecord,
  before: Found | undefined,
): Promise<Found | Error | undefined> {
  try {
    const version = await home.store.save(home.key, serialise(record), before?.version)
    return version === false ? undefined : { record, version }
  } catch (error) {
    const failure = storeFailure(error)
    if (failure instanceof StoreError) home.tell({ type: 'store', code: failure.code })
    return failure
  }
}

const unknown = (cause: Error): StoreError =>
  new StoreError(
    'store-unknown',
    `A save may or may not have happened, and the store can't be read: ${cause.message}`,
    {
      cause,
    },
  )

/** Each round is lost to a save of somebody else's, so there is progress; this many mean that something is wrong. */
const rounds = 1000

/**
 * Applies a transition to whatever is stored, again after each lost save; `undefined` as soon as the transition
 * declines.
 */
export async function change(
  k: Keeping,
  transition: (record: RegistrationRecord) => RegistrationRecord | undefined,
  from?: Found,
): Promise<Found | undefined> {
  let before = from
  for (let round = 0; round < rounds; round++) {
    before ??= await load(k)
    const next = transition(before?.record ?? blank(k))
    if (next === undefined) return undefined
    const saved = await save(k, next, before)
    if (saved !== undefined) return saved
    before = undefined
  }
  throw new StoreError('store-unavailable', 'The store accepts no save: each one is said to be late.')
}
