import type { CallOptions } from '../client/options.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { ensuring } from './ensuring.ts'
import { Flight } from './flight.ts'
import { keeping } from './keeping.ts'
import type { Visit } from './manager.ts'
import type { KeeperOptions } from './options.ts'
import { Turns } from './turns.ts'

/** What a manager does when a good record is not enough: one object per manager, loaded when it is needed. */
export class Keeper {
  readonly #turns = new Turns()
  readonly #ensuring: Flight<RegistrationResponse>

  constructor(options: KeeperOptions, visit: Visit) {
    const k = keeping(options, visit)
    this.#ensuring = new Flight((left) => this.#turns.take(() => ensuring(k, left)))
  }

  ensure(call?: CallOptions): Promise<RegistrationResponse> {
    return this.#ensuring.join(call)
  }
}
