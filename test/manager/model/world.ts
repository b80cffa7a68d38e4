import { setImmediate as turn } from 'node:timers/promises'

import { RegistrationError, RegistrationManager } from '@registrant/core'
import type { RegistrationResponse } from '@registrant/core'
import type { ScriptedServer } from '@registrant/test/servers'

import type { Clock } from '../../support/clock.ts'
import type { Moment } from '../../support/life.ts'
import { register } from '../../servers/speak.ts'
import { OpenStore } from '../managed.ts'
import { ServerFaults, StoreFaults } from './faults.ts'
import type { Call, Ended, Happening } from './happening.ts'
import { look } from './look.ts'
import type { Look } from './look.ts'
import { lease, Program, timeout } from './program.ts'
import type { Declares } from './program.ts'

interface Claimed {
  claim?: { owner: string; mark: { at: number; length: number } }
}

const how = { fulfilled: 'resolved', rejected: 'rejected' } as const

/** Three programs that share a store and a server, and everything that may happen to them. */
export class World {
  readonly server: ScriptedServer
  readonly serverFaults = new ServerFaults()
  readonly storeFaults: StoreFaults
  readonly #clock: Clock
  readonly #store = new OpenStore()
  readonly #bystander: RegistrationManager
  readonly #programs: Program[]
  readonly #atWork = new Set<string>()
  /** How many turns of the event loop the next verbs wait while programs work side by side. */
  #pauses: number[] = []
  /** How many leases are to run out although who holds them is at work, as one who was paused finds it. */
  #impatience = 0
  #wake: (() => void)[] = []

  constructor(server: ScriptedServer, clock: Clock) {
    this.server = server
    this.#clock = clock
    for (const client of server.clientIds()) server.forget(client)
    const script = this.serverFaults.answer.bind(this.serverFaults)
    server.script({ register: script, read: script, update: script, delete: script, token: script })
    this.storeFaults = new StoreFaults(this.#store)
    const { issuer } = server
    this.#bystander = new RegistrationManager({ issuer, application: 'orders', metadata: {}, store: this.#store })
    this.#programs = [0, 1, 2].map(() => this.#program({ client_name: 'one' }))
  }

  /** The program dies where it stands, and starts anew with what it declares now. */
  restart(who: number, declares: Declares): void {
    this.#programs[who]?.life.die()
    this.#programs[who] = this.#program(declares)
  }

  /** The program is to die at one of its next saves. */
  doom(who: number, save: number, moment: Moment): void {
    const { life } = this.#of(who)
    let number = 0
    life.atSave = (_, at) => {
      if (at === moment && number === save) life.die()
      if (at === 'after') number++
    }
  }

  pass(ms: number): void {
    this.#clock.pass(ms)
  }

  async look(): Promise<Look> {
    this.storeFaults.calm = true
    return look(this.#bystander, this.#store).finally(() => (this.storeFaults.calm = false))
  }

  /** Makes calls at one moment, and waits until all are over. */
  async happen(calls: readonly Call[], pauses: readonly number[] = [], impatience = 0): Promise<Happening> {
    for (const { who } of calls) if (this.#of(who).life.dead) this.restart(who, this.#of(who).declares)
    const before = await this.look()
    const given: (RegistrationResponse | undefined)[] = []
    for (const { who, verb } of calls)
      given.push(verb === 'recover' ? await this.#byHand() : (this.#of(who).uses ?? before.registration))
    const { serverFaults, storeFaults, server } = this
    const [requests, failures, lost, posts] = [
      server.requests.length,
      serverFaults.met,
      storeFaults.met,
      serverFaults.posts.length,
    ]
    this.#pauses = [...pauses]
    this.#impatience = impatience
    const hurrying = setInterval(() => void this.#hurry(), 2)
    const ended = await Promise.all(calls.map((call, index) => this.#call(call, given[index]))).finally(() =>
      clearInterval(hurrying),
    )
    this.#pauses = []
    await this.#rest()
    const after = await this.look()
    const clients = server.clientIds().flatMap((id) => server.registration(id) ?? [])
    return {
      calls: ended,
      before,
      after,
      at: Date.now(),
      clients: new Map(
        clients.map((it) => [it.client_id, { secret: it['client_secret'], token: it.registration_access_token ?? '' }]),
      ),
      requests: server.requests.length - requests,
      posts: serverFaults.posts.slice(posts),
      deletes: server.requests
        .slice(requests)
        .flatMap(({ endpoint, path }) => (endpoint === 'delete' ? [path.split('/').at(-1) ?? ''] : [])),
      impatient: impatience > 0,
      serverFailed: serverFaults.met > failures,
      storeFailed: storeFaults.met > lost,
    }
  }

  #of(who: number): Program {
    const program = this.#programs[who]
    if (program === undefined) throw new Error(`There is no program ${who}`)
    return program
  }

  #program(declares: Declares): Program {
    return new Program(this.server, this.#store, declares, {
      pause: async () => {
        for (let turns = this.#pauses.shift() ?? 0; turns > 0; turns--) await turn()
      },
      changed: () => new Promise((resolve) => this.#wake.push(resolve)),
    })
  }

  /** What nobody waits for has come to its end. */
  async #rest(): Promise<void> {
    for (let quiet = 0; quiet < 5;) {
      await turn()
      quiet = this.#programs.some(({ life, underWay }) => !life.dead && underWay > 0) ? 0 : quiet + 1
    }
  }

  /** Nobody is waited for who is dead, or has stopped working: his lease runs out at once. */
  async #hurry(): Promise<void> {
    this.storeFaults.calm = true
    const { record } = await this.#store.peek().catch(() => ({ record: {} }))
    this.storeFaults.calm = false
    const { owner } = Object('intent' in record ? record.intent : undefined)
    const [name = ''] = String(owner).split(' ')
    const isAtWork = this.#atWork.has(name) && this.#impatience-- <= 0
    if (owner !== undefined && !isAtWork) this.#clock.wait(lease)
    // Nor is a deletion that nobody is at who has announced it: the mark of that is in the record, by the wall clock.
    if (this.#isClaimedByNobody(record)) this.#clock.pass(timeout)
    for (const wake of this.#wake.splice(0)) wake()
  }

  #isClaimedByNobody(record: object): boolean {
    const { previous = [], orphans = [] }: { previous?: Claimed[]; orphans?: Claimed[] } = record
    return [...previous, ...orphans].some(({ claim }) => {
      const [name = ''] = claim?.owner.split(' ') ?? []
      const isOver = claim === undefined || Date.now() - claim.mark.at >= claim.mark.length
      return !isOver && !this.#atWork.has(name)
    })
  }

  async #call({ who, verb }: Call, given: RegistrationResponse | undefined): Promise<Ended> {
    const program = this.#of(who)
    const { name, life, events, declares } = program
    const told = events.length
    this.#atWork.add(name)
    const died = life.died.then(() => 'died' as const)
    const [settled] = await Promise.allSettled([Promise.race([died, program.call(verb, given)])])
    this.#atWork.delete(name)
    const common = { who, verb, given, declares: JSON.stringify(declares), told: events.slice(told) }
    if (life.dead) return { ...common, how: 'died' }
    if (settled.status === 'rejected' && !(settled.reason instanceof RegistrationError)) throw settled.reason
    return {
      ...common,
      how: how[settled.status],
      ...(settled.status === 'rejected' ? { error: settled.reason } : settled.value !== 'died' && settled.value),
    }
  }

  /** A client that somebody has registered without us. */
  async #byHand(): Promise<RegistrationResponse> {
    const posts = this.serverFaults.posts.length
    const waiting = this.serverFaults.waiting.splice(0)
    const { body } = await register(this.server.url, undefined, { client_name: 'by hand' })
    this.serverFaults.waiting = waiting
    this.serverFaults.posts.splice(posts)
    return Object(body)
  }
}
