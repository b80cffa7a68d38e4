import { requirePresent, requireSignal, unlessLeft } from '../client/deadline.ts'
import type { CallOptions } from '../client/options.ts'
import { StateError } from '../errors.ts'
import { tellSafely } from '../events.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import type { KeeperOf } from './ensure/keeper.ts'
import { load } from './ensure/load.ts'
import type { KeeperOptions } from './options.ts'
import { overlapOf } from './options.ts'
import type { SecretProofs, Start } from './start.ts'
import { longestLook, openStart, storedRegistration } from './start.ts'

/** All verbs of a manager go through this: nothing is loaded before it is needed, and nothing begins after `close()`. */
export class Opening<R extends RegistrationResponse> {
  readonly #options: KeeperOptions
  readonly #bySecret: SecretProofs
  #start: Promise<Start> | undefined
  #keeper: Promise<KeeperOf<R>> | undefined
  readonly #closing: AbortController = new AbortController()
  #ended: Promise<void> | undefined
  #isTold = false

  constructor(options: KeeperOptions, bySecret: SecretProofs) {
    this.#options = options
    this.#bySecret = bySecret
  }

  /** Returns the stored registration where that is good as it is; the keeper does all else. */
  async ensure(call: CallOptions | undefined): Promise<R> {
    const { signal } = call ?? {}
    this.#requireOpen(signal)
    const began = platform.monotonic()
    // A keeper remembers more than the store holds, also one that was loaded while the store was looked at.
    const works = (): boolean => this.#keeper !== undefined
    const stored = works()
      ? undefined
      : await unlessLeft(
          // If the record is damaged, the keeper says so.
          this.#started().then((it) => storedRegistration(it, signal).catch(() => undefined)),
          signal,
        )
    if (stored && !works()) {
      this.#tellReused(stored)
      // The record is remembered and the caller may change its copy. What the profile says the server adds has no type of ours.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return structuredClone(stored) as R
    }
    this.#requireOpen(undefined)
    // If the process was stopped meanwhile, no more than the longest look counts as waited.
    const looked = Math.min(platform.monotonic() - began, longestLook(this.#options))
    return (await this.#work()).ensure(call, looked)
  }

  /** Runs a verb that heeds the caller's signal itself. */
  async begin<T>(call: CallOptions | undefined, verb: (keeper: KeeperOf<R>) => Promise<T>): Promise<T> {
    this.#requireOpen(call?.signal)
    // `close()` waits for the same promise, and comes later.
    return this.#work().then(verb)
  }

  /** Runs a verb for a caller who may leave. */
  async call<T>(call: CallOptions | undefined, verb: (keeper: KeeperOf<R>) => Promise<T>): Promise<T> {
    this.#requireOpen(call?.signal)
    return unlessLeft(this.#work().then(verb), call?.signal)
  }

  watch(signal: AbortSignal | undefined): AsyncGenerator<R, void, undefined> {
    const ended = new AbortController()
    const watching = this.#watch(ended, signal)
    const finish = watching.return.bind(watching)
    const fail = watching.throw.bind(watching)
    // A generator that is waiting would hear of a `return()` or `throw()` only when the wait is over.
    return Object.assign(watching, {
      return: (): ReturnType<typeof finish> => {
        ended.abort()
        return finish()
      },
      throw: (error: unknown): ReturnType<typeof fail> => {
        ended.abort()
        return fail(error)
      },
    })
  }

  async *#watch(ended: AbortController, signal: AbortSignal | undefined): AsyncGenerator<R, void, undefined> {
    const end = (): void => ended.abort()
    requireSignal(signal)
    const signals = [signal, this.#closing.signal]
    try {
      for (const it of signals) it?.addEventListener('abort', end)
      if (signal?.aborted || ended.signal.aborted) return
      this.#requireOpen(undefined)
      yield* (await this.#work()).watch(ended.signal)
    } finally {
      for (const it of signals) it?.removeEventListener('abort', end)
    }
  }

  async close(call: CallOptions | undefined): Promise<void> {
    requirePresent(call?.signal)
    this.#closing.abort()
    this.#ended ??= this.#end()
    return unlessLeft(this.#ended, call?.signal)
  }

  async #end(): Promise<void> {
    // If every start was one without a request, nothing has deleted a replaced client, and it would stay for ever.
    const { seen = [] }: Partial<Start> = (await this.#start?.catch(() => undefined)) ?? {}
    const isOver = seen.at(-1)?.record.previous?.some(({ at }) => at + overlapOf(this.#options) <= platform.now())
    const keeper = await (isOver ? this.#work() : this.#keeper)?.catch(() => undefined)
    await keeper?.close()
  }

  #tellReused({ client_id, client_secret_expires_at: end }: RegistrationResponse): void {
    if (this.#isTold) return
    this.#isTold = true
    const { onEvent, application } = this.#options
    const secretExpiresAt = end ? end * 1000 : undefined
    tellSafely(onEvent, { at: platform.now(), application, type: 'reused', client_id, secretExpiresAt })
  }

  #requireOpen(signal: AbortSignal | undefined): void {
    if (this.#closing.signal.aborted) throw new StateError('closed', 'This manager was closed; make another one.')
    requirePresent(signal)
  }

  #started(): Promise<Start> {
    this.#start ??= openStart(this.#options)
    return this.#start
  }

  #work(): Promise<KeeperOf<R>> {
    this.#keeper ??= load(this.#options).then(async ({ keeperOf }) =>
      keeperOf<R>(await this.#started(), this.#bySecret),
    )
    this.#keeper.catch(() => (this.#keeper = undefined))
    return this.#keeper
  }
}
