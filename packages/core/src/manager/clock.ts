import { platform } from '../platform.ts'
import type { RegistrationRecord } from './record.ts'

/** An answer's `Date` counts whole seconds and is old when it arrives: less than this is no difference. */
const resolution = 2000

/** The server's time: by what this process heard last, else by what the record's writer heard. */
export class Clock {
  #offset: number | undefined

  /** Takes note of the `Date` of an answer. */
  hear(date: number | undefined): void {
    if (date === undefined) return
    const ahead = date - platform.now()
    this.#offset = Math.abs(ahead) < resolution ? 0 : ahead
  }

  offset(record?: RegistrationRecord): number {
    return this.#offset ?? record?.clockOffset ?? 0
  }

  now(record?: RegistrationRecord): number {
    return platform.now() + this.offset(record)
  }
}
