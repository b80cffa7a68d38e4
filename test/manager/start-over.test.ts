import { memoryStore } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { actsLate, answersLate, gate, metadata, OpenStore, start } from './managed.ts'

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
    const { manager } = start(server, memoryStore(), { timeout: 1000, lease: 6000 })
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

  test('that was saved, which the store denies when somebody has registered on top of it, lists and tells of both clients', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, events } = start(server, store)
    const first = await manager.ensure()
    const made: string[] = []
    store.afterSave = async () => {
      store.afterSave = undefined
      made.push((await start(server, store).manager.ensure()).client_id)
      throw new Error('the connection was reset')
    }
    await manager.forget()
    const both = [first.client_id, ...made]
    expect(both).toHaveLength(2)
    expect((await manager.status()).orphans.map(({ client_id }) => client_id)).toEqual(both)
    expect(events.flatMap((it) => (it.type === 'orphan' ? it.orphan.client_id : []))).toEqual(both)
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })

  for (const [by, answer] of [
    ['the caller itself', { status: 500 }],
    ['another replica', { status: 503 }],
    ['another replica', { lost: 'before' }],
  ] as const)
    test(`by ${by} while an update is under way that fails leaves the client to no call that waits for it: ${JSON.stringify(answer)}`, async () => {
      const answering = gate()
      await using server = await startScriptedServer({
        update: async () => {
          await answering.opened
          return answer
        },
      })
      const store = memoryStore()
      const { client_id } = await start(server, store).manager.ensure()
      const changed = { metadata: { ...metadata, scope: 'orders invoices' } }
      const { manager, told } = start(server, store, changed)
      const before = manager.ensure()
      await expect.poll(() => server.requestsTo('update').length).toBe(1)
      await (by === 'another replica' ? start(server, store, changed).manager : manager).forget()
      const after = manager.ensure()
      answering.open()
      const registration = await after
      expect(registration.client_id).not.toBe(client_id)
      expect(await before).toEqual(registration)
      expect(await manager.ensure()).toEqual(registration)
      expect(told()).not.toContain('drift')
    })

  test('while a starter is at it makes that one delete its client', async () => {
    const answering = gate()
    await using server = await startScriptedServer({
      register: [answersLate(answering)],
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

test('a registration that was under way when forget() started over counts among the five of the hour', async () => {
  const held = gate()
  await using server = await startScriptedServer({ register: [actsLate(held)] })
  const store = memoryStore()
  const { manager } = start(server, store, { keepManagementToken: false })
  const first = manager.ensure()
  await expect.poll(() => server.requestsTo('register').length).toBe(1)
  await start(server, store).manager.forget()
  held.open()
  let last = await first
  for (let i = 0; i < 3; i++) last = await manager.rotate()
  expect(await failure(manager.rotate())).toMatchObject({ code: 'attempts-spent' })
  expect(server.requestsTo('register')).toHaveLength(5)
  expect(await manager.ensure()).toEqual(last)
})

test('a registration that forget() overtakes before it is sent is not sent, though its announcement is acknowledged later', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const acknowledged = gate()
  const { manager } = start(server, store)
  store.afterSave = (value) => (value.includes('"sent":true') ? acknowledged.opened : undefined)
  const made = manager.ensure()
  await expect.poll(() => store.saves).toBe(2)
  await manager.forget()
  acknowledged.open()
  const { client_id } = await made
  expect(server.requestsTo('register')).toHaveLength(1)
  expect(server.clientIds()).toEqual([client_id])
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

  test('puts a record in place of one that cannot be read, also where the store hangs when its text is to be kept', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    await store.overwrite('{"schema":2,"iden')
    let loads = 0
    store.beforeLoad = () => (++loads === 3 ? new Promise(() => undefined) : undefined)
    await manager.recover(first)
    expect(loads).toBeGreaterThanOrEqual(3)
    expect(await start(server, store).manager.ensure()).toEqual(first)
  })

  test('does not take a client for what is declared that another declaration has changed since', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    const known = await manager.ensure()
    await start(server, store, { metadata: { ...metadata, scope: 'orders more' } }).manager.ensure()
    // It may be said twice.
    await manager.recover(known)
    await manager.recover(known)
    await manager.ensure()
    expect(server.registration(known.client_id)).toMatchObject({ scope: metadata.scope })
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test('waits until the announced deletion of that client has come to its end, whatever else is saved meanwhile', async () => {
    const [deleting, touched] = [gate(), gate()]
    await using server = await startScriptedServer({ delete: actsLate(deleting) })
    const store = Object.assign(new OpenStore(), { changed: () => touched.opened })
    const patient = { timeout: 10_000, lease: 15_000 }
    const { manager } = start(server, store, patient)
    const known = await manager.ensure()
    await manager.forget()
    const swept = manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    let loads = 0
    store.beforeLoad = () => void loads++
    const recovered = start(server, store, patient)
      .manager.recover(known)
      .then(() => server.clients())
    await expect.poll(() => loads).toBe(1)
    const { record } = await store.peek()
    await store.overwrite({ revision: Number(record['revision']) + 1, writeId: 'another' })
    touched.open()
    await expect.poll(() => loads).toBeGreaterThan(3)
    deleting.open()
    expect(await recovered).toBe(0)
    await swept
  })

  test('leaves a client that it names again the key that signs for it', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { keys: {} })
    const known = await manager.ensure()
    const { jwks } = await manager.status()
    expect(jwks?.keys).toHaveLength(1)
    await manager.recover(known)
    await manager.ensure()
    expect((await manager.status()).jwks).toEqual(jwks)
    expect(server.registration(known.client_id)).toMatchObject({ jwks })
  })

  for (const [what, member] of [
    ['secret', 'registration_access_token'],
    ['management token and its address', 'client_secret'],
  ] as const)
    test(`leaves a client that it names again the ${what} that was not told`, async () => {
      await using server = await startScriptedServer()
      const { manager } = start(server, memoryStore())
      const first = await manager.ensure()
      const { client_id, client_secret, registration_access_token, registration_client_uri } = first
      const told = { [member]: `another ${member}` }
      await manager.recover({ client_id, ...told })
      const known = { client_id, client_secret, registration_access_token, registration_client_uri, ...told }
      expect(await manager.ensure()).toMatchObject(known)
      expect(await manager.status()).toMatchObject({ state: 'registered', manageable: true, orphans: [] })
      expect((await manager.authentication()).headers).toBeDefined()
    })

  test('leaves a client that it names again no secret that its told method has no use for', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id, client_secret = '' } = await manager.ensure()
    await manager.recover({ client_id, token_endpoint_auth_method: 'tls_client_auth' })
    expect(await manager.status()).toMatchObject({ manageable: true })
    const { record } = await store.peek()
    expect(JSON.stringify(record['registration'])).not.toContain(client_secret)
  })

  test('leaves a client that is told by its secret alone without a management token where that was lost', async () => {
    await using server = await startScriptedServer({ read: { status: 401 }, update: { status: 401 } })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    await store.overwrite({ unmanageable: { at: Date.now(), length: 86_400_000 } })
    const { manager: later } = start(server, store)
    await later.recover({ client_id, client_secret: 'another' })
    expect(await later.status()).toMatchObject({ manageable: false })
    await later.recover({ client_id, registration_access_token: 'another' })
    expect(await later.status()).toMatchObject({ manageable: true })
  })

  test('takes a listed client back with the management token that the list has of it', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const { client_id, client_secret } = await manager.ensure()
    await manager.forget()
    await manager.recover(JSON.parse(JSON.stringify({ client_id, client_secret })))
    expect(await manager.status()).toMatchObject({ manageable: true, orphans: [] })
    await manager.delete()
    expect(server.clients()).toBe(0)
  })

  test('keeps of what the record knows no more than is to be kept', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const {
      client_id,
      client_secret = '',
      registration_access_token = '',
    } = await start(server, store).manager.ensure()
    const method = { token_endpoint_auth_method: 'none' }
    const keeping = { keepSecret: false, keepManagementToken: false, metadata: { ...metadata, ...method } }
    await start(server, store, keeping).manager.recover({ client_id })
    const { value } = await store.peek()
    expect(value).not.toContain(client_secret)
    expect(value).not.toContain(registration_access_token)
  })

  test('does not take a client for what is declared that somebody was about to change who died', async () => {
    await using server = await startScriptedServer({ update: (_, usual) => ({ ...usual(), delay: Infinity }) })
    const store = memoryStore()
    const { manager } = start(server, store)
    const known = await manager.ensure()
    let isDead = false
    const save: typeof store.save = async (...how) => (isDead ? expect.fail('it is gone') : store.save(...how))
    const other = start(server, { ...store, save }, { metadata: { ...metadata, scope: 'orders more' } })
    const changed = other.manager.ensure().catch(() => undefined)
    await expect.poll(() => server.requestsTo('update').length).toBe(1)
    isDead = true
    await manager.recover(known)
    await changed
    server.script({ update: undefined })
    await manager.ensure()
    expect(server.registration(known.client_id)).toMatchObject({ scope: metadata.scope })
  })

  test('does not take a client for what is declared that was replaced for another declaration', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const withoutSecret = { ...metadata, client_name: 'one', token_endpoint_auth_method: 'none' }
    const first = start(server, store, { metadata: withoutSecret })
    const known = await first.manager.ensure()
    // Its update brings no secret, so this one is replaced, as somebody else than it was.
    const second = { ...metadata, client_name: 'two', token_endpoint_auth_method: 'client_secret_basic' }
    await start(server, store, { metadata: second }).manager.ensure()
    expect(server.registration(known.client_id)).toMatchObject({ client_name: 'two' })
    await first.manager.recover(known)
    expect(await first.manager.ensure()).toMatchObject({ client_id: known.client_id, client_name: 'one' })
    expect(server.registration(known.client_id)).toMatchObject({ client_name: 'one' })
  })

  test('takes a client that was refused for what is declared where nobody could have changed it', async () => {
    const relayed = (_: unknown, usual: () => { body?: unknown }): object => {
      const { registration_access_token: _token, registration_client_uri: _uri, ...body } = Object(usual().body)
      return { status: 201, body: { ...body, redirect_uris: ['https://relay.example/cb'] } }
    }
    await using server = await startScriptedServer({ register: [relayed] })
    const { manager } = start(server, memoryStore())
    await failure(manager.ensure())
    const [client_id = ''] = server.clientIds()
    await manager.recover({ ...metadata, client_id })
    expect(await manager.ensure()).toMatchObject({ client_id })
    expect(server.requestsTo('register')).toHaveLength(1)
    expect((await manager.status()).orphans).toEqual([])
  })

  const changes: Record<string, (store: OpenStore, server: ScriptedServer) => Promise<unknown>> = {
    'an update': (store, server) =>
      start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure(),
    'an update, and the same recover() before': async (store, server) => {
      const { manager } = start(server, store)
      const first = await manager.ensure()
      await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
      await manager.recover(first)
    },
    'a rotation that replaced the client': (store, server) => start(server, store).manager.rotate(),
  }
  for (const [name, change] of Object.entries(changes)) {
    test(`with a token that is past takes no denial of it for one of the client, which delete() lists: after ${name}`, async () => {
      await using server = await startScriptedServer({}, { rotate: 'update' })
      const store = new OpenStore()
      const { manager } = start(server, store)
      const first = await manager.ensure()
      await change(store, server)
      await manager.recover(first)
      server.script({ token: { status: 401, body: { error: 'invalid_client' } } })
      await manager.delete()
      expect(server.clientIds()).toContain(first.client_id)
      expect((await manager.status()).orphans.map(({ client_id }) => client_id)).toContain(first.client_id)
    })
  }

  test('that does not come to an end in time saves nothing more, nor does forget()', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    let isLate = false
    const late: RegistrationStore = {
      load: (key, signal) => store.load(key, signal),
      save: async (key, value, expected, signal) => (isLate ? false : store.save(key, value, expected, signal)),
    }
    const { manager } = start(server, late, { timeout: 700, lease: 5700 })
    const first = await manager.ensure()
    isLate = true
    const given = [manager.recover({ ...first, client_id: 'another' }), manager.forget()]
    for (const verb of given) expect(await failure(verb)).toMatchObject({ code: 'transport', outcome: 'unknown' })
    isLate = false
    const pauses = 4000
    await new Promise((resolve) => setTimeout(resolve, pauses))
    expect(await manager.ensure()).toEqual(first)
  }, 30_000)

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

  test('does not end a wait that the server has named', async () => {
    const busy = { status: 429, headers: { 'retry-after': '600' } }
    await using server = await startScriptedServer({ update: busy })
    const store = memoryStore()
    const known = await start(server, store).manager.ensure()
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'orders 2' } })
    await manager.ensure()
    await manager.recover({ ...known })
    await manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('takes a secret that has ended for what it is: it is renewed, and never handed out', async () => {
    const update = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), client_secret: 'another', client_secret_expires_at: 0 } }
    }
    await using server = await startScriptedServer({ update })
    const known = await start(server, memoryStore()).manager.ensure()
    const { manager, events } = start(server, memoryStore())
    const { client_id_issued_at: _issued, ...rest } = known
    await manager.recover({ ...rest, client_secret_expires_at: Math.floor(Date.now() / 1000) - 3600 })
    expect(await manager.status()).toMatchObject({ state: 'expired' })
    expect(await manager.ensure()).toMatchObject({ client_id: known.client_id, client_secret: 'another' })
    expect(events.map(({ type }) => type)).not.toContain('deviation')
  })

  test('refuses a client that needs a secret where none is kept, and nothing is sent', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store, { keepSecret: false })
    const known = { client_id: 'by-hand', client_secret: 'x', token_endpoint_auth_method: 'client_secret_basic' }
    expect(await failure(manager.recover(known))).toMatchObject({
      name: 'InvalidRequestError',
      outcome: 'not-sent',
      message: expect.stringContaining('secrets are not kept here'),
    })
    expect(server.requests).toEqual([])
    expect(store.saves).toBe(0)
  })

  test('refuses what JSON can not say, and what no call could read again, and nothing is lost', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    const circle: { client_id: string; itself?: unknown } = { client_id }
    circle.itself = circle
    const toJSON = (): never => {
      throw new Error('no')
    }
    let deep: unknown = 'end'
    for (let level = 0; level < 2000; level++) deep = [deep]
    for (const known of [circle, { client_id, big: 1n }, { client_id, toJSON }, { client_id, deep }])
      expect(await failure(manager.recover(Object(known)))).toMatchObject({
        code: 'invalid-request',
        findings: [{ rule: 'recover', message: expect.stringContaining('32 levels') }],
      })
    for (const client_secret of [undefined, () => 'secret'])
      expect(await failure(manager.recover(Object({ client_id, client_secret })))).toMatchObject({
        code: 'invalid-request',
        findings: [{ member: 'client_secret', message: expect.stringContaining('It must be a text') }],
      })
    expect((await manager.ensure()).client_id).toBe(client_id)
  })

  test('refuses the mark that stands in an output in the place of a secret, and keeps what is stored', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const known = await manager.ensure()
    const marked = {
      client_secret: '[redacted]',
      registration_access_token: '[redacted]',
      registration_client_uri: `${server.issuer}/[redacted]`,
    }
    for (const [member, mark] of Object.entries(marked))
      expect(await failure(manager.recover({ ...known, [member]: mark }))).toMatchObject({
        code: 'invalid-request',
        findings: [{ member, message: expect.stringContaining('leave the member out') }],
      })
    expect(await manager.ensure()).toEqual(known)
  })

  test('refuses what is no client', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    expect(await failure(manager.recover({ client_id: '' }))).toMatchObject({ code: 'invalid-request' })
    // A secret that can't be read would be lost without a word.
    for (const member of ['client_secret', 'registration_access_token']) {
      const known: { client_id: string } = Object({ client_id: 'by-hand', [member]: { value: 'a' } })
      const error = await failure(manager.recover(known))
      expect(error).toMatchObject({ code: 'invalid-request', findings: [{ member, message: 'It must be a text' }] })
    }
    expect(await manager.status()).toMatchObject({ state: 'absent' })
  })
})
