import { platform } from '../platform.ts'
import type { Found } from './record.ts'

/**
 * How long this process has seen a record unchanged, by its own monotonic clock. Whether a lease ran out is judged by
 * nothing else: a time in the record would be another machine's.
 */
export class Observed {
  #version: string | undefined
  #since = 0

  /** Milliseconds of the lease that are left; 0 or less: it is over. Call it whenever the record was loaded. */
  left({ record, version }: Found): number {
    if (this.#version !== version) {
      this.#version = version
      this.#since = platform.monotonic()
    }
    return this.#since + (record.intent?.lease ?? 0) - platform.monotonic()
  }
}
