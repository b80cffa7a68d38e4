import { memoryStore, RegistrationClient, StoreError } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { actsLate, answersLate, gate, metadata, OpenStore, sayingLittle, start } from './managed.ts'

const oneHour = { secretLifetime: 3600 }

const answering = ({ body, ...answer }: Answer, more: object): Answer => ({
  ...answer,
  body: { ...Object(body), ...more },
})

describe('read()', () => {
  test('asks the server, and saves what it says: a read may rotate the management token', async () => {
    await using server = await startScriptedServer({}, { rotate: 'both' })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    Object.assign(server.registration(client_id) ?? {}, { client_name: 'by an operator' })
    const read = await manager.read()
    const held = server.registration(client_id)?.registration_access_token
    expect(read).toMatchObject({ client_id, client_name: 'by an operator', registration_access_token: held })
    expect((await store.peek()).record['registration']).toEqual(read)
    expect(await start(server, store).manager.ensure()).toEqual(read)
    expect(await manager.status()).toMatchObject({ state: 'registered', manageable: true })
  })

  for (const [secret, end] of [
    [undefined, 0],
    [null, 0],
    ['', 0],
    [null, null],
  ])
    test(`leaves the end of a secret as it was where the server writes ${JSON.stringify([secret, end])} for the two`, async () => {
      const hidden = { client_secret: secret, client_secret_expires_at: end }
      await using server = await startScriptedServer({ read: (_, usual) => answering(usual(), hidden) }, oneHour)
      const { manager } = start(server, memoryStore())
      const stored = await manager.ensure()
      const { secretExpiresAt } = await manager.status()
      expect(await manager.read()).toEqual(stored)
      expect(await manager.status()).toMatchObject({ secretExpiresAt })
      const client = new RegistrationClient({ issuer: server.issuer, onEvent: () => {} })
      expect(await client.read(stored)).toEqual(stored)
    })

  for (const verb of ['read', 'rename'] as const)
    test(`leaves the way in which the server wants the client to authenticate, where the answer does not say it (${verb})`, async () => {
      const method = 'token_endpoint_auth_method'
      await using server = await startScriptedServer({
        register: (_, usual) => answering(usual(), { [method]: 'client_secret_post' }),
        read: (_, usual) => answering(usual(), { [method]: undefined }),
        update: (_, usual) => answering(usual(), { [method]: undefined }),
      })
      const store = memoryStore()
      const first = start(server, store).manager
      const { client_id, client_secret } = await first.ensure()
      const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
      if (verb === 'read') await first.read()
      else await manager.ensure()
      expect(await first.authentication()).toEqual({ form: { client_id, client_secret } })
      expect(server.requestsTo('update')).toHaveLength(verb === 'read' ? 0 : 1)
    })

  test('is announced, so that no other replica sends the token at the same time', async () => {
    const reading = gate()
    await using server = await startScriptedServer({ read: [actsLate(reading)] }, { rotate: 'both' })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    const read = manager.read()
    await expect.poll(() => server.requestsTo('read').length).toBe(1)
    expect((await store.peek()).record['intent']).toMatchObject({ operation: 'look' })
    // Whoever would use what is stored does not wait for it.
    expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
    const changing = start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
    const second = start(server, store).manager.read()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(server.requests.slice(-1)).toMatchObject([{ endpoint: 'read' }])
    reading.open()
    await Promise.all([read, changing, second])
    expect(server.requests.filter(({ status, endpoint }) => endpoint !== 'token' && status === 401)).toEqual([])
  })

  test('saves twice: that it asks, and what it was told', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    const { saves } = store
    Object.assign(server.registration(client_id) ?? {}, { client_name: 'edited' })
    await manager.read()
    expect(store.saves - saves).toBe(2)
    const { record } = await store.peek()
    expect(record).toMatchObject({ registration: { client_name: 'edited' } })
    expect(record).not.toHaveProperty('intent')
  })

  test('leaves a secret that was saved while the server was asked', async () => {
    const reading = gate()
    const update = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), client_secret: 'brought by the update' } }
    }
    await using server = await startScriptedServer({ update, read: [answersLate(reading)] })
    const store = new OpenStore()
    const renewing = start(server, store)
    await renewing.manager.ensure()
    store.beforeSave = () => {
      if (server.requestsTo('update').length > 0) throw new StoreError('store-denied', 'The disk is read-only.')
    }
    expect(await failure(renewing.manager.rotate())).toMatchObject({ code: 'store-denied' })
    store.beforeSave = undefined
    await store.overwrite({ intent: undefined })
    const reader = start(server, store)
    const read = reader.manager.read()
    await expect.poll(() => server.requestsTo('read').length).toBe(1)
    // What could not be saved before is saved now, since the record holds what it was made from.
    expect(await renewing.manager.ensure()).toMatchObject({ client_secret: 'brought by the update' })
    reading.open()
    expect(await read).toMatchObject({ client_secret: 'brought by the update' })
    expect(await start(server, store).manager.ensure()).toMatchObject({ client_secret: 'brought by the update' })
  })

  for (const verb of ['read', 'reportRejected'] as const)
    test(`keeps the token that a look of ${verb}() brought, where the store took nothing then`, async () => {
      await using server = await startScriptedServer({}, { rotate: 'both' })
      const store = new OpenStore()
      const { manager } = start(server, store)
      const { client_id, client_secret } = await manager.ensure()
      server.script({ token: ({ body }, usual) => (body.includes('authorization_code') ? { status: 503 } : usual()) })
      store.beforeSave = () => {
        if (server.requestsTo('read').length > 0) throw new StoreError('store-unavailable', 'The disk is full.')
      }
      const called = verb === 'reportRejected' ? manager[verb]({ client_id, client_secret }) : manager[verb]()
      expect(await failure(called)).toMatchObject({ code: 'store-unavailable' })
      expect(server.requests.at(-1)).toMatchObject({ endpoint: 'read', status: 200 })
      store.beforeSave = undefined
      const held = server.registration(client_id)?.registration_access_token
      expect(await manager.ensure()).toMatchObject({ client_id, registration_access_token: held })
      expect((await store.peek()).record).toMatchObject({ registration: { registration_access_token: held } })
      await manager.delete()
      expect(server.clients()).toBe(0)
    })

  for (const [method, becomes] of [
    ['client_secret_basic', 'is replaced: its secret has ended'],
    ['none', 'stays: the secret proves nothing'],
  ] as const)
    test(`of a client which had no secret, and shows one with method ${method} that has ended: the client ${becomes}`, async () => {
      await using server = await startScriptedServer()
      const { manager } = start(server, memoryStore(), {
        metadata: { ...metadata, token_endpoint_auth_method: 'none' },
      })
      const { client_id } = await manager.ensure()
      const ended = { client_secret: 'ended', client_secret_expires_at: Math.floor(Date.now() / 1000) - 3600 }
      Object.assign(server.registration(client_id) ?? {}, { token_endpoint_auth_method: method, ...ended })
      await manager.read()
      const next = await manager.ensure()
      expect(next.client_id === client_id).toBe(method === 'none')
      expect(server.requestsTo('register')).toHaveLength(method === 'none' ? 1 : 2)
    })

  test('shows that the client needs a secret which is not kept, and keeps the token that came with it', async () => {
    await using server = await startScriptedServer({}, { rotate: 'both' })
    const store = new OpenStore()
    const options = { metadata: { ...metadata, token_endpoint_auth_method: 'none' }, keepSecret: false }
    const { manager, events } = start(server, store, options)
    const { client_id } = await manager.ensure()
    const basic = { token_endpoint_auth_method: 'client_secret_basic', client_secret: 'not-to-be-kept' }
    Object.assign(server.registration(client_id) ?? {}, basic)
    const read = await manager.read()
    expect(read).toMatchObject({ client_id, token_endpoint_auth_method: 'client_secret_basic' })
    expect(read).not.toHaveProperty('client_secret')
    const deviation = expect.objectContaining({ rule: 'secret-missing' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'deviation', deviation }))
    const { value, record } = await store.peek()
    const { registration_access_token } = server.registration(client_id) ?? {}
    expect(record['registration']).toMatchObject({ client_id, registration_access_token })
    expect(value).not.toContain('not-to-be-kept')
    expect(record).not.toHaveProperty('intent')
  })

  for (const shown of ['none', 'private_key_jwt'] as const)
    for (const comes of [undefined, '{bcrypt}$2a$10$hash'])
      test(`keeps the secret of a client that it shows with method ${shown}, until one needs it (${comes ? 'its hash' : 'nothing'} is shown then)`, async () => {
        const hidden = { client_secret: undefined, client_secret_expires_at: 0 }
        const showing = (more: object) => (_: unknown, usual: () => Answer) => answering(usual(), more)
        await using server = await startScriptedServer({}, oneHour)
        const store = new OpenStore()
        const { manager } = start(server, store)
        const { client_id, client_secret, client_secret_expires_at } = await manager.ensure()
        server.script({ read: showing({ ...hidden, token_endpoint_auth_method: shown }) })
        for (let i = 0; i < 2; i++) expect(await manager.read()).not.toHaveProperty('client_secret')
        // Nothing is renewed for a secret that is not in use.
        expect((await store.peek()).record).not.toHaveProperty('renewAt')
        server.script({ read: showing({ ...hidden, token_endpoint_auth_method: undefined }) })
        expect(await manager.read()).not.toHaveProperty('client_secret')
        server.script({ read: showing({ ...hidden, client_secret: comes }) })
        const again = { client_id, client_secret, client_secret_expires_at }
        expect(await start(server, store).manager.read()).toMatchObject(again)
        expect(await manager.ensure()).toMatchObject(again)
        expect((await store.peek()).record).toHaveProperty('renewAt')
      })

  test('keeps the secret of a client that it shows as a public one also when that one was proven meanwhile', async () => {
    const read = (_: unknown, usual: () => Answer): Answer => answering(usual(), { client_secret: undefined })
    await using server = await startScriptedServer({ read })
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    const edit = (token_endpoint_auth_method: string): object =>
      Object.assign(server.registration(stored.client_id) ?? {}, { token_endpoint_auth_method })
    edit('none')
    const shown = await manager.read()
    expect(await manager.reportRejected(shown)).toEqual(shown)
    edit('client_secret_basic')
    expect(await manager.read()).toMatchObject({ client_secret: stored.client_secret })
  })

  const byKey = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' }
  for (const [name, status, options] of [
    ['a key', 400, { metadata: { ...metadata, ...byKey } }],
    ['a key', 500, { metadata: { ...metadata, ...byKey } }],
    ['a key of the manager', 400, { keys: {} }],
    ['a key of the manager', 500, { keys: {} }],
    ['nothing', 400, { metadata: { ...metadata, token_endpoint_auth_method: 'none' } }],
    ['a key, under a lower generation', 400, { generation: -1, metadata: { ...metadata, ...byKey } }],
  ] as const)
    test(`leaves the secret where an update to ${name} was answered ${status}, and the server shows none`, async () => {
      const denied = { status, body: { error: 'invalid_client_metadata' } }
      await using server = await startScriptedServer({ ...sayingLittle(), update: denied })
      const store = new OpenStore()
      const before = start(server, store, { generation: 0 })
      const { client_id, client_secret } = await before.manager.ensure()
      const { manager } = start(server, store, { generation: 1, ...options })
      await manager.ensure().catch(() => undefined)
      expect(await manager.read()).toMatchObject({ client_id, client_secret })
      expect(await before.manager.ensure()).toMatchObject({ client_id, client_secret })
    })

  for (const end of [0, Math.floor(Date.now() / 1000) + 60])
    test(`leaves the end of a secret that the answer does not hold, whatever it says of one: ${end && 'soon'}`, async () => {
      const read = (_: unknown, usual: () => Answer): Answer => {
        const { body, ...answer } = usual()
        return { ...answer, body: { ...Object(body), client_secret: undefined, client_secret_expires_at: end } }
      }
      await using server = await startScriptedServer({ read }, { secretLifetime: 86_400 })
      const store = new OpenStore()
      const { manager } = start(server, store)
      const { client_secret, client_secret_expires_at } = await manager.ensure()
      const { renewAt } = (await store.peek()).record
      expect(await manager.read()).toMatchObject({ client_secret, client_secret_expires_at })
      expect((await store.peek()).record).toMatchObject({ renewAt })
    })

  test('throws what the server answered, and the client stays in use', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore())
    const first = await manager.ensure()
    const denied = { status: 401, body: { error: 'invalid_token' } }
    server.script({ read: [denied] })
    expect(await failure(manager.read())).toMatchObject({ name: 'ServerRefusedError', status: 401 })
    expect(await manager.ensure()).toEqual(first)
    expect(await manager.status()).toMatchObject({ state: 'registered', manageable: true })
    clock.pass(60_000)
    server.script({ read: [{ status: 429, headers: { 'retry-after': '30' } }] })
    expect(await failure(manager.read())).toMatchObject({ status: 429, retryAfter: 30_000 })
    const before = server.requests.length
    expect(await failure(manager.read())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requests).toHaveLength(before)
    clock.pass(30_000)
    expect(await manager.read()).toMatchObject({ client_id: first.client_id })
  })

  test('takes back that the client cannot be managed', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager, told } = start(server, memoryStore(), { forgetDelay: 0 })
    await manager.ensure()
    await manager.read()
    server.script({ read: [{ status: 401 }] })
    expect(await failure(manager.read())).toMatchObject({ status: 401 })
    expect(await manager.status()).toMatchObject({ manageable: false, waiting: [{ for: 'permission' }] })
    expect(told()).toContain('unmanageable')
    clock.pass(86_400_000)
    await manager.read()
    expect(await manager.status()).toMatchObject({ manageable: true, waiting: [] })
  })

  test('throws missing where there is nothing to read, and registers nothing', async () => {
    await using server = await startScriptedServer()
    const error = await failure(start(server, memoryStore()).manager.read())
    expect(error).toMatchObject({ code: 'missing', message: expect.stringContaining('ensure() registers') })
    expect(server.requests).toEqual([])
  })

  test('throws deleted', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    await manager.ensure()
    await manager.delete()
    expect(await failure(manager.read())).toMatchObject({ code: 'deleted' })
  })

  test('throws not-managed where there is no management token', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { keepManagementToken: false })
    await manager.ensure()
    expect(await failure(manager.read())).toMatchObject({ code: 'not-managed' })
    expect(await manager.status()).toMatchObject({ state: 'registered' })
  })
})
