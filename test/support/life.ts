import type { RegistrationStore } from '@registrant/core'

/** A moment of a save: right before it happens, or right after it has. */
export type Moment = 'before' | 'after'

/** Runs tasks one after the other, and goes on when the process of the running one dies, as `exclusive` of an engine does. */
export interface Turnstile {
  pass<T>(task: () => Promise<T>, died: Promise<void>, signal?: AbortSignal): Promise<T>
}

/**
 * A process, as it looks from outside: it reaches its store and the network as long as it lives. When it dies, only what it
 * has stored is left of it, and a call that is under way comes to no end.
 */
export class Life {
  readonly store: RegistrationStore
  readonly fetch: typeof globalThis.fetch
  /** Called around each of its saves with their number, from 0; what it returns is waited for. */
  atSave: ((number: number, moment: Moment) => Promise<void> | void) | undefined
  #saves = 0
  #dead = false
  #die = (): void => undefined
  /** Resolves when it is dead. */
  readonly died: Promise<void> = new Promise((resolve) => {
    this.#die = resolve
  })

  constructor(store: RegistrationStore, turnstile?: Turnstile) {
    this.store = {
      load: (key) => this.#outlived(() => store.load(key)),
      save: (key, value, expected) =>
        this.#outlived(async () => {
          const number = this.#saves++
          await this.#outlived(async () => this.atSave?.(number, 'before'))
          const saved = await store.save(key, value, expected)
          await this.#outlived(async () => this.atSave?.(number, 'after'))
          return saved
        }),
      ...(turnstile && {
        exclusive: (_key, task, signal) => this.#outlived(() => turnstile.pass(task, this.died, signal)),
      }),
    }
    this.fetch = (...given) => this.#outlived(() => fetch(...given))
  }

  get dead(): boolean {
    return this.#dead
  }

  /** `kill -9`. */
  die(): void {
    this.#dead = true
    this.#die()
  }

  async #outlived<T>(act: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => undefined)
    if (this.#dead) return never
    const [done] = await Promise.allSettled([act()])
    if (this.#dead) return never
    if (done.status === 'rejected') throw done.reason
    return done.value
  }
}
