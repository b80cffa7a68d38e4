import { describe, expect, test } from 'vitest'

import { broken, invariants } from './invariants.ts'
import { hour, minute, second } from './plan.ts'
import { Written } from './written.ts'

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
  'I16: a client beside one that was registered by hand': (world) => {
    world.history.plan.options.routes = {
      isByHand: true,
      hasDocument: false,
      prefer: undefined,
      takenFrom: 0,
      takenUntil: Infinity,
    }
    world.request({ method: 'POST', endpoint: 'register' })
  },
  'I17: a record of a newer release that is saved over': (world) => {
    world.save(1, { schema: 3 })
    world.save(2, { schema: 2 })
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
    expect([...named].toSorted()).toEqual(Object.keys(invariants).toSorted())
  })
})
