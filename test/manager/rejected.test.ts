import { memoryStore } from '@registrant/core'
import type { RegistrationResponse, RegistrationStore } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

const forgetDelay = 600

/** Requests that register and requests that ask for a token, apart from the registrar's own. */
const isProbe = ({ body }: { body: string }): boolean => body.includes('grant_type=authorization_code')

describe('credentials that a server refused', () => {
  test('are answered with the stored ones at once where those are others', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    const before = server.requests.length
    expect(await manager.reportRejected({ client_id: 'old' })).toEqual(stored)
    expect(await manager.reportRejected({ client_id: stored.client_id, client_secret: 'old' })).toEqual(stored)
    expect(server.requests).toHaveLength(before)
  })

  test('stay where the server still knows the client', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told, events } = start(server, store, { forgetDelay })
    const stored = await manager.ensure()
    expect(await manager.reportRejected(stored)).toEqual(stored)
    // As the client, and as one that can't exist.
    const asked = server.requestsTo('token').filter(isProbe)
    expect(asked.map(({ status }) => status).toSorted()).toEqual([400, 401])
    expect(told()).toEqual(['intent', 'registered'])
    expect(events).toContainEqual(
      expect.objectContaining({ deviation: expect.objectContaining({ rule: 'rejection-not-confirmed' }) }),
    )
    expect(await manager.status()).toMatchObject({ state: 'registered' })
    expect(server.clients()).toBe(1)
  })

  const alike: Record<string, Answer> = {
    success: { body: { access_token: 'never-used-token', token_type: 'Bearer' } },
    invalid_request: { status: 400, body: { error: 'invalid_request' } },
    unauthorized_client: { status: 400, body: { error: 'unauthorized_client' } },
    HTML: { status: 404, body: '<html>' },
    'a bare 401': { status: 401 },
    'status 500': { status: 500 },
    'status 429': { status: 429, headers: { 'retry-after': '7' } },
    'no answer': { lost: 'before' },
    'no answer in time': { delay: Infinity },
  }
  for (const [name, answer] of Object.entries(alike)) {
    describe(`where the token endpoint tells a client and one that cannot exist the same: ${name}`, () => {
      test('stay where the management address shows the client', async () => {
        await using server = await startScriptedServer()
        const { manager } = start(server, memoryStore(), { forgetDelay: 0, timeout: 300, lease: 5300 })
        const stored = await manager.ensure()
        server.script({ token: answer })
        expect(await manager.reportRejected(stored)).toEqual(stored)
        expect(await manager.status()).toMatchObject({ state: 'registered', suspect: false })
        expect(server.requestsTo('read')).toHaveLength(1)
        expect(server.requestsTo('register')).toHaveLength(1)
      })

      test('stay, and the caller hears that nobody can tell, where there is no such address', async () => {
        await using server = await startScriptedServer()
        const store = new OpenStore()
        const options = { forgetDelay, timeout: 300, lease: 5300, keepManagementToken: false }
        const { manager } = start(server, store, options)
        const stored = await manager.ensure()
        server.script({ token: answer })
        const error = await failure(manager.reportRejected(stored))
        expect(error).toMatchObject({
          name: 'StateError',
          code: 'suspect',
          message: expect.stringContaining('forget()'),
        })
        expect(Object(error).retryAfter).toBeGreaterThan(0)
        // A witness that could not answer leaves no mark, and whoever starts now starts with what there is.
        expect(await manager.status()).toMatchObject({
          state: 'registered',
          suspect: false,
          client_id: stored.client_id,
        })
        const before = server.requests.length
        expect(await start(server, store, options).manager.ensure()).toEqual(stored)
        expect(server.requests).toHaveLength(before)
        server.script({ token: undefined })
        expect(await start(server, store, options).manager.reportRejected(stored)).toEqual(stored)
        expect(server.requestsTo('register')).toHaveLength(1)
      })
    })
  }

  test('of a client that the server has forgotten become new ones, once, after the delay', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const first = start(server, store, { forgetDelay })
    const replicas = [first, ...Array.from({ length: 7 }, () => start(server, store, { forgetDelay }))]
    const stored = await first.manager.ensure()
    server.forget(stored.client_id)
    const began = performance.now()
    const fresh = await Promise.all(replicas.map(({ manager }) => manager.reportRejected(stored)))
    expect(performance.now() - began).toBeGreaterThanOrEqual(forgetDelay)
    expect(server.requestsTo('register')).toHaveLength(2)
    for (const one of fresh) expect(one.client_id).toBe(server.clientIds()[0])
    const told = replicas.flatMap(({ events }) => events)
    expect(told.filter(({ type }) => type === 'replaced')).toMatchObject([
      { old: stored.client_id, client_id: fresh[0]?.client_id },
    ])
    // The dead one may come back with a backup of the server.
    expect(await first.manager.status()).toMatchObject({ orphans: [{ client_id: stored.client_id }] })
  })

  test('become new ones after one look where there is no delay', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    server.forget(stored.client_id)
    const fresh = await manager.reportRejected(stored)
    expect(server.clientIds()).toEqual([fresh.client_id])
    expect(server.requestsTo('token').filter(isProbe)).toHaveLength(2)
  })

  test('work at a real server, alive and forgotten', async () => {
    await using server = await startOidcProvider()
    const { manager } = start(server, memoryStore(), {
      forgetDelay: 0,
      metadata: { ...metadata, scope: 'orders:read' },
    })
    const stored = await manager.ensure()
    expect(await manager.reportRejected(stored)).toEqual(stored)
    server.forget(stored.client_id)
    const fresh = await manager.reportRejected(stored)
    expect(server.clientIds()).toEqual([fresh.client_id])
  })

  test('are not given up when a caller leaves: the doubt stays', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store, { forgetDelay })
    const stored = await manager.ensure()
    server.forget(stored.client_id)
    const error = await failure(manager.reportRejected(stored, { signal: AbortSignal.timeout(150) }))
    expect(error.message).toContain('The caller left')
    expect(await manager.status()).toMatchObject({ state: 'registered', suspect: true })
    const fresh = await manager.reportRejected(stored)
    expect(fresh.client_id).not.toBe(stored.client_id)
  })

  test('is not answered with what is being deleted', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    server.script({ delete: { lost: 'before' }, read: [undefined, { status: 503 }] })
    await failure(manager.delete())
    const late = start(server, store)
    expect(await failure(late.manager.reportRejected({ client_id: 'older' }))).toMatchObject({ code: 'deleting' })
  })

  const own = {
    forgetDelay: 0,
    metadata: { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' },
  }

  test('that the application proves itself are looked at by the management address alone', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), own)
    const stored = await manager.ensure()
    expect(await manager.reportRejected(stored)).toEqual(stored)
    expect(server.requestsTo('token').filter(isProbe)).toEqual([])
    expect(server.requestsTo('read')).toHaveLength(1)
    server.forget(stored.client_id)
    const fresh = await manager.reportRejected(stored)
    expect(server.clientIds()).toEqual([fresh.client_id])
    expect(server.requestsTo('token').filter(isProbe)).toEqual([])
  })

  test('that the application proves itself cannot be looked at without, and nothing is registered', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { ...own, keepManagementToken: false })
    const stored = await manager.ensure()
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('of a client whose replacement fails stay in doubt', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored: RegistrationResponse = await manager.ensure()
    server.forget(stored.client_id)
    server.script({ register: [{ status: 500 }] })
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ status: 500 })
    expect(await manager.status()).toMatchObject({ state: 'registered', suspect: true, client_id: stored.client_id })
    // The server is left alone for a second.
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    clock.pass(1000)
    const fresh = await manager.reportRejected(stored)
    expect(server.clientIds()).toEqual([fresh.client_id])
  })

  test('before there ever was a registration are answered with one', async () => {
    await using server = await startScriptedServer()
    const store: RegistrationStore = memoryStore()
    const fresh = await start(server, store).manager.reportRejected({ client_id: 'from another life' })
    expect(server.clientIds()).toEqual([fresh.client_id])
  })
})

describe('authentication', () => {
  const methods: [method: string, expected: unknown][] = [
    ['client_secret_basic', { headers: { authorization: expect.stringMatching(/^Basic /) } }],
    ['client_secret_post', { form: { client_id: expect.any(String), client_secret: expect.any(String) } }],
    ['none', { form: { client_id: expect.any(String) } }],
    ['tls_client_auth', { form: { client_id: expect.any(String) } }],
    ['client_secret_jwt', { form: { client_assertion: expect.any(String) } }],
  ]
  for (const [method, expected] of methods) {
    test(`hands over what proves a client of ${method}`, async () => {
      await using server = await startScriptedServer()
      const { manager } = start(server, memoryStore(), {
        metadata: {
          ...metadata,
          token_endpoint_auth_method: method,
          ...(method === 'tls_client_auth' ? { tls_client_auth_subject_dn: 'CN=orders' } : {}),
        },
      })
      expect(await manager.authentication()).toMatchObject(Object(expected))
    })
  }

  test('gets a token at the server, with requests of one own', async () => {
    await using server = await startOidcProvider()
    const { manager } = start(server, memoryStore(), { metadata: { ...metadata, scope: 'orders:read' } })
    const { headers, form } = await manager.authentication()
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:read', ...form })
    const answer = await fetch(`${server.url}/token`, { method: 'POST', headers: headers ?? {}, body })
    expect(answer.status).toBe(200)
  })

  test('says so where the proof is the application’s own', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), {
      metadata: { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' },
    })
    expect(await failure(manager.authentication())).toMatchObject({ code: 'unsupported' })
  })
})
