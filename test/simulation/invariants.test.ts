import { describe, expect, test } from 'vitest'

import { plainServer } from './behaviour.ts'
import { Dice } from './dice.ts'
import type { Call, History, SentRequest, Shown } from './history.ts'
import { broken } from './invariants.ts'
import { drawPlan, hour, minute, second } from './plan.ts'
import { epoch, SimulatedProcess } from './process.ts'
import { Scheduler } from './scheduler.ts'
import { ScriptedServer } from './server.ts'
import { engines } from './engines.ts'
import { SimulatedStore } from './store.ts'

/** A world in which nothing has happened yet; what has is written into it by hand. */
class Written {
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

  /** Saves a record, and hears that it is saved. */
  save(at: number, record: object): void {
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

/** How each is broken by hand: what has to happen. */
const ways: Record<string, (world: Written) => void> = {
  'I1: a client that nobody knows of': (world) => {
    world.save(1, { registration: world.register(0) })
    world.register(2)
  },
  'I2: a deletion of the client that the record names': (world) => {
    world.save(1, { registration: world.register(0) })
    world.request({ at: 2, method: 'DELETE', client_id: 'client-1' })
  },
  'I3: an older token over a newer one': (world) => {
    const old = world.register(0)
    world.history.server.makeSecret(world.history.server.clients[0] ?? expect.fail('no client'), 5)
    const client_secret = world.history.server.clients[0]?.secrets.at(-1)?.value
    world.save(6, { registration: { ...old, client_secret } })
    world.save(7, { registration: old })
  },
  'I3: a lower revision': (world) => {
    world.save(1, { revision: 7, epoch: 'e' })
    world.save(2, { revision: 6, epoch: 'e' })
  },
  'I4: six registrations in an hour': (world) => {
    for (let time = 0; time < 6; time++)
      world.request({ at: time * minute, method: 'POST', endpoint: 'register', status: 500 })
  },
  'I5: a call that does not end': (world) => {
    world.call({ endedAt: undefined })
    world.history.rest.hanging = [...world.history.calls]
  },
  'I5: a declaration that does not come': (world) => {
    world.history.rest.wrong = 'the client in use is Orders 1, declared is Orders 0'
  },
  'I6: eleven changing requests in a minute': (world) => {
    for (let time = 0; time < 11; time++) world.request({ at: time * second, method: 'PUT' })
  },
  'I7: older credentials than were saved': (world) => {
    const old = world.register(0)
    world.history.server.makeSecret(world.history.server.clients[0] ?? expect.fail('no client'), 5)
    const client_secret = world.history.server.clients[0]?.secrets.at(-1)?.value
    world.save(6, { registration: { ...old, client_secret } })
    world.call({ at: 7, value: old })
  },
  'I8: a call that takes too long': (world) => {
    world.call({ endedAt: minute })
  },
  'I8: a watch that ends with what nobody documents': (world) => {
    world.call({ verb: 'watch', code: 'TypeError' })
  },
  'I9: a deleted client that is handed out': (world) => {
    const registration = world.register(0)
    world.save(1, { registration })
    world.call({ verb: 'delete', at: 2 })
    world.call({ at: 4, value: registration })
  },
  'I10: a secret in an event': (world) => {
    world.show({ text: `{"token":"${String(world.register(0)['registration_access_token'])}"}` })
  },
  'I10: a control character in an error': (world) => {
    world.show({ what: 'error', text: '\u001B[31m' })
  },
  'I11: a client that lives is replaced': (world) => {
    world.save(1, { registration: world.register(0) })
    world.save(3, { registration: world.register(2), previous: [{ registration: { client_id: 'client-1' } }] })
  },
  'I11: a dead client is called alive': (world) => {
    const registration = { client_id: 'client-1', client_secret: String(world.register(0)['client_secret']) }
    world.history.server.forget(world.history.server.clients[0] ?? expect.fail('no client'), 1)
    world.call({
      verb: 'reportRejected',
      at: 10 * minute,
      endedAt: 10 * minute + 5,
      rejected: registration,
      value: registration,
    })
  },
  'I12: a request before the instant that the server named': (world) => {
    world.request({ at: 0, endpoint: 'register', method: 'POST', status: 429, retryAfter: minute })
    world.request({ at: 30 * second, endpoint: 'register', method: 'POST' })
  },
  'I12: a third failure at once after the second': (world) => {
    for (const at of [0, 900, 1000]) world.request({ at, endpoint: 'register', method: 'POST', status: 500 })
  },
  'I13: a request although the record is good': (world) => {
    world.save(1, { registration: { ...world.register(0), client_secret_expires_at: 0 } })
    world.call({ at: hour, endedAt: hour + 10 })
    world.request({ at: hour + 5 })
  },
  'I13: a store call of an aborted call': (world) => {
    world.call({ at: hour, leftBefore: true })
    world.save(hour, {})
  },
  'I14: a way out that is closed': (world) => {
    world.call({ verb: 'forget', code: 'store-corrupt' })
  },
  'I15: one client after the other': (world) => {
    for (let time = 0; time < 32; time++) world.register(time * hour)
  },
}

describe('an invariant', () => {
  test('holds where nothing happens', () => {
    expect(broken(new Written().history)).toEqual({})
  })

  test.each(Object.entries(ways))('%s', (name, happens) => {
    const world = new Written()
    happens(world)
    expect(broken(world.history)).toHaveProperty(name.slice(0, name.indexOf(':')))
  })

  test('has a world that breaks it, whichever it is', () => {
    const named = new Set(Object.keys(ways).map((name) => name.slice(0, name.indexOf(':'))))
    expect([...named]).toEqual(Array.from({ length: 15 }, (_, index) => `I${index + 1}`))
  })
})
