import { platform } from '../../platform.ts'
import { sleep } from '../../client/abort.ts'
import { longest } from '../../client/deadline.ts'
import type { Context } from '../context.ts'
import type { Found } from '../record/record.ts'

const every = 5000

/** Waits for another starter, and says so every five seconds. */
export class Wait {
  readonly #context: Context
  readonly #began = platform.monotonic()
  /** The store's `exclusive` did not let us in although nobody was at it: it is not waited for again. */
  #isShutOut = false
  #told = 0
  #pause = 25

  constructor(context: Context) {
    this.#context = context
  }

  /** Waits until the record may have changed, or until the lease of its intent, or what else hinders, may be over after `ms`. */
  async pause(found: Found, ms: number, signal: AbortSignal): Promise<void> {
    this.tell(found)
    const most = Math.max(10, Math.min(ms, this.#began + (this.#told + 1) * every - platform.monotonic()))
    this.#pause = Math.min(this.#pause * 1.5, 1000)
    const jittered = this.#pause * (0.5 + platform.random() / 2)
    if (this.#context.store.changed === undefined) await sleep(Math.min(most, jittered), signal)
    else {
      await changeOrTime(this.#context, found.version, most, signal)
      // A hint that comes too often must not make us ask without a pause.
      await sleep(jittered, signal)
    }
  }

  tell({ record }: Found): void {
    const ms = platform.monotonic() - this.#began
    if (ms < (this.#told + 1) * every) return
    this.#told = Math.floor(ms / every)
    this.#context.tell({ type: 'waiting', owner: record.intent?.owner ?? 'unknown', ms: Math.round(ms) })
  }

  /**
   * Runs a task inside the store's `exclusive`: getting in proves that the last holder is gone. If the store does not let us in,
   * or the hint is broken, the task runs outside, and the lease decides. `other`: the record of whoever is at it.
   */
  async enter<T>(other: Found | undefined, signal: AbortSignal, run: (inside: boolean) => Promise<T>): Promise<T> {
    const { store, key, leases, lease } = this.#context
    if (this.#isShutOut) return run(false)
    const entry = new AbortController()
    // A store that hangs, whatever its signal says, is waited for no longer; a task that it lets in after that does nothing.
    const gone = new Promise<void>((resolve) => entry.signal.addEventListener('abort', () => resolve()))
    const leave = (): void => entry.abort()
    const tick = (): void => {
      if (other) this.tell(other)
      untick = platform.after(1000, tick)
    }
    const settle = (): void => {
      stop()
      untick()
      signal.removeEventListener('abort', leave)
    }
    const stop = platform.after(Math.min(other ? Math.max(0, leases.left(other.record)) : lease, longest), leave)
    let untick = platform.after(1000, tick)
    signal.addEventListener('abort', leave)
    let inside: Promise<T> | undefined
    try {
      const step = async (): Promise<T> => {
        signal.throwIfAborted()
        return run(true)
      }
      const task = async (): Promise<T> => {
        entry.signal.throwIfAborted()
        settle()
        inside ??= step()
        inside.catch(() => undefined)
        return inside
      }
      await Promise.race([store.exclusive?.(key, task, entry.signal), gone])
    } catch {
      // Nobody let us in, or the task has failed, which is told below.
    } finally {
      settle()
    }
    this.#isShutOut = inside === undefined && other === undefined
    // The result of the task counts, whatever the store makes of it.
    return inside ?? run(false)
  }
}

/** Waits until the store says that the record changed, or for `ms`; a store that can't say is no reason to fail. */
export async function changeOrTime(
  { store, key }: Context,
  version: string,
  ms: number,
  signal: AbortSignal,
): Promise<'changed' | 'time'> {
  const over = new AbortController()
  const leave = (): void => over.abort(signal.reason)
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  const time = sleep(ms, over.signal).then((): 'time' => 'time')
  const hint = async (): Promise<'changed' | 'time'> => {
    try {
      await store.changed?.(key, version, over.signal)
      return store.changed ? 'changed' : await time
    } catch {
      return time
    }
  }
  const changed = hint()
  try {
    return await Promise.race([changed, time])
  } finally {
    signal.removeEventListener('abort', leave)
    time.catch(() => undefined)
    changed.catch(() => undefined)
    over.abort()
  }
}
