import { join } from '../client/abort.ts'
import { load as late } from '../load.ts'
import type { CallOptions, ClientProof } from '../client/options.ts'
import type { Orphan } from '../events.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { ensuring } from './ensuring.ts'
import { Flight } from './flight.ts'
import type { Keeping } from './keeping.ts'
import { keeping } from './keeping.ts'
import type { Aim } from './next.ts'
import type { Rejected } from './rejecting.ts'
import type { RegistrationStatus } from './status.ts'
import type { SecretProofs } from './secret-proofs.ts'
import { Turns } from './turns.ts'
import type { Visit } from './visit.ts'

/** What a manager does when a good record is not enough: one object per manager, loaded when it is needed. */
class Keeper {
  readonly #k: Keeping
  readonly #turns = new Turns()
  readonly #ensuring: Flight<RegistrationResponse>
  readonly #deleting: Flight<void>
  readonly #rejecting = new Map<string, Flight<RegistrationResponse>>()

  constructor(visit: Visit, bySecret?: SecretProofs) {
    this.#k = keeping(visit, bySecret)
    this.#ensuring = new Flight((left) => this.#ensure(left))
    this.#deleting = new Flight(async (left) => {
      const { deleting } = await late(import('./deletion.ts'))
      return this.#turns.take(() => deleting(this.#k, left))
    })
  }

  ensure(call?: CallOptions): Promise<RegistrationResponse> {
    return this.#ensuring.join(call)
  }

  /** Callers with the same credentials share the doubt. */
  reportRejected(rejected: Rejected, call?: CallOptions): Promise<RegistrationResponse> {
    const { client_id, client_secret } = rejected
    const name = JSON.stringify([client_id, client_secret])
    const flight =
      this.#rejecting.get(name) ??
      new Flight((left) =>
        late(import('./rejecting.ts'))
          .then(({ rejecting }) => rejecting(this.#k, rejected, (aim) => this.#ensure(left, aim), left))
          .finally(() => this.#rejecting.delete(name)),
      )
    this.#rejecting.set(name, flight)
    return flight.join(call)
  }

  async authentication(call?: CallOptions): Promise<ClientProof> {
    const { proofOf } = await late(import('./proof.ts'))
    return proofOf(this.#k, await this.ensure(call))
  }

  async *watch(call?: CallOptions): AsyncGenerator<RegistrationResponse, void, undefined> {
    const { watching } = await late(import('./watching.ts'))
    yield* watching(this.#k, () => this.ensure(call), call?.signal)
  }

  status(call?: CallOptions): Promise<RegistrationStatus> {
    const read = late(import('./status.ts')).then(({ statusOf }) => statusOf(this.#k))
    return join(read, call?.signal, 'answer of the store')
  }

  delete(call?: CallOptions): Promise<void> {
    return this.#deleting.join(call)
  }

  forget(call?: CallOptions): Promise<void> {
    const forgotten = late(import('./starting-over.ts')).then(({ forgetting }) => forgetting(this.#k))
    return join(forgotten, call?.signal, 'answer of the store', 'What has begun goes on.', 'unknown')
  }

  recover(known: RegistrationResponse, call?: CallOptions): Promise<void> {
    const recovered = late(import('./starting-over.ts')).then(({ recovering }) => recovering(this.#k, known))
    return join(recovered, call?.signal, 'answer of the store', 'What has begun goes on.', 'unknown')
  }

  sweep(call?: CallOptions): Promise<Orphan[]> {
    const swept = late(import('./sweeping.ts')).then(({ sweep }) => sweep(this.#k))
    return join(swept, call?.signal, 'end of the sweep', 'What has begun goes on.', 'unknown')
  }

  #ensure(left: AbortSignal, aim?: Aim): Promise<RegistrationResponse> {
    return this.#turns.take(() => ensuring(this.#k, left, aim))
  }
}

/** A keeper whose registrations have the members that the profile says this server adds. */
export type KeeperOf<R> = Omit<Keeper, 'ensure' | 'reportRejected' | 'watch'> & {
  ensure(call?: CallOptions): Promise<R>
  reportRejected(rejected: Rejected, call?: CallOptions): Promise<R>
  watch(call?: CallOptions): AsyncGenerator<R, void, undefined>
}

export function keeperOf<R extends RegistrationResponse>(visit: Visit, bySecret?: SecretProofs): KeeperOf<R> {
  // No type of ours can know what this server adds.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Keeper(visit, bySecret) as KeeperOf<RegistrationResponse> as KeeperOf<R>
}
