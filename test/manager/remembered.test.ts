import { memoryStore, StoreError } from '@registrant/core'
import type { RegistrationManager, RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedServer } from '@registrant/test/servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { gate, holdBack, metadata, OpenStore, start } from './managed.ts'

let clock: Clock
beforeEach(() => {
  clock = takeClock()
})
afterEach(() => clock[Symbol.dispose]())

const renamed = { ...metadata, client_name: 'orders 2' }
const profile = { name: 'no updates', cannot: { update: 'It does not.' } }

/** The management token of a client that was shown before is denied from now on. */
async function denyShown(server: ScriptedServer, store: OpenStore): Promise<void> {
  const { manager } = start(server, store)
  await manager.ensure()
  await manager.read()
  const denied = { status: 401, body: { error: 'invalid_token' } }
  server.script({ update: denied, read: denied })
}

describe('what a process met and could not write down', () => {
  test('binds it all the same: the wait that the server named', async () => {
    const busy = { status: 503, headers: { 'retry-after': '1800' } }
    await using server = await startScriptedServer({ register: [busy] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    store.beforeSave = () => {
      if (server.requestsTo('register').length === 1) throw new StoreError('store-denied', 'The disk is read-only.')
    }
    expect(await failure(manager.ensure())).toMatchObject({ status: 503 })
    store.beforeSave = undefined
    clock.pass(60_000)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('register')).toHaveLength(1)
    clock.pass(1_800_000)
    expect((await manager.ensure()).client_id).toBe(server.clientIds()[0])
  })

  test('binds it all the same: an outage, while the store shows the one before', async () => {
    await using server = await startScriptedServer({ register: [{ lost: 'after' }, { lost: 'after' }] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ name: 'TransportError' })
    clock.pass(60_000)
    store.beforeSave = () => {
      if (server.requestsTo('register').length === 2) throw new StoreError('store-unavailable', 'The disk is away.')
    }
    expect(await failure(manager.ensure())).toMatchObject({ name: 'TransportError' })
    store.beforeSave = undefined
    expect(await failure(manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('register')).toHaveLength(2)
    clock.pass(60_000)
    await manager.ensure()
    expect(server.requestsTo('register')).toHaveLength(3)
  })

  test('binds it all the same: a registration that was refused before it learnt how late it is at the server', async () => {
    const later = (_: unknown, usual: () => Answer): Answer => {
      const headers = { date: new Date(Date.now() + 3 * 86_400_000).toUTCString() }
      return { ...usual(), headers }
    }
    await using server = await startScriptedServer({ read: later })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    server.script({ register: [{ status: 415 }], read: later })
    const { manager } = start(server, store, { metadata: renamed, profile })
    expect(await manager.ensure()).toEqual(first)
    await manager.read()
    expect(await manager.ensure()).toEqual(first)
    expect(server.requestsTo('register')).toHaveLength(2)
    clock.pass(60_000)
    expect(await manager.ensure()).toMatchObject({ client_name: 'orders 2' })
    expect(server.requestsTo('register')).toHaveLength(3)
  })

  test('binds it all the same: a renewal that the server refused', async () => {
    const denied = { status: 401, body: { error: 'invalid_client' } }
    const refused = { status: 422, body: { error: 'invalid_client_metadata' } }
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store, { forgetDelay: 0 })
    const first = await manager.ensure()
    server.script({ token: denied, update: refused })
    store.beforeSave = () => {
      if (server.requestsTo('update').length === 1) throw new StoreError('store-denied', 'The disk is read-only.')
    }
    expect(await failure(manager.reportRejected(first))).toMatchObject({ code: 'suspect' })
    store.beforeSave = undefined
    expect(await failure(manager.reportRejected(first))).toMatchObject({ code: 'suspect' })
    expect(server.requestsTo('update')).toHaveLength(1)
    clock.pass(60_000)
    expect((await manager.reportRejected(first)).client_id).not.toBe(first.client_id)
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test('binds it all the same: the denial with which a management token is given up', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await denyShown(server, store)
    const { record } = await store.peek()
    const { manager } = start(server, store, { forgetDelay: 0, metadata: renamed })
    let isOvertaken = false
    store.beforeSave = async () => {
      if (server.requestsTo('update').length === 0 || isOvertaken) return
      isOvertaken = true
      await store.overtake(record)
    }
    await manager.ensure()
    await manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('binds it all the same: that denial, where it was saved, and another one has seen the token work since', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await denyShown(server, store)
    const { manager } = start(server, store, { forgetDelay: 0, metadata: renamed })
    await manager.ensure()
    expect((await store.peek()).record).toHaveProperty('unmanageable')
    await manager.ensure()
    await store.overtake({ ...(await store.peek()).record, unmanageable: undefined })
    await manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('binds it all the same: a registration that was refused, though an update went well since', async () => {
    await using server = await startScriptedServer({ register: [{ status: 410 }] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ status: 410 })
    await start(server, store, { metadata: renamed }).manager.ensure()
    expect(await failure(manager.rotate())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('update').length).toBeGreaterThan(0)
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('counts in its own row, whoever else succeeds meanwhile', async () => {
    const refused = { status: 422, body: { error: 'invalid_client_metadata' } }
    await using server = await startScriptedServer({ register: [refused, refused, refused] })
    const store = new OpenStore()
    const { manager } = start(server, store, { profile })
    for (let n = 0; n < 3; n++) {
      expect(await failure(manager.ensure())).toMatchObject({ status: 422 })
      clock.pass(1000 * 2 ** n)
    }
    await start(server, store, { profile, metadata: renamed }).manager.ensure()
    server.script({ register: refused })
    expect(await failure(manager.rotate())).toMatchObject({ status: 422 })
    const left = await failure(manager.rotate())
    expect(left).toMatchObject({ code: 'attempts-spent' })
    expect(Object(left).retryAfter).toBeGreaterThan(3000)
  })
})

test('an update that failed while nothing could be saved keeps nobody waiting once something can', async () => {
  const busy = { status: 503, headers: { 'retry-after': '1800' } }
  await using server = await startScriptedServer({ update: busy })
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  const { manager } = start(server, store, { metadata: renamed })
  store.beforeSave = () => {
    if (server.requestsTo('update').length > 0) throw new StoreError('store-denied', 'The disk is full.')
  }
  await manager.ensure()
  store.beforeSave = undefined
  await manager.ensure()
  expect((await store.peek()).record).toMatchObject({ intent: { operation: 'update', lease: 0 } })
  expect(server.requestsTo('update')).toHaveLength(1)
})

test('a registration that is about to leave stays where the server has asked to be left alone meanwhile', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const { manager } = start(server, store, { profile })
  await manager.ensure()
  const noting = gate()
  let isNoting = false
  store.beforeSave = async (value) => {
    if (!value.includes('"sent":true') || isNoting) return
    isNoting = true
    await noting.opened
  }
  const rotated = failure(manager.rotate())
  await expect.poll(() => isNoting).toBe(true)
  const pause = { at: Date.now(), length: 1_800_000, said: 'The server asked another replica to leave it alone.' }
  await store.overwrite({ pause })
  noting.open()
  expect(await rotated).toMatchObject({ code: 'attempts-spent' })
  expect(server.requestsTo('register')).toHaveLength(1)
  clock.pass(1_801_000)
  await manager.rotate()
  expect((await manager.status()).orphans).toEqual([])
})

test('a registration is not sent after its lease, where the store took its time to note that it is about to leave', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const noting = holdBack(store, '"sent":true')
  const first = start(server, store, { timeout: 20_000, lease: 30_000 }).manager.ensure()
  await noting.made
  let looks = 0
  store.beforeLoad = () => void looks++
  const second = start(server, store).manager.ensure()
  await expect.poll(() => looks).toBeGreaterThan(0)
  clock.wait(31_000)
  const { client_id } = await second
  noting.open()
  expect(await first).toMatchObject({ client_id })
  expect(server.requestsTo('register')).toHaveLength(1)
})

test('a registration counts from when it left, also where its starter slept before that, and was overtaken', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const noting = holdBack(store, '"sent":true')
  const ensured = start(server, store, { lease: 4_000_000 }).manager.ensure()
  await noting.made
  clock.sleep(3_000_000)
  await store.overwrite({ intent: undefined })
  noting.open()
  await ensured
  const { record } = await store.peek()
  const attempts: { at: number }[] = Object(record['attempts'])
  expect(server.requestsTo('register')).toHaveLength(2)
  expect(attempts).toHaveLength(2)
  for (const { at } of attempts) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000)
})

test('a registration is not sent by a starter that slept before that for longer than its lease: it begins anew', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const noting = holdBack(store, '"sent":true')
  const ensured = start(server, store).manager.ensure()
  await noting.made
  clock.sleep(3_000_000)
  await store.overwrite({ intent: undefined })
  noting.open()
  await ensured
  expect(server.requestsTo('register')).toHaveLength(1)
})

test('a client whose save hangs is told of as soon as its call is dropped, and not when the store is given up', async () => {
  await using server = await startScriptedServer()
  const inner = memoryStore()
  const order: string[] = []
  const hanging = gate()
  const store: RegistrationStore = {
    load: (key) => inner.load(key),
    save: (key, value, expected, signal) => {
      if (server.clients() === 0) return inner.save(key, value, expected)
      hanging.open()
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          order.push('given up')
          reject(new Error('It was given up'))
        })
      })
    },
  }
  const { manager } = start(server, store, {
    timeout: 4000,
    lease: 9000,
    onEvent: (event) => {
      if (event.type === 'orphan') order.push(`told of ${event.orphan.client_id}`)
    },
  })
  const ensuring = failure(manager.ensure())
  await hanging.opened
  await manager.close()
  await ensuring
  expect(order[0]).toBe(`told of ${server.clientIds()[0]}`)
}, 20_000)

test('a start whose save is acknowledged late hands out what another call has seen meanwhile', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const acknowledged = holdBack(store, '"registration"')
  const { manager } = start(server, store, { profile })
  const ensured = manager.ensure()
  await acknowledged.made
  const fresh = await start(server, store, { profile }).manager.rotate()
  await manager.status()
  acknowledged.open()
  expect(await ensured).toMatchObject({ client_id: fresh.client_id, client_secret: fresh.client_secret })
})

test('a start that can not save hands out what another call has seen meanwhile', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const other = start(server, store, { profile }).manager
  await other.ensure()
  const saving = gate()
  let saves = 0
  let isAway = false
  const away = async (): Promise<void> => {
    if (isAway) throw new StoreError('store-unavailable', 'The disk is away.')
  }
  const slow: RegistrationStore = {
    async load(key) {
      await away()
      return store.load(key)
    },
    async save(key, value, expected) {
      saves++
      await saving.opened
      return store.save(key, value, expected)
    },
  }
  const { manager } = start(server, slow, { metadata: renamed })
  const ensured = manager.ensure()
  await expect.poll(() => saves).toBe(1)
  const fresh = await other.rotate()
  expect(await manager.status()).toMatchObject({ client_id: fresh.client_id })
  isAway = true
  saving.open()
  expect(await ensured).toMatchObject({ client_id: fresh.client_id, client_secret: fresh.client_secret })
})

test('a store that has lost everything and takes nothing is asked more seldom each time, and what is remembered serves', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const { manager } = start(server, store)
  const { client_id } = await manager.ensure()
  store.lose()
  let tries = 0
  store.beforeSave = () => {
    tries++
    throw new StoreError('store-denied', 'No space is left.')
  }
  for (const count of [1, 2]) {
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied' })
    expect(tries).toBe(count)
    if (count === 1) clock.pass(3000)
  }
  expect(await manager.ensure()).toMatchObject({ client_id })
  expect(tries).toBe(2)
  store.beforeSave = undefined
  clock.pass(10_000)
  expect(await manager.ensure()).toMatchObject({ client_id })
  expect((await store.peek()).record).toMatchObject({ registration: { client_id } })
})

describe('a secret that has ended', () => {
  test('is replaced in the same call where the management address is answered by somebody else', async () => {
    const page = { status: 403, body: 'Sign in first.' }
    await using server = await startScriptedServer({ update: page, read: page }, { secretLifetime: 3600 })
    const { manager } = start(server, memoryStore())
    const first = await manager.ensure()
    clock.pass(7_200_000)
    expect((await manager.ensure()).client_id).not.toBe(first.client_id)
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('is not renewed by another one that is over, too', async () => {
    await using server = await startScriptedServer(
      {
        update: (_, usual) => {
          const answer = usual()
          const ended = Math.floor(Date.now() / 1000) - 60
          return {
            ...answer,
            body: { ...Object(answer.body), client_secret: 'made-by-hand', client_secret_expires_at: ended },
          }
        },
      },
      { secretLifetime: 3600 },
    )
    const { manager } = start(server, memoryStore())
    const first = await manager.ensure()
    clock.pass(3_000_000)
    const fresh = await manager.ensure()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(fresh.client_secret_expires_at).toBeGreaterThan(Date.now() / 1000)
  })

  test('is not asked for again and again at a server that gives out the same', async () => {
    let given: unknown
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          const answer = usual()
          given ??= answer.body
          return { ...answer, body: given }
        },
        update: { status: 405 },
      },
      { secretLifetime: 86_400 },
    )
    const { manager } = start(server, memoryStore())
    const first = await manager.ensure()
    clock.pass(80_000_000)
    for (let n = 0; n < 6; n++) {
      expect(await manager.ensure()).toMatchObject({ client_secret: first.client_secret })
      clock.pass(4000)
    }
    expect(server.requestsTo('register')).toHaveLength(2)
    clock.pass(60_000)
    await manager.ensure()
    expect(server.requestsTo('register')).toHaveLength(3)
  })
})

describe('an update that nobody answered', () => {
  test('is looked at by a program of the declaration before, which then waits its turn', async () => {
    await using server = await startScriptedServer({ update: [{ lost: 'after' }], read: [{ status: 503 }] })
    const store = new OpenStore()
    const older = start(server, store)
    const first = await older.manager.ensure()
    const newer = start(server, store, { metadata: renamed })
    expect(await newer.manager.ensure()).toEqual(first)
    clock.pass(60_000)
    // The newer program is gone by now.
    const back = start(server, store)
    expect(await back.manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
    expect(back.told()).toContain('updated')
    expect(await back.manager.ensure()).toMatchObject({ client_name: 'orders 2' })
    expect(back.told()).toContain('drift')
    expect(server.requestsTo('update')).toHaveLength(1)
  })
})

describe('an update that nobody answered, at a server that shows no client', () => {
  const unread = { status: 501 }

  test('is followed by another one, of whoever comes', async () => {
    await using server = await startScriptedServer({ update: [{ lost: 'after' }], read: unread })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    await start(server, store, { metadata: renamed }).manager.ensure()
    expect(server.registration(client_id)).toMatchObject({ client_name: 'orders 2' })
    clock.pass(60_000)
    // The newer program is gone by now.
    await start(server, store).manager.ensure()
    expect(server.registration(client_id)).not.toHaveProperty('client_name')
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test('is followed by another one where its starter died, too', async () => {
    await using server = await startScriptedServer({ read: unread })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    const declaration = { hash: 'of the newer program', metadata: renamed }
    const left = { id: 'i', operation: 'update', owner: 'gone', lease: 0, attempt: 1, started: Date.now(), declaration }
    await store.overwrite({ intent: left })
    Object.assign(server.registration(client_id) ?? {}, { client_name: 'orders 2' })
    await start(server, store).manager.ensure()
    expect(server.registration(client_id)).not.toHaveProperty('client_name')
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('is followed by another one, when looks that it forbids have shown nothing three times over forgetDelay', async () => {
    await using server = await startScriptedServer({ update: [{ lost: 'after' }], read: { status: 403 } })
    const store = new OpenStore()
    const options = { forgetDelay: 60_000 }
    const { client_id } = await start(server, store, options).manager.ensure()
    await start(server, store, { ...options, metadata: renamed }).manager.ensure()
    expect(server.registration(client_id)).toMatchObject({ client_name: 'orders 2' })
    // The newer program is gone by now; what it asked for is looked at, and no sooner than is polite.
    const { manager } = start(server, store, options)
    const looks = (): number => server.requestsTo('read').length - 1
    for (const count of [1, 2]) {
      clock.pass(60_000)
      expect(await manager.ensure()).toMatchObject({ client_id })
      expect(await manager.ensure()).toMatchObject({ client_id })
      expect(looks()).toBe(count)
    }
    expect(server.requestsTo('update')).toHaveLength(1)
    clock.pass(60_000)
    await manager.ensure()
    expect(server.registration(client_id)).not.toHaveProperty('client_name')
    expect([looks(), server.requestsTo('update').length]).toEqual([3, 2])
    await manager.ensure()
    expect([looks(), server.requestsTo('update').length]).toEqual([3, 2])
  })
})

describe('housekeeping', () => {
  test('stops when the server asks to be left alone', async () => {
    const busy = { status: 429, headers: { 'retry-after': '600' } }
    await using server = await startScriptedServer({ delete: busy })
    const { manager } = start(server, memoryStore(), { overlap: 1000 })
    await manager.ensure()
    for (let n = 0; n < 2; n++) {
      await manager.rotate()
      clock.pass(500)
    }
    clock.pass(2000)
    await manager.sweep()
    expect(server.requestsTo('delete')).toHaveLength(1)
    await manager.sweep()
    expect(server.requestsTo('delete')).toHaveLength(1)
  })
})

describe('a store that has lost everything, and was given back what is older by somebody who has decided then', () => {
  /** One remembers the client as it was, the other one its newer declaration. */
  async function loss(server: ScriptedServer) {
    const store = new OpenStore()
    const older = start(server, store).manager
    const { client_id } = await older.ensure()
    const newer = start(server, store, { metadata: renamed }).manager
    await newer.ensure()
    await newer.read()
    store.lose()
    return { store, older, newer, client_id }
  }

  test('is not given the client back that was deleted', async () => {
    await using server = await startScriptedServer()
    const { older, newer } = await loss(server)
    await older.delete()
    expect(await failure(newer.ensure())).toMatchObject({ code: 'deleted' })
    expect(await failure(older.ensure())).toMatchObject({ code: 'deleted' })
    expect(server.clients()).toBe(0)
  })

  test('is not given the client back that was forgotten', async () => {
    await using server = await startScriptedServer()
    const { older, newer, client_id } = await loss(server)
    await older.forget()
    const fresh = await newer.ensure()
    expect(fresh.client_id).not.toBe(client_id)
    expect((await older.status()).orphans).toMatchObject([{ client_id }])
  })

  test('keeps the client that was recovered, with what it was recovered with', async () => {
    await using server = await startScriptedServer()
    const { store, older, newer, client_id } = await loss(server)
    const other = await start(server, new OpenStore(), { metadata: renamed }).manager.ensure()
    await older.recover(other)
    expect(await newer.ensure()).toMatchObject({ client_id: other.client_id })
    expect((await store.peek()).record['orphans']).toMatchObject([{ client_id }])
  })
})

test('clients that were registered on three branches of one record are all accounted for', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const { manager } = start(server, store)
  const { client_id } = await manager.ensure()
  await manager.forget()
  const { value: backup } = await store.peek()
  const branches = []
  for (let i = 0; i < 3; i++) {
    await store.overwrite(backup)
    const branch = start(server, store).manager
    branches.push({ branch, client_id: (await branch.ensure()).client_id })
  }
  for (const { branch } of branches) await branch.status()
  const { client_id: used, orphans } = await manager.status()
  const known = [used, ...orphans.map((it) => it.client_id)]
  expect(new Set(known)).toEqual(new Set([client_id, ...branches.map((it) => it.client_id)]))
})

test('the time of the server is heard from a refusal, too', async () => {
  const hour = 3_600_000
  const date = (): string => new Date(Date.now() + 5 * hour).toUTCString()
  const refused = { status: 403, body: { error: 'access_denied' }, headers: { date: date() } }
  await using server = await startScriptedServer({ register: [refused, { status: 500, headers: { date: date() } }] })
  const store = new OpenStore()
  const { manager } = start(server, store)
  expect(await failure(manager.ensure())).toMatchObject({ status: 403 })
  clock.pass(1000)
  expect(await failure(manager.ensure())).toMatchObject({ status: 500 })
  const { record } = await store.peek()
  const [attempt] = Object(record['attempts'])
  expect(Math.abs(attempt.at - Date.now() - 5 * hour)).toBeLessThan(10_000)
})

describe('a refusal that is reported', () => {
  test('waits for the longer of the two times that the token endpoint names', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    const busy = (seconds: number) => ({ status: 429, headers: { 'retry-after': String(seconds) } })
    for (const [first, second] of [
      [30, 5],
      [5, 30],
    ] as const) {
      server.script({ token: [busy(first), busy(second)] })
      const left = await failure(manager.reportRejected(stored))
      expect(left).toMatchObject({ code: 'suspect' })
      expect(Object(left).retryAfter).toBeGreaterThan(25_000)
      clock.pass(61_000)
    }
  })

  test('takes no other secret while the token endpoint does not answer', async () => {
    const hashed = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), client_secret: '{bcrypt}$2a$10$hash' } }
    }
    await using server = await startScriptedServer({ read: hashed })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    server.script({ read: hashed, token: { lost: 'before' } })
    expect(await manager.reportRejected(stored)).toMatchObject({ client_secret: stored.client_secret })
  })
})

describe('what was answered and could not be saved is saved first, or listed,', () => {
  const verbs = {
    'delete()': (manager) => manager.delete(),
    'forget() and sweep()': async (manager) => {
      await manager.forget()
      expect(await manager.sweep()).toEqual([])
    },
    'recover() of another and sweep()': async (manager) => {
      await manager.recover({ client_id: 'by-hand' })
      expect(await manager.sweep()).toEqual([])
    },
  } satisfies Record<string, (manager: RegistrationManager) => Promise<void>>
  for (const [name, call] of Object.entries(verbs)) {
    test(`by ${name}: the token that an update brought`, async () => {
      await using server = await startScriptedServer({}, { rotate: 'both' })
      const store = new OpenStore()
      await start(server, store).manager.ensure()
      const { manager } = start(server, store, { metadata: renamed })
      store.beforeSave = () => {
        if (server.requestsTo('update').length > 0) throw new StoreError('store-denied', 'The disk is read-only.')
      }
      await manager.ensure()
      store.beforeSave = undefined
      await call(manager)
      expect(server.clients()).toBe(0)
    })

    test(`by ${name}: a registration`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const { manager } = start(server, store)
      store.beforeSave = () => {
        if (server.clients() > 0) throw new StoreError('store-denied', 'The disk is read-only.')
      }
      expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
      store.beforeSave = undefined
      await call(manager)
      expect(server.clients()).toBe(0)
    })
  }

  test('by a sweep alone, and by close(): the next start finds the client', async () => {
    await using server = await startScriptedServer()
    for (const verb of ['sweep', 'close'] as const) {
      const store = new OpenStore()
      const { manager } = start(server, store)
      const before = server.clients()
      store.beforeSave = () => {
        if (server.clients() > before) throw new StoreError('store-denied', 'The disk is read-only.')
      }
      expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied' })
      store.beforeSave = undefined
      await manager[verb]()
      expect((await start(server, store).manager.ensure()).client_id).toBe(server.clientIds().at(-1))
      expect(server.clients()).toBe(before + 1)
    }
  })

  test('while it can not be saved, the client goes on where its credentials are those of before', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const { manager, told } = start(server, store, { metadata: renamed })
    store.beforeSave = () => {
      if (server.requestsTo('update').length > 0) throw new StoreError('store-denied', 'The disk is full.')
    }
    for (let call = 0; call < 3; call++) expect((await manager.ensure()).client_id).toBe(first.client_id)
    expect(await manager.authentication()).toHaveProperty('headers')
    expect(told().at(-1)).toBe('drift')
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(await failure(manager.rotate())).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
    store.beforeSave = undefined
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('while it can not be saved, no call hands out a secret that it has replaced', async () => {
    const update = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), client_secret: 'brought by the update' } }
    }
    await using server = await startScriptedServer({ update })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    const { manager } = start(server, store, { metadata: renamed })
    store.beforeSave = () => {
      if (server.requestsTo('update').length > 0) throw new StoreError('store-denied', 'The disk is full.')
    }
    for (let call = 0; call < 2; call++)
      expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
    store.beforeSave = undefined
    expect(await manager.ensure()).toMatchObject({ client_secret: 'brought by the update' })
  })

  test('by reportRejected(), which answers with the other secret and asks nobody', async () => {
    const update = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), client_secret: 'brought by the update' } }
    }
    await using server = await startScriptedServer({ update })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const { manager } = start(server, store, { metadata: renamed })
    store.beforeSave = () => {
      if (server.requestsTo('update').length > 0) throw new StoreError('store-denied', 'The disk is read-only.')
    }
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
    store.beforeSave = undefined
    const before = server.requests.length
    expect(await manager.reportRejected(first)).toMatchObject({ client_secret: 'brought by the update' })
    expect(server.requests).toHaveLength(before)
  })
})
