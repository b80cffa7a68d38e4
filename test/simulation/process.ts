import type { Scheduler } from './scheduler.ts'

/** When the world begins, by a clock that is right. */
export const epoch: number = Date.UTC(2027, 0, 1)

/** A process: its clocks, whether it lives, whether it runs. */
export class SimulatedProcess {
  readonly name: string
  readonly #scheduler: Scheduler
  readonly startedAt: number
  isDead = false
  /** Until when nothing of it runs. */
  pausedUntil = 0
  /** How far its wall clock is ahead, in milliseconds. */
  clockOff = 0
  /** How much faster its clocks run: 0.001 is a tenth of a percent. */
  drift = 0
  /** How late its timers may be, in milliseconds. */
  lateness = 0
  /** Its timers were late, at least for a while. */
  wasLate = false
  /** For how long it slept: its monotonic clock stood still. */
  slept = 0
  #awakeAt = 0
  /** How long it was kept from running, by pauses and sleep. */
  stood = 0
  #heard: { off: number; apart: number } | undefined

  constructor(name: string, scheduler: Scheduler) {
    this.name = name
    this.#scheduler = scheduler
    this.startedAt = scheduler.time
  }

  get wall(): number {
    return Math.round(epoch + this.#scheduler.time * (1 + this.drift) + this.clockOff)
  }

  get monotonic(): number {
    const asleep = Math.max(0, this.#awakeAt - this.#scheduler.time)
    return (this.#scheduler.time - this.slept + asleep) * (1 + this.drift)
  }

  /** It hears how far the server's clock is ahead of its own. */
  hear(off: number): void {
    this.#heard = { off, apart: this.wall - this.monotonic }
  }

  /** What it heard, which is of no use once its wall clock and its monotonic clock have parted: it slept, or a clock was set. */
  get #counted(): { off: number; apart: number } | undefined {
    const { apart = 0 } = this.#heard ?? {}
    return Math.abs(this.wall - this.monotonic - apart) > 60_000 ? undefined : this.#heard
  }

  /** It looks at its clocks: only then it notices that they have parted, and two steps that cancel each other part nothing. */
  look(): number {
    this.#heard = this.#counted
    return this.wall
  }

  /** What it may take the server's time to be: by what it heard while that counts, else by its own clock. */
  get serverTime(): number {
    return this.wall + (this.#counted?.off ?? 0)
  }

  /** When it will take the server's time to be that: its clock may be late. One that is ahead may hear of the server's. */
  whenItIs(instant: number): number {
    const late = Math.max(0, epoch + this.#scheduler.time - this.serverTime)
    return instant - epoch + late
  }

  /** Nothing of it runs for a while; one that stands still already does so no longer than the longer of both. */
  pause(ms: number): void {
    const before = Math.max(this.pausedUntil, this.#scheduler.time)
    this.pausedUntil = Math.max(before, this.#scheduler.time + ms)
    this.stood += this.pausedUntil - before
  }

  /** It runs again from now on, whatever it was put off until. */
  wake(): void {
    const { time } = this.#scheduler
    const asleep = Math.max(0, this.#awakeAt - time)
    const standing = Math.max(0, this.pausedUntil - time)
    this.slept -= asleep
    this.stood -= Math.min(this.stood, standing)
    this.#awakeAt = Math.min(this.#awakeAt, time)
    this.pausedUntil = 0
    this.#scheduler.bringForward((it) => it.process === this, { asleep, standing })
  }

  /**
   * The machine sleeps: nothing runs, and timers and monotonic clock stand still, until it runs again. A timer that was due
   * while its process was paused stays due.
   */
  sleep(ms: number): void {
    this.pause(ms)
    const before = Math.max(this.#awakeAt, this.#scheduler.time)
    this.#awakeAt = Math.max(before, this.#scheduler.time + ms)
    const more = this.#awakeAt - before
    this.slept += more
    this.#scheduler.postpone((it) => it.process === this && it.isTimer && !it.isHeld, more)
  }
}
