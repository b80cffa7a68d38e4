import type { Found, RegistrationRecord } from './record.ts'
import type { Kept } from './transitions.ts'

const most = 64

/** What one process remembers of the record, in case the store forgets or can't take it. */
export class Memory {
  /** What a management request brought and the store did not take: a token in it may be the only one that works. */
  unsaved: { intent: string; kept: Kept } | undefined
  #latest: RegistrationRecord | undefined
  readonly #older = new Set<string>()

  /** Takes note of what is stored now. */
  note({ record }: Found): void {
    if (this.#latest?.writeId === record.writeId) return
    if (this.#latest) this.#older.add(this.#latest.writeId)
    this.#latest = record
    const [oldest] = this.#older
    if (oldest !== undefined && this.#older.size > most) this.#older.delete(oldest)
  }

  /** The record of a live client that the store had acknowledged and has lost: it is empty, or went back in time. */
  lost(found: Found | undefined): RegistrationRecord | undefined {
    const { registration, intent, state } = this.#latest ?? {}
    const lives = registration !== undefined && intent === undefined && state !== 'deleting'
    if (!lives || (found !== undefined && !this.#older.has(found.record.writeId))) return undefined
    return this.#latest
  }
}
