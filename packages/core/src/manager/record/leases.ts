import { platform } from '../../platform.ts'
import type { RegistrationRecord } from './record.ts'

/**
 * How long this process has seen an intent, by its own monotonic clock. Whether a lease ran out is judged by nothing else: a
 * time in the record would be another machine's, and the record may be saved for other reasons.
 */
export class Leases {
  #intent: string | undefined
  #since = 0

  /** Milliseconds of the lease that are left; 0 or less: it is over. Call it whenever the record was loaded. */
  left({ intent }: RegistrationRecord): number {
    if (this.#intent !== intent?.id) {
      this.#intent = intent?.id
      this.#since = platform.monotonic()
    }
    return this.#since + (intent?.lease ?? 0) - platform.monotonic()
  }
}
