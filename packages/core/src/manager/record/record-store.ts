import { RegistrationError, StoreError } from '../../errors.ts'
import { platform } from '../../platform.ts'
import { sleep } from '../../client/abort.ts'
import type { Replica } from '../replica.ts'
import { contended, storeFailure, unknownSave } from '../errors.ts'
import { compareRecords, emptyRecord, isEmpty, parseRecord, putBack, withAllowedAddress, withStrays } from './read.ts'
import { fit } from './clients.ts'
import { backOff } from './timeline.ts'
import type { Found, RegistrationRecord, StoredOrphan } from './record.ts'

/** The write ids of one change that is saved in several tries. */
export type Tries = Set<string>

/** Milliseconds for which a store that shows an old record is not asked again: a second at first, later up to this. */
const mostStale = 10_000
const rounds = 30
/** Milliseconds at most between two tries: a process that loses each swap is reading an old record. */
const mostPause = 3000

/** The record of one identity, in a store that may fail, hang, or show old values. */
export class RecordStore {
  readonly #replica: Replica

  constructor(replica: Replica) {
    this.#replica = replica
  }

  /**
   * The record that counts; `undefined` only where the store has proven that there is none. If the store went back in time, the
   * record that this process remembers is put back; clients that only the other record names are listed.
   *
   * @throws {StoreError} it can't be read
   * @throws {StateError} `newer-schema`
   */
  async load(signal?: AbortSignal): Promise<Found | undefined> {
    const { memory } = this.#replica
    const wait = (memory.stale?.until ?? 0) - platform.monotonic()
    if (wait > 0) await sleep(Math.min(wait, 1000), signal)
    const { stale } = memory
    for (const seen of this.#replica.seen.splice(0))
      if (compareRecords(memory.latest?.record, seen.record) !== 'known') await this.#settleOrder(seen)
    memory.stale = stale
    // A save meanwhile finds out by itself whether the remembered record is the stored one.
    if (wait > 1000 && memory.latest) return memory.latest
    for (let round = 0; round < rounds; round++) {
      const settledOrder = await this.#settleOrder(await this.#read(signal))
      if (settledOrder !== 'again') return settledOrder
      await this.pause(round, signal)
    }
    throw contended()
  }

  async #settleOrder(shown: Found | undefined): Promise<Found | undefined | 'again'> {
    const { memory, options } = this.#replica
    const found = shown && { ...shown, record: withAllowedAddress(shown.record, options) }
    const known = memory.latest
    const order = compareRecords(known?.record, found?.record)
    if (order === 'known' && known) {
      const { record, listed } = putBack(this.#replica.moment(), known.record, found?.record)
      const saved = await this.#trySave(record, found)
      if (saved && !(saved instanceof Error)) {
        memory.stale = undefined
        return this.#told(saved, listed)
      }
      // Either that read was stale and a newer record is stored, or nothing can be saved: the remembered record serves meanwhile.
      const count = (memory.stale?.count ?? 0) + 1
      const length = Math.max(1000, backOff(count, platform.random(), 2000, mostStale))
      memory.stale = { count, until: platform.monotonic() + length }
      if (saved) throw saved
      return known
    }
    memory.stale = undefined
    if (found === undefined) return undefined
    const isOther = known !== undefined && known.record.writeId !== found.record.writeId
    const { record, listed } = withStrays(this.#replica.moment(), found.record, isOther ? known.record : undefined)
    if (order === 'another') memory.latest = undefined
    if (listed.length > 0) {
      const saved = await this.#trySave(record, found)
      if (saved && !(saved instanceof Error)) return this.#told(saved, listed)
    }
    memory.note(found, this.#replica.clock.now())
    return found
  }

  #told(saved: Found, listed: readonly StoredOrphan[]): Found {
    this.#replica.tellOrphans(listed)
    return saved
  }

  /** The text that the store shows, whether it can be read as a record or not. */
  loadText(signal?: AbortSignal): ReturnType<Replica['store']['load']> {
    const { store, key, inTime } = this.#replica
    return inTime('store', (own) => store.load(key, own), signal)
  }

  /** The record that the store shows, whatever this process remembers. */
  async #read(signal?: AbortSignal): Promise<Found | undefined> {
    const { identity, tell, memory } = this.#replica
    try {
      const stored = await this.loadText(signal)
      if (stored === undefined) return undefined
      const { value, version }: Record<string, unknown> = Object(stored)
      if (typeof value !== 'string' || typeof version !== 'string')
        throw new TypeError('its load returned neither a value with its version nor undefined')
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
  async save(
    next: RegistrationRecord,
    before: Pick<Found, 'version'> | undefined,
    tries?: Tries,
  ): Promise<Found | undefined> {
    const saved = await this.#trySave(next, before, tries)
    if (saved instanceof Error) throw saved
    return this.#replica.memory.swapped(saved)
  }

  async #trySave(
    next: RegistrationRecord,
    before: Pick<Found, 'version'> | undefined,
    tries?: Tries,
  ): Promise<Found | undefined | RegistrationError> {
    const { record, text, fallen } = fit(this.#replica.moment(), {
      ...next,
      epoch: next.epoch || platform.randomId(),
      revision: next.revision + 1,
      writeId: platform.randomId(),
    })
    tries?.add(record.writeId)
    const outcome = await this.#put({ record, text }, before)
    let saved = typeof outcome === 'string' ? { record, version: outcome } : undefined
    if (saved === undefined) {
      const failure = outcome === false ? undefined : outcome
      const now = await this.#read().catch((error: unknown) => storeFailure(error))
      if (now instanceof Error) return failure instanceof RegistrationError ? unknownSave(failure) : now
      if (now?.record.writeId === record.writeId) saved = now
      else if (now) this.#replica.seen.push(now)
      if (saved === undefined)
        return failure instanceof RegistrationError && now?.version === before?.version ? failure : undefined
    }
    this.#replica.memory.note(saved, this.#replica.clock.now())
    this.#replica.tellOrphans(fallen, false)
    return saved
  }

  /** The new version, `false` where another process was faster, or the failure that leaves open whether it was saved. */
  async #put(
    { record, text }: { record: RegistrationRecord; text: string },
    before: Pick<Found, 'version'> | undefined,
  ): Promise<string | false | RegistrationError> {
    const { store, key, inTime, tell } = this.#replica
    try {
      const said: unknown = await inTime('store', (own) => store.save(key, text, before?.version, own))
      if (said === false || typeof said === 'string') return said
      throw new TypeError('its save returned neither a version nor false')
    } catch (error) {
      const failure = storeFailure(error, record)
      if (failure instanceof StoreError) tell({ type: 'store', code: failure.code })
      return failure
    }
  }

  /**
   * Applies a transition to whatever is stored, again after each lost save; `undefined` as soon as the transition
   * declines.
   */
  async modify(
    transition: (record: RegistrationRecord) => RegistrationRecord | undefined,
    from?: Found,
    tries?: Tries,
  ): Promise<Found | undefined> {
    let before = from
    for (let round = 0; round < rounds; round++) {
      before ??= await this.load()
      // An earlier try that was said to have failed has been saved after all.
      if (before && tries?.has(before.record.writeId)) return before
      const next = transition(before?.record ?? emptyRecord(this.#replica.identity))
      if (next === undefined) return undefined
      const saved = await this.save(next, before, tries)
      if (saved !== undefined) return saved
      before = undefined
      await this.pause(round)
    }
    throw contended()
  }

  /** Saves the answers that could not be saved before, where the record still takes them; `true`: something was saved. */
  async saveRemembered(found: Found): Promise<boolean> {
    const { unsaved } = this.#replica.memory
    let changed = false
    for (const it of unsaved) {
      const change = (record: RegistrationRecord): RegistrationRecord | undefined => {
        const next = it(isEmpty(record) ? found.record : record)
        if (next === 'drop') unsaved.delete(it)
        return next === 'drop' ? undefined : next
      }
      const saved = await this.modify(change, changed ? undefined : found)
      if (saved) unsaved.delete(it)
      changed ||= saved !== undefined
    }
    return changed
  }

  /** The pause before a lost swap is tried again: longer each time, and random, so that not all processes try at once. */
  pause(round: number, signal?: AbortSignal): Promise<void> {
    return sleep(backOff(Math.max(round + 1, this.#replica.memory.lost), platform.random(), 10, mostPause), signal)
  }
}
