import { settingsOf } from '../client/known-functions.ts'
import { sleep } from '../client/abort.ts'
import { platform } from '../platform.ts'
import type { TokenAnswer } from '../exchange/token.ts'
import { shortHash } from './record/clients.ts'
import type { Mark, Row, Said } from './record/mark.ts'
import { binds, concerns, endOf } from './record/mark.ts'
import { backOff } from './record/timeline.ts'
import { lead } from './record/read.ts'
import type { Found, RegistrationRecord } from './record/record.ts'
import { brief, denied, goesOn, lasting, moved, withFailures } from './record/setbacks.ts'

/**
 * An answer that could not be saved: makes the record to save of the one that is stored by now. `undefined`: not yet; `drop`:
 * never, since the stored record holds something else by now.
 */
export type Unsaved = (record: RegistrationRecord) => RegistrationRecord | 'drop' | undefined

/** What one process remembers of the record, in case the store forgets or can't take it. */
export class Memory {
  /** The newest record that was seen in the store, or acknowledged by it. */
  latest: Found | undefined
  /** Answers to management requests and registrations that the store did not take. */
  readonly unsaved: Set<Unsaved> = new Set()
  /** Whether this process has sat out an outage that another replica noted. */
  satOut = false
  /** The store showed an old record: how often in a row, and until when (monotonic clock) it is not looked at again. */
  stale: { count: number; until: number } | undefined
  /** How many compare-and-swaps in a row were lost, for whichever call. */
  lost = 0
  /** When (monotonic clock) the declaration in force may be noted again: clocks that differ would answer each other. */
  notedUntil = 0

  /** The credentials that were last seen alive, how often in a row, and when by the monotonic clock and by the wall clock. */
  alive: { client_id: string; client_secret?: string | undefined; count: number; at: number; wall: number } | undefined
  /** The witnesses could not tell whether this client lives: how often in a row, and until when they are not asked again. */
  unable: { client_id: string; count: number; until: number; why: string; isDown?: boolean | undefined } | undefined
  /** Throws until the wait is over that the server named instead of its metadata. */
  requireQuietOver: (() => void) | undefined
  /** What the token endpoint told a client that can't exist, by its way of proving itself, and until when each answer counts. */
  readonly controls: Map<string, { answer: TokenAnswer; until: number }> = new Map()
  /** Ways in which credentials were denied, and until when each counts. */
  readonly denied: Map<string, number> = new Map()
  /** When clients were deleted, by the monotonic clock. */
  deletions: number[] = []
  /** Tasks that only `close()` waits for. */
  readonly background: Set<Promise<unknown>> = new Set()
  /** The task of this process that is deleting retired clients and orphans. */
  sweeping: Promise<unknown> | undefined

  /** What this process heard or met itself: it binds this process, whatever others write over it. */
  own: {
    pause?: Said | undefined
    outage?: Said | undefined
    /** Another machine's clock may keep its marks from binding here, and ours from binding there. */
    cannotUpdate?: Mark | undefined
    /** Of any declaration, or of this one, whose setbacks another's may replace in the record: for a minute at most. */
    setbacks?: RegistrationRecord['setbacks']
    /** How often in a row each operation failed here, whatever succeeds elsewhere meanwhile. */
    failures?: RegistrationRecord['failures']
    /** How often the token was denied, by this clock: a machine with another one would begin a new row each time. */
    denials?: Row | undefined
  } = {}
  /** A hash of the access token, or of its source's settings; else only the type: what a source will give is not known. */
  readonly token: string
  readonly #owner: string
  readonly #hash: string

  constructor(owner: string, hash: string, accessToken: unknown) {
    this.#owner = owner
    this.#hash = hash
    const known = typeof accessToken === 'string' ? accessToken : settingsOf(accessToken)
    this.token = known === undefined ? typeof accessToken : shortHash(`${hash} ${known}`)
  }

  /** An operation succeeded: all that hindered it is over, except a wait that the server named, and its failures begin anew. */
  succeed(operation: 'register' | 'update'): void {
    const { failures, cannotUpdate, pause, setbacks } = this.own
    const kept = Object.entries(setbacks ?? {}).filter(([name]) => name.startsWith('register'))
    const others = operation === 'update' ? { setbacks: Object.fromEntries(kept) } : { cannotUpdate }
    this.own = { ...others, failures: { ...failures, [operation]: undefined }, pause }
  }

  /** The server's time was corrected by `ms`: what binds this process goes on for as long as it would have. */
  shift(ms: number): void {
    const { pause, outage, cannotUpdate, setbacks } = this.own
    this.own = {
      ...this.own,
      pause: moved(pause, ms),
      outage: moved(outage, ms),
      cannotUpdate: moved(cannotUpdate, ms),
      setbacks: setbacks && Object.fromEntries(Object.entries(setbacks).map(([name, it]) => [name, moved(it, ms)])),
    }
  }

  /** Counts the swaps in a row that another process won; a save ends the row. */
  swapped<T>(saved: T | undefined): T | undefined {
    this.lost = saved === undefined ? this.lost + 1 : 0
    return saved
  }

  /** The server asked to be left alone. */
  heed(pause: Said | undefined, now: number): void {
    this.own.pause = lasting(this.own.pause, pause, now)
  }

  /** The record with the wait that ends last, of those that the server named to it or to this process. */
  withPause(record: RegistrationRecord, now: number): RegistrationRecord {
    const pause = lasting(record.pause, this.own.pause, now)
    return pause === record.pause ? record : { ...record, pause }
  }

  /** For how long the server asked to be left alone, as the record says or this process heard; it holds for whatever is asked. */
  pauseIn({ pause }: RegistrationRecord, now: number): { said: string; wait: number } | undefined {
    const last = lasting(this.own.pause, pause, now)
    return binds(last, now) ? { said: last.said, wait: endOf(last) - now } : undefined
  }

  /** Remembers a record's failures: they bind this process even if another one writes over them, or nothing can be saved. */
  meet({ pause, outage, setbacks, cannotUpdate, denials }: RegistrationRecord, now: number): void {
    this.heed(pause, now)
    if (denials === undefined) this.own.denials = undefined
    if (outage?.owner === this.#owner) this.own.outage = lasting(this.own.outage, outage, now)
    this.own.cannotUpdate = lasting(this.own.cannotUpdate, cannotUpdate && brief(cannotUpdate), now)
    const own: RegistrationRecord['setbacks'] = { ...this.own.setbacks }
    for (const [name, setback] of Object.entries(setbacks ?? {}))
      if (concerns(setback, { hash: this.#hash, token: this.token }))
        Object.assign(own, { [name]: lasting(Object(own)[name], brief(setback), now) })
    this.own.setbacks = own
  }

  /** Wraps a transition that notes a failure: it binds this process even if it can't be saved, and counts in its own row. */
  met(
    fail: (record: RegistrationRecord) => RegistrationRecord,
    clock: Clock,
    forgetDelay: number,
  ): (record: RegistrationRecord) => RegistrationRecord {
    const { failures, denials: own } = this.own
    return (record) => {
      const { denials } = record
      const counts = (row: Row | undefined): number => (goesOn(row, clock.now(), forgetDelay) ? row.count : 0)
      const isOwn = denials !== undefined && counts(own) > 0 && counts(own) >= counts(denials)
      const next = fail(withFailures(isOwn ? { ...record, denials: own } : record, failures))
      this.meet(next, clock.now())
      this.own.failures = next.failures
      this.own.denials = next.denials
      if (next.unmanageable && !record.unmanageable)
        this.#denied({ ...next.unmanageable, length: backOff(next.failures?.update ?? 1, 1) })
      return next
    }
  }

  /** Leaves a token that was given up alone, even if the record does not say so. */
  #denied(mark: Mark): void {
    const setback = { ...mark, count: 1, first: mark.at, said: denied }
    this.own.setbacks = { ...this.own.setbacks, update: setback, renew: setback, look: setback }
  }

  /** Remembers what is stored now, unless it was acknowledged late and is older than what is remembered. */
  note(found: Found, now: number): void {
    const { latest } = this
    this.meet(found.record, now)
    const isOlder = latest?.record.epoch === found.record.epoch && lead(latest.record, found.record) > 0
    if (!isOlder) this.latest = found
  }
}

/** An answer's `Date` counts whole seconds and is old when it arrives: less than this is no difference. */
const resolution = 2000

/** Wall clock and monotonic clock that part by more than this: the machine slept, or its clock was set. */
const step = 60_000

/**
 * The server's time, according to the answers that this process got itself. The difference is not stored: it would be of no use
 * to another machine.
 */
export class Clock {
  #offset = 0
  #wall = platform.now()
  #monotonic = platform.monotonic()

  /** Takes note of the `Date` of an answer; returns by how many milliseconds that sets this clock ahead. */
  hear(date: number): number {
    const before = this.now()
    this.#wall = platform.now()
    this.#monotonic = platform.monotonic()
    const ahead = date - this.#wall
    this.#offset = Math.abs(ahead) < resolution ? 0 : ahead
    return this.#wall + this.#offset - before
  }

  /** Milliseconds on a clock that nobody sets: for measuring waits. */
  monotonic(): number {
    return platform.monotonic()
  }

  /** Whether a mark is in force. */
  binds(mark: Mark | undefined): boolean {
    return binds(mark, this.now())
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleep(ms, signal)
  }

  now(): number {
    const wall = platform.now()
    const parted = wall - this.#wall - (platform.monotonic() - this.#monotonic)
    if (Math.abs(parted) > step) {
      this.#offset = 0
      this.#wall = wall
      this.#monotonic = platform.monotonic()
    }
    return wall + this.#offset
  }
}
