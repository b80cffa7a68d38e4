import { expect } from 'vitest'

import { plainServer } from './behaviour.ts'
import { Dice } from './dice.ts'
import { engines } from './engines.ts'
import type { Befallen, Call, History, SentRequest, Shown } from './history.ts'
import { drawPlan, hour, minute, second } from './plan.ts'
import { epoch, SimulatedProcess } from './process.ts'
import { Scheduler } from './scheduler.ts'
import { ScriptedServer } from './server.ts'
import { SimulatedStore } from './store.ts'
import type { StoreOperation } from './store.ts'

/** A world in which nothing has happened yet; a test writes into it what has. */
export class Written {
  readonly scheduler = new Scheduler(new Dice(1))
  readonly process = new SimulatedProcess('p1', this.scheduler)
  readonly history: History
  #version = 0

  constructor() {
    const dice = new Dice(2)
    const plan = { ...drawPlan(1), server: { ...plainServer }, faults: [], incidents: [] }
    plan.options = {
      ...plan.options,
      listens: true,
      keys: false,
      isPublic: false,
      ownProof: false,
      timeout: 20 * second,
      forgetDelay: minute,
    }
    plan.processes = plan.processes.map((it) => ({ ...it, generation: undefined, declaration: 0 }))
    const engine = engines[0] ?? expect.fail('there is no engine')
    const world = {
      scheduler: this.scheduler,
      dice,
      strikes: () => false,
      changed: () => undefined,
      denied: () => new Error(),
      corrupt: () => new Error(),
    }
    this.history = {
      plan,
      server: new ScriptedServer(plan.server, dice),
      store: new SimulatedStore(engine, world),
      processes: [this.process],
      requests: [],
      calls: [],
      shown: [],
      befallen: [],
      mendedAt: hour,
      endedAt: 2 * hour,
      isExhausted: false,
      rest: { hanging: [], unrest: undefined, wrong: undefined, excuse: undefined },
      struck: {},
      met: {},
      choices: 0,
    }
  }

  /** Registers a client at the server, as a request that was answered. */
  register(at: number): Record<string, unknown> {
    const answer = this.history.server.answer(
      {
        method: 'POST',
        url: new URL('https://as.example/register'),
        headers: new Headers(),
        body: '{"client_name":"Orders 0"}',
      },
      at,
    )
    this.request({
      at,
      method: 'POST',
      endpoint: 'register',
      status: 201,
      made: answer.made === undefined ? [] : [answer.made],
    })
    return JSON.parse(answer.body)
  }

  request(given: Partial<SentRequest>): void {
    const { at = 0 } = given
    this.history.requests.push({
      number: this.history.requests.length,
      process: this.process,
      method: 'GET',
      endpoint: 'manage',
      client_id: undefined,
      at,
      monotonic: at,
      wall: epoch + at,
      serverTime: epoch + at,
      stored: this.history.store.value,
      arrivedAt: at,
      isDoubled: false,
      status: 200,
      isFaulty: false,
      made: [],
      answeredAt: at + 1,
      isUnanswered: false,
      retryAfter: undefined,
      ...given,
    })
  }

  /** Another process, from a moment on. */
  start(name: string, at: number, given: Partial<SimulatedProcess> = {}): SimulatedProcess {
    this.scheduler.time = at
    const process = Object.assign(new SimulatedProcess(name, this.scheduler), given)
    this.history.processes.push(process)
    return process
  }

  /** The store loses all that is stored. */
  lose(at: number): void {
    this.scheduler.time = at
    this.history.store.loseAll()
  }

  /** Something befalls the world. */
  befall(what: string, given: Partial<Befallen> = {}): void {
    this.history.befallen.push({ at: 0, what, process: undefined, ...given })
  }

  /** Saves a record, and hears that it is saved. */
  save(at: number, record: object, given: Partial<StoreOperation> = {}): void {
    const { store } = this.history
    const value = JSON.stringify({
      schema: 1,
      writeId: `${(this.#version += 1)}`,
      state: 'registered',
      declaration: { hash: 'a' },
      ...record,
    })
    store.operations.push({
      number: store.operations.length,
      process: this.process,
      operation: 'save',
      askedAt: at,
      value,
      appliedAt: at,
      acknowledgedAt: at,
      failed: undefined,
      before: store.value,
      ...given,
    })
    store.overwrite(value)
    Object.assign(store.timeline.at(-1) ?? {}, { at, operation: store.operations.at(-1) })
  }

  call(given: Partial<Call>): void {
    const { at = 0 } = given
    this.history.calls.push({
      number: this.history.calls.length,
      process: this.process,
      manager: 0,
      verb: 'ensure',
      at,
      monotonic: at,
      stood: 0,
      endedAt: at + 1,
      serverTime: epoch + at + 1,
      stored: this.history.store.value,
      declaration: 0,
      value: undefined,
      code: undefined,
      retryAfter: undefined,
      rejected: undefined,
      isFalse: false,
      leftBefore: false,
      leftAt: undefined,
      yielded: [],
      ...given,
    })
  }

  show(given: Partial<Shown>): void {
    this.history.shown.push({
      at: 0,
      process: this.process,
      what: 'event',
      type: 'drift',
      client_id: undefined,
      text: '',
      ...given,
    })
  }
}
