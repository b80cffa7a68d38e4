import { platform } from '../platform.ts'

/** An answer's `Date` counts whole seconds and is old when it arrives: less than this is no difference. */
const resolution = 2000

/** Wall clock and monotonic clock that part by more than this: the machine slept, or its clock was set. */
const step = 60_000

/**
 * The server's time, by what this process heard itself: a difference that another machine measured is of no use, so none is
 * stored.
 */
export class Clock {
  #offset = 0
  #wall = platform.now()
  #monotonic = platform.monotonic()

  /** Takes note of the `Date` of an answer. */
  hear(date: number): void {
    this.#wall = platform.now()
    this.#monotonic = platform.monotonic()
    const ahead = date - this.#wall
    this.#offset = Math.abs(ahead) < resolution ? 0 : ahead
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
