import { RegistrationManager } from '@registrant/core'
import type { RegistrationEvent, RegistrationResponse, RegistrationStatus } from '@registrant/core'
import type { ScriptedServer } from '@registrant/test/servers'

import { keepIn } from '../../support/dump.ts'
import { Life } from '../../support/life.ts'
import { metadata } from '../managed.ts'
import type { OpenStore } from '../managed.ts'
import type { Verb } from './happening.ts'

/** What a program declares. */
export interface Declares {
  client_name: string
  generation?: number | undefined
}

/** The world's hand in what a program does. */
interface Hand {
  /** Waited for before each verb of its store and each of its requests. */
  pause: () => Promise<void>
  /** Resolves when it makes sense to look at the store again. */
  changed: () => Promise<void>
}

type Said = { registration?: RegistrationResponse; status?: RegistrationStatus }

/** Deadlines are by the clock on the wall, and run out in a twentieth: a crowded machine, or a wait for another starter, is to meet none. */
export const timeout = 80_000
export const lease = 85_000
export const overlap = 600_000

let started = 0

/** A life with its manager. */
export class Program {
  /** Its name as an owner of intents: nobody else's, and no space in it. */
  readonly name = `program-${started++}`
  readonly declares: Declares
  readonly life: Life
  readonly events: RegistrationEvent[] = []
  readonly #manager: RegistrationManager
  /** How much it is doing at its store and in the network. A dead one does nothing. */
  underWay = 0
  /** The registration that it was given last. */
  uses: RegistrationResponse | undefined

  constructor(server: ScriptedServer, store: OpenStore, declares: Declares, { pause, changed }: Hand) {
    const life = new Life(store)
    this.life = life
    this.declares = declares
    const { client_name, generation } = declares
    this.#manager = new RegistrationManager({
      server: {
        issuer: server.issuer,
        token_endpoint: `${server.url}/token`,
        registration_endpoint: `${server.url}/register`,
      },
      application: 'orders',
      owner: this.name,
      metadata: { ...metadata, client_name },
      generation,
      store: {
        load: (...given) => this.#busy(() => pause().then(() => life.store.load(...given))),
        save: (...given) => this.#busy(() => pause().then(() => life.store.save(...given))),
        changed,
      },
      fetch: (...given) => this.#busy(() => pause().then(() => life.fetch(...given))),
      timeout,
      lease,
      overlap,
      forgetDelay: 0,
      onEvent: keepIn(this.events),
    })
  }

  async call(verb: Verb, given: RegistrationResponse | undefined): Promise<Said> {
    const manager = this.#manager
    const known = given ?? { client_id: 'nobody' }
    switch (verb) {
      case 'ensure':
      case 'rotate':
      case 'read':
        return this.#used(await manager[verb]())
      case 'report':
        return this.#used(await manager.reportRejected(known))
      case 'status':
        return { status: await manager.status() }
      case 'recover':
        await manager.recover(known)
        return {}
      default:
        await manager[verb]()
        return {}
    }
  }

  /** What it does at its store and in the network, whether or not anybody waits for it. */
  async #busy<T>(act: () => Promise<T>): Promise<T> {
    this.underWay++
    return act().finally(() => this.underWay--)
  }

  #used(registration: RegistrationResponse): Said {
    this.uses = registration
    return { registration }
  }
}
