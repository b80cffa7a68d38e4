import { sleep } from '../../client/abort.ts'
import { StoreError } from '../../errors.ts'
import { platform } from '../../platform.ts'
import type { Replica } from '../replica.ts'
import type { Found, Intent, RegistrationRecord } from './record.ts'
import { emptyRecord, isEmpty } from './read.ts'
import { withAttempt, withLeaving, withoutAttempt } from './setbacks.ts'
import { settled } from './transitions.ts'
import type { RecordStore, Tries } from './record-store.ts'

/** An operation that this process has announced in the record, and may carry out while the record says so. */
export interface Announced {
  found: Found
  intent: Intent
  /** Aborts when the work was dropped: nothing is sent any more then. */
  signal: AbortSignal
  /** The earliest instant at which others may have seen its announcement, by the monotonic clock. */
  since: number
  /** The same by the wall clock: the monotonic clock stands still while the machine sleeps. */
  wall: number
  /** When the registration request left, by the monotonic clock: its answer may tell how far off the wall clock is. */
  leftAt?: number | undefined
  /** The answer to a look or an update was not heard to its end: it may have brought another management token. */
  isUnheard?: boolean
}

/** What is announced. */
export interface Plan {
  operation: Intent['operation']
  /** The store's `exclusive` is held. */
  inside: boolean
  signal: AbortSignal
  declaration?: Intent['declaration']
  /** The keys that are saved with it, before anybody gets to know them. */
  keys?: RegistrationRecord['keys']
}

/** Thrown inside an operation when the record no longer announces it: somebody took over, deleted or started over. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** What is noted of a registration request: whether `rotate()` asks for it, and the keys that it publishes. */
type Noted = Pick<RegistrationRecord, 'keys'> & Pick<Intent, 'declaration'> & { asked: true | undefined }

const pauses = [100, 300, 900]

/** The record after an operation: once an answer was not heard, a denial of the token says nothing of the client. */
export const withUnheard = (record: RegistrationRecord, { isUnheard }: Announced): RegistrationRecord =>
  isUnheard && record.registration ? { ...record, unanswered: true } : record

/**
 * What this process and others announce in the record before they do it, and how long each of them is waited for.
 */
export class Leases {
  readonly #replica: Replica
  readonly #records: RecordStore
  #intent: string | undefined
  #since = 0

  constructor(replica: Replica, records: RecordStore) {
    this.#replica = replica
    this.#records = records
  }

  /**
   * Milliseconds of the lease that are left; 0 or less: it is over. Call it whenever the record was loaded. It is judged only by
   * how long this process has seen the intent, by its own monotonic clock: a time in the record would be another machine's, and
   * the record may be saved for other reasons.
   */
  left({ intent }: RegistrationRecord): number {
    if (this.#intent !== intent?.id) {
      this.#intent = intent?.id
      this.#since = platform.monotonic()
    }
    return this.#since + (intent?.lease ?? 0) - platform.monotonic()
  }

  /** Whether an intent that stands in the record hinders nobody: its owner is gone, or it is our own leftover. */
  isFree({ record }: Found, inside: boolean): boolean {
    const { intent } = record
    const left = this.left(record)
    return (
      intent === undefined || intent.owner === this.#replica.owner || (inside && intent.exclusive === true) || left <= 0
    )
  }

  /**
   * Announces an operation before its first byte is sent; `undefined` when somebody else was faster, or the server has asked to
   * be left alone. An intent that the record already holds has no owner any more (see `isFree`): a client that it may have left
   * behind is listed.
   */
  async announce(
    before: Found | undefined,
    { operation, inside, signal, declaration, keys }: Plan,
  ): Promise<Announced | undefined> {
    signal.throwIfAborted()
    const { identity, owner, lease, clock, moment, tell, tellOrphans } = this.#replica
    const { record, orphan } = settled(moment(), before?.record ?? emptyRecord(identity))
    const [since, wall] = [platform.monotonic(), platform.now()]
    const intent: Intent = {
      id: platform.randomId(),
      operation,
      owner,
      lease,
      attempt: (record.attempts ?? []).length + 1,
      started: clock.now(),
      exclusive: inside || undefined,
      declaration,
    }
    const found = await this.#records.save({ ...record, keys: keys ?? record.keys, intent }, before)
    if (found === undefined) return undefined
    tellOrphans([orphan])
    const announced: Announced = { found, intent, signal, since, wall }
    if (await this.#isTakenBack(announced)) return undefined
    tell({ type: 'intent', client_id: record.registration?.client_id })
    return announced
  }

  /** Whether others may take over by now, or within `margin` milliseconds: then nothing more may leave. */
  isOver({ intent, since, wall }: Announced, margin = 0): boolean {
    return Math.max(platform.monotonic() - since, platform.now() - wall) >= intent.lease - margin
  }

  /** Takes an announcement back if its lease is over, or the server has asked to be left alone since; returns whether it did. */
  async #isTakenBack(announced: Announced): Promise<boolean> {
    const { memory, clock } = this.#replica
    const { found, intent } = announced
    if (!this.isOver(announced) && memory.pauseIn(found.record, clock.now()) === undefined) return false
    await this.complete(announced, (record) => withoutAttempt(record, intent.id))
    return true
  }

  /** Notes that a registration request is about to leave: up to here a starter that dies leaves nothing behind. */
  async noteSending(announced: Announced, { asked, keys, declaration }: Noted): Promise<void> {
    announced.signal.throwIfAborted()
    if (announced.intent.sent) return
    const intent = { ...announced.intent, sent: true, declaration }
    const at = this.#replica.clock.now()
    const found = await this.ifStillMine(announced, (record) => ({
      ...withAttempt(record, { intent: intent.id, at, own: platform.now(), asked }),
      keys: keys ?? record.keys,
      intent,
    }))
    // A save that was acknowledged late may be overtaken by what this process has seen or saved since.
    const { latest } = this.#replica.memory
    if (found === undefined || latest?.record.intent?.id !== intent.id) throw new LeaseLost()
    if (await this.#isTakenBack({ ...announced, found, intent })) throw new LeaseLost()
    Object.assign(announced, { found, intent, leftAt: platform.monotonic() })
  }

  /** Ends an operation with the record that comes of it; `undefined` when it is no longer ours to end. */
  complete(
    announced: Announced,
    end: (record: RegistrationRecord) => RegistrationRecord = (record) => record,
    tries?: Tries,
  ): Promise<Found | undefined> {
    const { intent, leftAt } = announced
    const at = leftAt === undefined ? undefined : this.#replica.clock.now() - (platform.monotonic() - leftAt)
    const done = (record: RegistrationRecord): RegistrationRecord => ({
      ...withUnheard(end(withLeaving(record, intent.id, at)), announced),
      intent: undefined,
    })
    return this.ifStillMine(announced, done, tries)
  }

  /** Ends an operation without its outcome: the intent stays, with lease 0: the next process looks first, and need not wait. */
  abandon(
    announced: Announced,
    end: (record: RegistrationRecord) => RegistrationRecord = (record) => record,
  ): Promise<Found | undefined> {
    const intent = { ...announced.intent, lease: 0 }
    return this.ifStillMine(announced, (record) => ({ ...withUnheard(end(record), announced), intent }))
  }

  /**
   * Saves a step of an operation while the record announces it; `undefined` when it no longer does. If the store has lost the
   * whole record, the record is put back: nobody else has begun since, and a client may be about to exist. A wait that the server
   * named meanwhile is saved with it.
   */
  ifStillMine(
    { found, intent }: Announced,
    next: (record: RegistrationRecord) => RegistrationRecord,
    tries?: Tries,
  ): Promise<Found | undefined> {
    const { memory, clock } = this.#replica
    const step = (record: RegistrationRecord): RegistrationRecord | undefined => {
      const stored = isEmpty(record) ? found.record : record
      if (stored.intent?.id !== intent.id) return undefined
      return memory.withPause(next(stored), clock.now())
    }
    return this.#records.modify(step, found, tries)
  }

  /**
   * Saves what only this process knows; a save that fails is repeated up to three times.
   *
   * @throws {StoreError} it did not work, or no repetition would help; `store-unknown` if one of the tries may have worked
   */
  async saveWithRetries<T>(saving: (tries: Tries) => Promise<T>): Promise<T> {
    const tries: Tries = new Set()
    let doubt: unknown
    const attempt = (): Promise<T> =>
      saving(tries).catch((error: unknown) => {
        if (error instanceof StoreError && error.code === 'store-unknown') doubt = error
        throw doubt ?? error
      })
    for (const ms of pauses) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof StoreError) || error.code === 'store-corrupt' || error.code === 'store-denied')
          throw error
        await sleep(ms)
      }
    }
    return attempt()
  }
}
