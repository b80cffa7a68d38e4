import { platform } from '../platform.ts'
import type { Keeping } from './keeping.ts'
import type { Found } from './record.ts'
import { sleep } from './sleep.ts'

const every = 5000

/** Waits for another starter, and says so every five seconds. */
export class Waiting {
  readonly #k: Keeping
  readonly #began = platform.monotonic()
  #told = 0
  #pause = 25

  constructor(k: Keeping) {
    this.#k = k
  }

  /** Until the record may have changed, or the lease of its intent may be over. */
  async pause(found: Found, left: AbortSignal): Promise<void> {
    const { observed, store } = this.#k
    this.tell(found)
    const most = Math.min(observed.left(found), this.#began + (this.#told + 1) * every - platform.monotonic())
    this.#pause = Math.min(this.#pause * 1.5, 1000)
    const jittered = this.#pause * (0.5 + platform.random() / 2)
    if (store.changed === undefined) await sleep(Math.min(most, jittered), left)
    else await changeOrTime(this.#k, found.version, most, left)
  }

  tell({ record }: Found): void {
    const ms = platform.monotonic() - this.#began
    if (ms < (this.#told + 1) * every) return
    this.#told = Math.floor(ms / every)
    this.#k.tell({ type: 'waiting', owner: record.intent?.owner ?? 'unknown', ms: Math.round(ms) })
  }
}

/** Until the store says that the record changed, or for that many milliseconds; a store that can't say is no reason to fail. */
export async function changeOrTime(k: Keeping, version: string, ms: number, left: AbortSignal): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, left])
  const time = sleep(ms, signal)
  const changed = k.store.changed?.(k.key, version, signal).catch(() => time) ?? time
  try {
    await Promise.race([changed, time])
  } finally {
    time.catch(() => undefined)
    changed.catch(() => undefined)
    over.abort()
  }
}
