import { memoryStore } from '@registrant/core'
import type { RegistrationResponse, ServerProfile } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { gate, metadata, OpenStore, start } from './managed.ts'

describe('delete()', () => {
  test('reads once, deletes the client, and leaves a tombstone that every replica respects', async () => {
    await using server = await startScriptedServer({}, { rotate: 'both' })
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.delete()
    expect(server.clients()).toBe(0)
    expect(server.requests.slice(-2).map(({ endpoint }) => endpoint)).toEqual(['read', 'delete'])
    expect(told().slice(2)).toEqual(['intent', 'deleted'])
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleted' })
    const { value } = await store.peek()
    expect(value).not.toContain(client_id)
    for (const secret of server.secrets()) expect(value).not.toContain(secret)
    // It may be said twice.
    const before = server.requests.length
    await start(server, store).manager.delete()
    expect(server.requests).toHaveLength(before)
    expect(await manager.status()).toMatchObject({ state: 'deleted', manageable: false, orphans: [] })
  })

  test('works at a real server', async () => {
    await using server = await startOidcProvider()
    const { manager } = start(server, memoryStore(), { metadata: { ...metadata, scope: 'orders:read' } })
    await manager.ensure()
    await manager.delete()
    expect(server.clients()).toBe(0)
  })

  test('of an empty store leaves a tombstone without a request', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store).manager.delete()
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleted' })
    expect(server.requests).toEqual([])
  })

  for (const status of [404, 401, 500]) {
    test(`does not take a ${status} for "gone" where the client is shown: it stays in use, with what that look rotated`, async () => {
      await using server = await startScriptedServer({ delete: { status } }, { rotate: 'read' })
      const store = new OpenStore()
      const { manager } = start(server, store)
      const { client_id } = await manager.ensure()
      expect(await failure(manager.delete())).toMatchObject({ status })
      expect(await manager.status()).toMatchObject({ state: 'registered', client_id, manageable: true })
      const held = server.registration(client_id)?.registration_access_token
      expect((await store.peek()).record['registration']).toMatchObject({ registration_access_token: held })
      expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
      server.script({ delete: undefined })
      await manager.delete()
      expect(server.clients()).toBe(0)
    })

    test(`takes a ${status} for "gone" where the token endpoint denies the client as well`, async () => {
      await using server = await startScriptedServer()
      const { manager, told } = start(server, memoryStore())
      const { client_id } = await manager.ensure()
      // An operator has deleted it before.
      server.forget(client_id)
      server.script({ delete: { status } })
      await manager.delete()
      expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [] })
      expect(told()).toContain('deleted')
    })
  }

  for (const status of [401, 404]) {
    test(`does not take a ${status} to the read for "gone": the deletion is sent, and the token endpoint is asked`, async () => {
      await using server = await startScriptedServer({ read: { status }, delete: { status } })
      const store = new OpenStore()
      const { manager } = start(server, store)
      const { client_id, registration_access_token } = await manager.ensure()
      expect(await failure(manager.delete())).toMatchObject({ code: 'not-managed' })
      expect(server.requestsTo('delete')).toHaveLength(1)
      expect(await manager.status()).toMatchObject({ state: 'registered', client_id })
      expect((await store.peek()).record['registration']).toMatchObject({ registration_access_token })
      expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
      server.script({ delete: undefined })
      await manager.delete()
      expect(server.clients()).toBe(0)
    })
  }

  test('may be repeated after a failure, by anybody, with what the failed one saved; a lost answer is found out', async () => {
    await using server = await startScriptedServer({ delete: [{ status: 500 }, { lost: 'after' }] }, { rotate: 'read' })
    const store = memoryStore()
    await start(server, store).manager.ensure()
    expect(await failure(start(server, store).manager.delete())).toMatchObject({ status: 500 })
    await start(server, store).manager.delete()
    expect(server.clients()).toBe(0)
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'deleted', orphans: [] })
    expect(server.requestsTo('delete')).toHaveLength(2)
  })

  test('that nobody can find out about stays "deleting", and the next call goes on with it', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    server.script({
      delete: [{ lost: 'before' }],
      read: [undefined, { status: 503 }],
      token: { status: 503 },
    })
    expect(await failure(manager.delete())).toMatchObject({ outcome: 'unknown' })
    expect(await manager.status()).toMatchObject({ state: 'deleting' })
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleting' })
    await start(server, store).manager.delete()
    expect(server.clients()).toBe(0)
  })

  test('where the server can’t read deletes without', async () => {
    const profile: ServerProfile = { name: 'write-only', cannot: { read: 'It does not.' } }
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { profile })
    await manager.ensure()
    await manager.delete()
    expect(server.requestsTo('read')).toEqual([])
    expect(server.clients()).toBe(0)
  })

  test('waits for a starter that is at it, and deletes what it made', async () => {
    const answering = gate()
    await using server = await startScriptedServer({
      register: async (_, usual) => {
        await answering.opened
        return usual()
      },
    })
    const store = memoryStore()
    const made = start(server, store).manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const deleted = start(server, store).manager.delete()
    answering.open()
    await made
    await deleted
    expect(server.clients()).toBe(0)
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleted' })
  })

  test('is respected at once by a start that would have to wait otherwise', async () => {
    await using server = await startScriptedServer({ read: { delay: Infinity } })
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    const deleted = failure(manager.delete())
    await expect.poll(() => server.requestsTo('read').length).toBe(1)
    const began = performance.now()
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleting' })
    expect(performance.now() - began).toBeLessThan(500)
    expect(await deleted).toMatchObject({ outcome: 'unknown' })
  })

  test('deletes replaced clients too', async () => {
    const profile: ServerProfile = { name: 'no updates', cannot: { update: 'It does not do that.' } }
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store, { profile }).manager.ensure()
    const { manager } = start(server, store, { profile, metadata: { ...metadata, client_name: 'two' } })
    await manager.ensure()
    expect(server.clients()).toBe(2)
    await manager.delete()
    // Nobody waits for that but close().
    await manager.close()
    expect(server.clients()).toBe(0)
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'deleted', orphans: [] })
  })
})

describe('forget()', () => {
  test('starts over; the client becomes an orphan that can be swept', async () => {
    await using server = await startScriptedServer()
    const { manager, told } = start(server, memoryStore(), { expectExisting: false })
    const first = await manager.ensure()
    await manager.forget()
    expect(await manager.status()).toMatchObject({ state: 'absent', orphans: [{ client_id: first.client_id }] })
    const second = await manager.ensure()
    expect(server.clients()).toBe(2)
    expect(await manager.sweep()).toEqual([])
    expect(server.clientIds()).toEqual([second.client_id])
    expect(told()).toEqual(['intent', 'registered', 'orphan', 'intent', 'registered', 'compensated'])
  })

  test('leaves orphans that a sweep keeps when the server does not answer, after asking once', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { timeout: 300, lease: 5300 })
    for (let i = 0; i < 3; i++) {
      await manager.ensure()
      await manager.forget()
    }
    server.script({ delete: { delay: Infinity } })
    expect(await manager.sweep()).toHaveLength(3)
    expect(server.requestsTo('delete')).toHaveLength(1)
    server.script({ delete: undefined })
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })

  test('of nothing stores nothing', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.forget()
    expect(store.saves).toBe(0)
  })

  test('while a starter is at it makes that one delete its client', async () => {
    const answering = gate()
    await using server = await startScriptedServer({
      register: [
        async (_, usual) => {
          const answer = usual()
          await answering.opened
          return answer
        },
      ],
    })
    const store = memoryStore()
    const { manager } = start(server, store)
    const made = manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    await start(server, store).manager.forget()
    answering.open()
    const { client_id } = await made
    expect(server.clientIds()).toEqual([client_id])
    expect(await manager.status()).toMatchObject({ orphans: [] })
  })
})

describe('recover()', () => {
  test('takes a known client for the registration, and lists the one before', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    const known = { client_id: 'by-hand', client_secret: 'written-on-paper' }
    await manager.recover(known)
    const before = server.requests.length
    expect(await start(server, store).manager.ensure()).toEqual(known)
    expect(server.requests).toHaveLength(before)
    expect(await manager.status()).toMatchObject({ manageable: false, orphans: [{ client_id: first.client_id }] })
    expect(server.clientIds()).toEqual([first.client_id])
  })

  for (const [name, text] of Object.entries({ torn: '{"schema":2,"iden', foreign: '{"some":"thing"}' })) {
    test(`puts a record in place of one that cannot be read, and keeps its text: ${name}`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const { manager } = start(server, store)
      const first = await manager.ensure()
      await store.overwrite(text)
      await manager.recover(first)
      expect(await start(server, store).manager.ensure()).toEqual(first)
      expect((await store.peek()).record).toMatchObject({ unreadable: text })
    })
  }

  test('leaves the record of a newer release alone', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    await store.overwrite({ schema: 3 })
    const before = await store.peek()
    expect(await failure(manager.recover({ client_id: 'x' }))).toMatchObject({ code: 'newer-schema' })
    expect(await failure(manager.forget())).toMatchObject({ code: 'newer-schema' })
    expect((await store.peek()).value).toBe(before.value)
  })

  test('ends a tombstone, an attempt budget and a refusal', async () => {
    await using server = await startScriptedServer({ register: { status: 500 } })
    const { manager } = start(server, memoryStore())
    for (let i = 0; i < 4; i++) await failure(manager.ensure())
    await manager.recover({ client_id: 'by-hand' })
    expect(await manager.ensure()).toEqual({ client_id: 'by-hand' })
    await manager.forget()
    await manager.delete()
    await manager.recover({ client_id: 'by-hand' })
    expect(await manager.ensure()).toEqual({ client_id: 'by-hand' })
  })

  test('refuses what is no client', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    expect(await failure(manager.recover({ client_id: '' }))).toMatchObject({ code: 'invalid-request' })
  })
})

describe('a store that loses what it acknowledged', () => {
  test('gets it back from a program that still holds it', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const registration = await manager.ensure()
    store.lose()
    expect(await manager.ensure()).toEqual(registration)
    expect(await start(server, store).manager.ensure()).toEqual(registration)
    expect(server.clients()).toBe(1)
  })

  test('while the server is asked gets the client that comes of it', async () => {
    const store = new OpenStore()
    await using server = await startScriptedServer({
      register: (_, usual) => {
        store.lose()
        return usual()
      },
    })
    const registration = await start(server, store).manager.ensure()
    expect(await start(server, store).manager.ensure()).toEqual(registration)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('and has another by the time keeps that, and the one too many is deleted', async () => {
    const store = new OpenStore()
    const started: Promise<RegistrationResponse>[] = []
    await using server = await startScriptedServer({
      register: [
        async (_, usual) => {
          store.lose()
          started.push(start(server, store).manager.ensure())
          await started[0]
          return usual()
        },
      ],
    })
    const registration = await start(server, store).manager.ensure()
    expect(registration).toEqual(await started[0])
    expect(server.clientIds()).toEqual([registration.client_id])
  })

  test('by going back in time gets it back too', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    let early = ''
    store.afterSave = (value) => {
      early ||= value
    }
    const { manager } = start(server, store)
    const registration = await manager.ensure()
    await store.overwrite(early)
    expect(await manager.ensure()).toEqual(registration)
    expect(server.clients()).toBe(1)
    expect(await manager.status()).toMatchObject({ state: 'registered' })
  })
})

test('a record keeps what a later release of the same layout wrote into it', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  await store.overwrite({ addedLater: { by: 'somebody' } })
  await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
  expect((await store.peek()).record).toMatchObject({ addedLater: { by: 'somebody' } })
})

test('a record stays below 64 kB, and keeps what is needed', async () => {
  await using server = await startScriptedServer({
    register: (_, usual) => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), vendor: 'x'.repeat(40_000) } }
    },
  })
  const store = new OpenStore()
  const { manager } = start(server, store)
  const registration = await manager.ensure()
  const { value, record } = await store.peek()
  expect(Buffer.byteLength(value)).toBeLessThanOrEqual(65_536)
  expect(record['registration']).toEqual(registration)
})

test('events, errors and statuses hold no secret', async () => {
  await using server = await startScriptedServer(
    { update: [{ lost: 'after' }], delete: [{ status: 500 }] },
    { rotate: 'both' },
  )
  const store = memoryStore()
  const one = start(server, store, { forgetDelay: 0 })
  const stored = await one.manager.ensure()
  const two = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
  await two.manager.ensure()
  await two.manager.ensure()
  await two.manager.forget()
  const swept = await two.manager.sweep()
  await one.manager.reportRejected(stored)
  const error = await failure(one.manager.recover({ client_id: '' }))
  const printed = JSON.stringify([one.events, two.events, swept, await two.manager.status(), error, String(error)])
  const secrets = server.secrets()
  expect(secrets.length).toBeGreaterThan(4)
  for (const secret of secrets) expect(printed).not.toContain(secret)
})
