import { join } from '../client/flight.ts'
import { late } from '../client/late.ts'
import type { CallOptions } from '../client/options.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { declare } from './declaration.ts'
import type { Declaration } from './declaration.ts'
import { good } from './good.ts'
import type { Home, Told } from './home.ts'
import { load } from './home.ts'
import { keyOf } from './identity.ts'
import type { Identity } from './identity.ts'
import type { ManagerOptions } from './options.ts'
import { checkManagerOptions } from './options.ts'
import type { Keeper } from './keeper.ts'

/** Everything a start with a good record needs to know. */
export type Visit = Home & { declared: Declaration }

/**
 * Keeps one registration, in a store: `ensure()` may be called at every start, from every replica and every tab, and
 * there is one client at the server afterwards.
 *
 * Concurrent calls in one process share their work. A caller whose `signal` aborts leaves; what has begun goes on.
 */
export class RegistrationManager<Sent extends object = {}, Returned extends object = {}> {
  readonly #options: ManagerOptions<Sent, Returned>
  #visit: Promise<Visit> | undefined
  #keeper: Promise<Keeper> | undefined

  /**
   * Nothing is opened, read or sent.
   *
   * @throws {InvalidRequestError} an option can't work, such as a `lease` below `timeout` + 5 000
   */
  constructor(options: ManagerOptions<Sent, Returned>) {
    checkManagerOptions(options)
    this.#options = options
  }

  /**
   * The registration, good to use: the stored one, without any request, where it fits the declaration and does not
   * expire soon; otherwise it is registered, updated or renewed first. Where another starter is at it, its result.
   *
   * While the server is down, a stored registration that works is returned even if it should be changed (event `drift`).
   *
   * @throws {StateError} `deleted`; `missing` with `expectExisting`; `attempts-spent` when the server has refused or
   *   failed too often, with `retryAfter`; `newer-schema`
   * @throws {StoreError} the store can't be read or written; that is never taken for "there is none"
   * @throws {ServerRefusedError} the server refused the declaration, or an access token
   * @throws {TransportError} no answer. After `unknown` a client may exist at the server that nobody knows: it is listed
   *   as an orphan
   * @throws {PolicyError} the server registered something more dangerous than was asked for; that client was deleted
   */
  async ensure(options?: CallOptions): Promise<RegistrationResponse & Returned> {
    return join(this.#ensure(options), options?.signal, 'registration', 'What has begun goes on.', 'unknown')
  }

  async #ensure(options?: CallOptions): Promise<RegistrationResponse & Returned> {
    const visit = await this.#here()
    const found = await load(visit)
    const registration = found && good(found.record, visit.declared)
    return this.#typed(registration ?? (await (await this.#work()).ensure(options)))
  }

  #here(): Promise<Visit> {
    const { store, application, instance, onEvent, metadata, generation } = this.#options
    const issuer = this.#options.issuer ?? this.#options.server.issuer
    const identity: Identity = instance === undefined ? [issuer, application] : [issuer, application, instance]
    const tell = (event: Told): void => {
      try {
        onEvent?.({ at: Date.now(), application, ...event })
      } catch {
        // A listener must not be able to break what it listens to.
      }
    }
    this.#visit ??= Promise.all([keyOf(identity), declare(metadata, generation)]).then(([key, declared]) => ({
      store,
      identity,
      tell,
      key,
      declared,
    }))
    return this.#visit
  }

  #work(): Promise<Keeper> {
    this.#keeper ??= late(import('./keeper.ts')).then(
      async ({ Keeper }) => new Keeper(this.#options, await this.#here()),
    )
    this.#keeper.catch(() => (this.#keeper = undefined))
    return this.#keeper
  }

  #typed(value: RegistrationResponse): RegistrationResponse & Returned {
    // The vendor's members are the profile's word: no type of ours can know what this server adds.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return value as RegistrationResponse & Returned
  }
}
