import { memoryStore } from '@registrant/core'
import type { ManagerOptions, RegistrationResponse, RegistrationStore } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest, ScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { answersLate, gate, metadata, OpenStore, payer, sayingLittle, start } from './managed.ts'

const forgetDelay = 600

/** Requests that register and requests that ask for a token, apart from the registrar's own. */
const isProbe = ({ body }: { body: string }): boolean => body.includes('grant_type=authorization_code')

/** Answers the questions of a report like that, and everything else as usual. */
const probed =
  (answer: (request: ScriptedRequest, usual: () => Answer) => Answer) =>
  (request: ScriptedRequest, usual: () => Answer): Answer =>
    isProbe(request) ? answer(request, usual) : usual()

/** Whether a question is asked as this client. */
const asks = (
  { body, headers: { authorization = '' } }: ScriptedRequest,
  { client_id }: RegistrationResponse,
): boolean => `${body} ${atob(authorization.slice(6))}`.includes(client_id)

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
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([400, 401]))
    expect(asked).toHaveLength(2)
    expect(told()).toEqual(['intent', 'registered'])
    expect(events).toContainEqual(
      expect.objectContaining({ deviation: expect.objectContaining({ rule: 'rejection-not-confirmed' }) }),
    )
    expect(await manager.status()).toMatchObject({ state: 'registered' })
    expect(server.clients()).toBe(1)
  })

  test('are asked about as they are in force, and not as a lower generation would have them', async () => {
    await using server = await startScriptedServer(sayingLittle())
    const store = new OpenStore()
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const stored = await start(server, store, { generation: 2, metadata: declared }).manager.ensure()
    const code = (request: ScriptedRequest): string => (asks(request, stored) ? 'invalid_grant' : 'invalid_client')
    server.script({ token: probed((request) => ({ status: 400, body: { error: code(request) } })) })
    const { manager } = start(server, store, {
      generation: 1,
      forgetDelay: 0,
      metadata: { ...metadata, token_endpoint_auth_method: 'client_secret_basic' },
    })
    expect(await manager.reportRejected(stored)).toEqual(stored)
    expect(server.requestsTo('token').filter(isProbe)).toHaveLength(2)
    expect(await manager.status()).toMatchObject({ suspect: false })
  })

  test('are not those of a forgotten client where its address shows it with a secret, and none is kept', async () => {
    await using server = await startScriptedServer()
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const { manager } = start(server, memoryStore(), { forgetDelay: 0, keepSecret: false, metadata: declared })
    const stored = await manager.ensure()
    const basic = { token_endpoint_auth_method: 'client_secret_basic', client_secret: 'not-to-be-kept' }
    Object.assign(server.registration(stored.client_id) ?? {}, basic)
    server.script({
      update: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...basic } }),
      token: probed(() => ({ status: 401, body: { error: 'invalid_client' } })),
    })
    await manager.reportRejected(stored)
    // Nobody can use it, so another takes its place.
    expect(await manager.status()).toMatchObject({ orphans: [], replaced: [{ client_id: stored.client_id }] })
  })

  test('stay where nobody can tell since the access token that manages clients has ended; another token is asked for first', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const { profile, ended } = payer
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const { manager, told } = start(server, memoryStore(), {
      profile,
      metadata: declared,
      accessToken: 'for-registering',
      updateAccessToken: () => `token-${server.requestsTo('read').length}`,
      forgetDelay: 0,
    })
    const stored = await manager.ensure()
    const shown = { body: { ...stored } }
    server.script({ read: shown })
    await manager.read()
    server.script(ended)
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(await failure(manager.read())).toMatchObject({ status: 401 })
    expect(await manager.ensure()).toEqual(stored)
    expect(await manager.status()).toMatchObject({ manageable: true, suspect: false })
    expect(told()).not.toContain('unmanageable')
    server.script({ read: [ended.read, shown] })
    await expect.poll(() => manager.read().catch(() => undefined), { timeout: 5000 }).toEqual(stored)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  const outages: Record<string, Parameters<ScriptedServer['script']>[0]> = {
    'is in trouble': { token: { status: 503 }, read: { status: 503 } },
    'does not answer': { token: { lost: 'before' }, read: { lost: 'before' } },
    'is in trouble at its address': {
      token: probed(() => ({ status: 400, body: { error: 'invalid_grant' } })),
      read: { status: 503 },
    },
  }
  for (const [what, script] of Object.entries(outages))
    test(`stay while the server ${what}, whatever the application is trusted with`, async () => {
      await using server = await startScriptedServer()
      const { manager } = start(server, memoryStore(), { forgetDelay: 0, trustRejections: true })
      const stored = await manager.ensure()
      server.script(script)
      expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
      expect(await manager.status()).toMatchObject({ suspect: false, client_id: stored.client_id })
      expect(await manager.ensure()).toEqual(stored)
    })

  test.each<[does: string, script: Parameters<ScriptedServer['script']>[0]]>([
    ['is in trouble', { token: { status: 503 } }],
    ['breaks the connection', { token: { lost: 'before' } }],
    ['breaks off its answers', { token: { lost: 'middle' } }],
    ['has no metadata', { discovery: { status: 404 } }],
    ['has a page for metadata', { discovery: { body: '<!doctype html><title>Back soon</title>' } }],
    ['has the metadata of another server', { discovery: { body: { issuer: 'https://other.example' } } }],
  ])('stay while a server without management %s, whatever the application is trusted with', async (_, script) => {
    using clock = takeClock()
    await using server = await startScriptedServer({}, { management: false })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0, trustRejections: true })
    const stored = await manager.ensure()
    clock.pass(25 * 3_600_000)
    server.script(script)
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(await manager.status()).toMatchObject({ suspect: false, client_id: stored.client_id })
    expect(await manager.ensure()).toEqual(stored)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('are of a forgotten client where access tokens manage it, whatever became of a token that nobody sends', async () => {
    using clock = takeClock()
    const ended = `e30.${btoa(JSON.stringify({ exp: 1_000_000_000 }))}.signed`
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          const { body, ...answer } = usual()
          return { ...answer, body: { ...Object(body), registration_access_token: ended } }
        },
        token: probed(() => ({ status: 400, body: { error: 'invalid_grant' } })),
      },
      { open: true },
    )
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const options = { profile: payer.profile, accessToken: 'payer', metadata: declared, forgetDelay: 0 }
    const { manager } = start(server, memoryStore(), options)
    const stored = await manager.ensure()
    server.script({ read: [{ body: { ...stored } }, { status: 503 }, { status: 404 }, { status: 404 }] })
    await manager.read()
    await failure(manager.read())
    clock.pass(60_000)
    expect((await manager.reportRejected(stored)).client_id).not.toBe(stored.client_id)
  })

  test('are those of a public client that is reported with an empty secret: the server is asked about it', async () => {
    await using server = await startScriptedServer()
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const { manager } = start(server, memoryStore(), { metadata: declared, forgetDelay: 0 })
    const { client_id, client_secret = '' } = await manager.ensure()
    expect(await manager.reportRejected({ client_id, client_secret })).toMatchObject({ client_id })
    expect(server.requestsTo('token')).not.toEqual([])
    server.forget(client_id)
    expect((await manager.reportRejected({ client_id, client_secret })).client_id).not.toBe(client_id)
  })

  test('stay while the server has no metadata: nobody could be asked', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    clock.pass(2 * 3_600_000)
    server.script({ discovery: { status: 404, body: 'default backend - 404' } })
    for (let n = 0; n < 4; n++) {
      const doubt = await failure(manager.reportRejected(stored))
      expect(doubt).toMatchObject({ code: 'suspect', message: expect.stringContaining('could not be asked') })
      clock.pass(60_000)
    }
    expect(await manager.status()).toMatchObject({ suspect: false, client_id: stored.client_id })
  })

  test('are renewed by an update with reregister: false, where the server knows the client; nothing is registered', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0, reregister: false })
    const stored = await manager.ensure()
    const { client_id } = stored
    Object.assign(server.registration(client_id) ?? {}, { client_secret: 'made by an operator' })
    // It shows none, and an update that brings none leaves nothing to try.
    const hidden = (_: ScriptedRequest, usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      return { ...answer, body: { ...Object(body), client_secret: undefined, client_secret_expires_at: undefined } }
    }
    server.script({ read: hidden, update: hidden })
    const message = expect.stringContaining('knows this client and denies its credentials')
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'forgotten', message })
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'forgotten' })
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(server.requestsTo('register')).toHaveLength(1)
    const other = start(server, memoryStore(), { forgetDelay: 0, reregister: false })
    const before = await other.manager.ensure()
    server.script({
      update: (_, usual) => {
        Object.assign(server.registration(before.client_id) ?? {}, { client_secret: 'brought by the update' })
        return usual()
      },
    })
    Object.assign(server.registration(before.client_id) ?? {}, { client_secret: 'made by an operator' })
    const fresh = await other.manager.reportRejected(before)
    expect(fresh).toMatchObject({ client_id: before.client_id, client_secret: 'brought by the update' })
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('prove nothing beside a client that cannot exist and was asked about in another way', async () => {
    const known = { client_id: 'known', client_secret: 'its own', token_endpoint_auth_method: 'client_secret_basic' }
    const gone = { client_id: 'gone', token_endpoint_auth_method: 'none' }
    // Of those without a secret it looks at the code alone.
    const code = (request: ScriptedRequest): string =>
      request.headers.authorization === undefined || asks(request, known) ? 'invalid_grant' : 'invalid_client'
    await using server = await startScriptedServer({
      token: probed((request) => ({ status: 400, body: { error: code(request) } })),
    })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    await manager.recover({ ...known, redirect_uris: [] })
    expect(await manager.reportRejected(known)).toMatchObject(known)
    await manager.recover({ ...gone, redirect_uris: [] })
    expect(await failure(manager.reportRejected(gone))).toMatchObject({ code: 'suspect' })
  })

  test('are asked about although nobody could tell of another client a moment ago', async () => {
    const known = { client_id: 'known', client_secret: 'its own', token_endpoint_auth_method: 'client_secret_basic' }
    const code = (request: ScriptedRequest): string => (asks(request, known) ? 'invalid_grant' : 'invalid_client')
    const troubled = { status: 503 }
    await using server = await startScriptedServer({
      token: probed((request) =>
        request.headers.authorization === undefined ? troubled : { status: 400, body: { error: code(request) } },
      ),
    })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const other = { client_id: 'other', token_endpoint_auth_method: 'none' }
    await manager.recover({ ...other, redirect_uris: [] })
    expect(await failure(manager.reportRejected(other))).toMatchObject({ code: 'suspect' })
    await manager.recover({ ...known, redirect_uris: [] })
    expect(await manager.reportRejected(known)).toMatchObject(known)
  })

  const alike: Record<string, Answer> = {
    success: { body: { access_token: 'never-used-token', token_type: 'Bearer' } },
    invalid_request: { status: 400, body: { error: 'invalid_request' } },
    unauthorized_client: { status: 400, body: { error: 'unauthorized_client' } },
    HTML: { status: 404, body: '<html>' },
    'a bare 401': { status: 401 },
    'status 500': { status: 500 },
    'no answer': { lost: 'before' },
    'no answer in time': { delay: Infinity },
  }
  for (const [name, answer] of Object.entries(alike)) {
    // One that does not answer is not waited for for long; all else has time on any machine.
    const patience = 'delay' in answer ? { timeout: 1500, lease: 6500 } : { timeout: 10_000, lease: 15_000 }
    describe(`where the token endpoint tells a client and one that cannot exist the same: ${name}`, () => {
      test('stay where the management address shows the client', async () => {
        await using server = await startScriptedServer()
        const { manager } = start(server, memoryStore(), { forgetDelay: 0, ...patience })
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
        const options = { forgetDelay, ...patience, keepManagementToken: false }
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

  test('are not called forgotten where the management address alone is in trouble: the caller and status() hear that', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay })
    const stored = await manager.ensure()
    server.script({ token: { status: 400, body: { error: 'invalid_grant' } }, read: { status: 500 } })
    const { message } = await failure(manager.reportRejected(stored))
    expect(message).toContain('the management address did not answer, or is in trouble')
    expect(message).not.toContain('reached')
    const until = expect.any(Number)
    const reason = 'The management address did not answer, or is in trouble.'
    expect((await manager.status()).waiting).toContainEqual({ for: 'proof', until, reason })
  })

  test('are not called forgotten where the server is down: the caller hears that it is', async () => {
    const server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay })
    const stored = await manager.ensure()
    await server.close()
    for (const error of [
      await failure(manager.reportRejected(stored)),
      await failure(manager.reportRejected(stored)),
    ]) {
      expect(error).toMatchObject({ code: 'suspect', message: expect.stringContaining('could not be asked') })
      expect(error.message).not.toContain('refuses this client')
    }
    expect(await manager.status()).toMatchObject({ suspect: false, client_id: stored.client_id })
  })

  test('are not asked about before the instant that the token endpoint named, by any replica', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const store = memoryStore()
    const { manager } = start(server, store)
    const stored = await manager.ensure()
    server.script({ token: { status: 429, headers: { 'retry-after': '7' } } })
    const error = await failure(manager.reportRejected(stored))
    expect(error).toMatchObject({ code: 'suspect' })
    expect(Object(error).retryAfter).toBeGreaterThan(6000)
    const before = server.requests.length
    for (const one of [manager, start(server, store).manager]) {
      expect(await failure(one.reportRejected(stored))).toMatchObject({ code: 'suspect' })
      expect(await one.ensure()).toEqual(stored)
      expect(await one.status()).toMatchObject({ suspect: false, waiting: [{ for: 'server' }] })
    }
    expect(server.requests).toHaveLength(before)
    server.script({ token: undefined })
    clock.pass(7000)
    expect(await manager.reportRejected(stored)).toEqual(stored)
  })

  test('are asked about again after an hour where the management address asks for more patience than that', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    // A token endpoint that can't tell.
    server.script({
      token: probed(() => ({ status: 400, body: { error: 'invalid_grant' } })),
      read: [{ status: 503, headers: { 'retry-after': '864000' } }],
    })
    const error = await failure(manager.reportRejected(stored))
    expect(error).toMatchObject({ code: 'suspect', retryAfter: 3_600_000 })
    clock.pass(3_600_000)
    expect(await manager.reportRejected(stored)).toEqual(stored)
  })

  test('of a client that is proven forgotten are answered with until when no other is registered, and why', async () => {
    for (const [status, more] of [
      [503, { retryAfter: 600_000 }],
      [429, { retryAfter: 600_000 }],
      [403, {}],
    ] as const) {
      await using server = await startScriptedServer()
      const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
      const stored = await manager.ensure()
      server.forget(stored.client_id)
      const headers: Record<string, string> = 'retryAfter' in more ? { 'retry-after': '600' } : {}
      server.script({ register: { status, headers, body: { error: 'temporarily_unavailable' } } })
      expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'server-refused', ...more })
      const before = server.requests.length
      const again = await failure(manager.reportRejected(stored))
      expect(again).toMatchObject({ code: 'suspect', message: expect.stringMatching(/^It is proven/) })
      expect(String(again)).not.toContain('trustRejections')
      expect(Object(again).retryAfter).toBeGreaterThan(status === 403 ? 0 : 590_000)
      expect(server.requests).toHaveLength(before)
    }
  })

  test('of a client that is proven forgotten say when another may be registered, where too many were', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), {
      forgetDelay: 0,
      profile: { name: 'no updates', cannot: { update: 'It does not.' } },
    })
    let stored = await manager.ensure()
    for (let times = 0; times < 4; times++) stored = await manager.rotate()
    server.forget(stored.client_id)
    const spent = await failure(manager.reportRejected(stored))
    expect(spent).toMatchObject({ code: 'suspect', message: expect.stringMatching(/^It is proven/) })
    expect(Object(spent).retryAfter).toBeGreaterThan(3_500_000)
    expect(server.requestsTo('register')).toHaveLength(5)
  })

  test('are not asked about before that instant either where it was told to the control alone', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    server.script({
      token: probed((request) =>
        asks(request, stored) ? { delay: Infinity } : { status: 429, headers: { 'retry-after': '7' } },
      ),
    })
    const error = await failure(manager.reportRejected(stored))
    expect(Object(error).retryAfter).toBeGreaterThan(5000)
    const before = server.requests.length
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(server.requests).toHaveLength(before)
  })

  test('are asked about beside a client that cannot exist, again where that one was told of trouble', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    server.script({
      token: probed((request, usual) => (asks(request, stored) ? usual() : { status: 500 })),
    })
    expect(await manager.reportRejected(stored)).toEqual(stored)
    server.script({ token: undefined })
    Object.assign(server.registration(stored.client_id) ?? {}, { client_secret: 'nobody-knows-it' })
    server.script({ read: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), client_secret: undefined } }) })
    const fresh = await manager.reportRejected(stored)
    expect(fresh.client_secret).not.toBe(stored.client_secret)
  })

  test('are not given up for a 404 where updates are all that the management address ever answered', async () => {
    await using server = await startScriptedServer({ read: { status: 404 } })
    const store = new OpenStore()
    await start(server, store, { forgetDelay: 0 }).manager.ensure()
    const { manager } = start(server, store, { forgetDelay: 0, metadata: { ...metadata, client_name: 'two' } })
    const stored = await manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
    server.script({ token: { status: 404, body: '<html>' } })
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(await manager.ensure()).toEqual(stored)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

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

  test('are not answered with a client that somebody else has deleted while the server was asked', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store, { timeout: 5000, lease: 10_000 })
    const stored = await manager.ensure()
    const asking = gate()
    const answering = answersLate(asking)
    server.script({ token: (request, usual) => (isProbe(request) ? answering(request, usual) : usual()) })
    const reported = failure(manager.reportRejected(stored))
    await expect.poll(() => server.requestsTo('token').filter(isProbe).length).toBeGreaterThan(0)
    await start(server, store).manager.delete()
    asking.open()
    expect(await reported).toMatchObject({ code: 'deleted' })
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

  for (const isOlder of [false, true]) {
    test(`are answered with another secret at once where the stored one has ended${isOlder ? ', whichever was refused' : ''}`, async () => {
      await using server = await startScriptedServer({}, { secretLifetime: 3600 })
      using clock = takeClock()
      const { manager } = start(server, memoryStore(), { forgetDelay: 60_000 })
      const stored = await manager.ensure()
      // A server that can't tell here.
      server.script({
        token: probed(() => ({ status: 400, body: { error: 'invalid_grant' } })),
        update: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...another } }),
      })
      clock.pass(3_700_000)
      const another = {
        client_secret: 'another-secret-that-lives',
        client_secret_expires_at: Math.floor(Date.now() / 1000) + 3600,
      }
      const client_secret = isOlder ? 'an-older-one' : stored.client_secret
      expect(await manager.reportRejected({ client_id: stored.client_id, client_secret })).toMatchObject(another)
      expect(server.requestsTo('token').filter(isProbe)).toEqual([])
      expect(server.requestsTo('register')).toHaveLength(1)
    })
  }

  test('are not handed back where the store shows that there is none yet, which is past', async () => {
    await using server = await startScriptedServer()
    const inner = memoryStore()
    const stored = await start(server, inner).manager.ensure()
    server.forget(stored.client_id)
    let looks = 0
    const store: RegistrationStore = {
      load: async (key) => (looks++ === 0 ? undefined : inner.load(key)),
      save: async (key, value, expected) => inner.save(key, value, expected),
    }
    const fresh = await start(server, store, { forgetDelay: 0 }).manager.reportRejected(stored)
    expect(fresh.client_id).not.toBe(stored.client_id)
  })

  test('are answered with those that this process has come to know while the report waited for its turn', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const profile = { name: 'no updates', cannot: { update: 'It does not do that.' } }
    const { manager } = start(server, store, { profile })
    const first = await manager.ensure()
    const saving = gate()
    let [loads, saves] = [0, 0]
    store.beforeLoad = () => void loads++
    store.beforeSave = () => {
      saves++
      return saving.opened
    }
    const rotated = manager.rotate()
    await expect.poll(() => saves).toBe(1)
    const before = loads
    const reported = manager.reportRejected(first)
    await expect.poll(() => loads).toBeGreaterThan(before)
    saving.open()
    expect(await reported).toEqual(await rotated)
    expect(server.requestsTo('token').filter(isProbe)).toEqual([])
  })

  test('come back with the management token that an update has brought meanwhile', async () => {
    const asked = gate()
    await using server = await startScriptedServer({}, { rotate: 'update' })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    const late = answersLate(asked)
    server.script({ token: (request, usual) => (isProbe(request) ? late(request, usual) : usual()) })
    const reported = manager.reportRejected(first)
    await expect.poll(() => server.requestsTo('token').filter(isProbe)).toHaveLength(2)
    const fresh = await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
    asked.open()
    expect(await reported).toMatchObject({
      client_secret: first.client_secret,
      registration_access_token: fresh.registration_access_token,
    })
  })

  test('before there ever was a registration are answered with one', async () => {
    await using server = await startScriptedServer()
    const store: RegistrationStore = memoryStore()
    const fresh = await start(server, store).manager.reportRejected({ client_id: 'from another life' })
    expect(server.clientIds()).toEqual([fresh.client_id])
  })
})

describe('a token endpoint that somebody stands before', () => {
  test.for([
    ['a framework', { status: 401, error: 'Unauthorized' }],
    ['a gateway', { code: '401' }],
    ['nobody who says more', {}],
  ])('proves nothing by what %s says to everybody', async ([, body]) => {
    await using server = await startScriptedServer({ token: probed(() => ({ status: 401, body })) })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    server.script({ token: probed(() => ({ status: 401, body })), read: { status: 503 } })
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(await manager.ensure()).toEqual(stored)
    expect(server.requestsTo('register')).toHaveLength(1)
  })
})

describe('a server that looks at the code, the grant or the policy before the client', () => {
  const sayings: Record<string, Answer> = {
    glewlwyd: { status: 403, body: { error: 'unauthorized_client' } },
    authhero: { status: 403, body: { message: 'Client not found' } },
    Authlib: { status: 400, body: { error: 'unsupported_grant_type' } },
    'better-auth': { status: 400, body: { error: 'invalid_grant' } },
    'an MCP router': { status: 400, body: { error: 'invalid_request' } },
  }
  for (const [name, answer] of Object.entries(sayings)) {
    test(`has forgotten a client whose management address denies it: ${name}`, async () => {
      await using server = await startScriptedServer({ token: probed(() => answer) })
      const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
      const stored = await manager.ensure()
      expect(await manager.reportRejected(stored)).toEqual(stored)
      server.forget(stored.client_id)
      const fresh = await manager.reportRejected(stored)
      expect(fresh.client_id).not.toBe(stored.client_id)
      expect(server.clientIds()).toEqual([fresh.client_id])
    })

    test(`is not believed without such an address, unless the application says so: ${name}`, async () => {
      await using server = await startScriptedServer({ token: probed(() => answer) })
      const options = { forgetDelay: 0, keepManagementToken: false }
      const store = memoryStore()
      const stored = await start(server, store, options).manager.ensure()
      server.forget(stored.client_id)
      expect(await failure(start(server, store, options).manager.reportRejected(stored))).toMatchObject({
        code: 'suspect',
        message: expect.stringContaining('forget()'),
      })
      expect(await start(server, store, options).manager.ensure()).toEqual(stored)
      const trusting = start(server, store, { ...options, trustRejections: true })
      expect((await trusting.manager.reportRejected(stored)).client_id).toBe(server.clientIds()[0])
    })
  }

  test('is asked as a client that cannot exist in the same way, by an identifier of the same form', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), {
      metadata: { ...metadata, redirect_uris: ['https://app.example/cb'] },
    })
    const stored = await manager.ensure()
    await manager.reportRejected(stored)
    const asked = server.requestsTo('token').filter(isProbe)
    expect(asked).toHaveLength(2)
    const [client, control] = asked
      .toSorted((a, b) => a.status - b.status)
      .map(({ headers, body }) => {
        const [id = '', secret = ''] = Buffer.from(String(headers.authorization).slice(6), 'base64')
          .toString()
          .split(':')
        return { id, secret, form: Object.fromEntries(new URLSearchParams(body)) }
      })
    expect(client).toMatchObject({ id: stored.client_id, secret: encodeURIComponent(String(stored.client_secret)) })
    expect(control?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    // A UUID keeps its version and its variant.
    const kept = new Set([14, 19])
    for (let i = 0; i < 36; i++)
      if (control?.id[i] !== '-' && !kept.has(i)) expect(control?.id[i]).not.toBe(client?.id[i])
    expect(control?.secret).toHaveLength(client?.secret.length ?? 0)
    expect(Object.keys(control?.form ?? {})).toEqual(Object.keys(client?.form ?? {}))
    expect(client?.form).toMatchObject({
      redirect_uri: 'https://app.example/cb',
      code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/),
    })
  })

  test('is asked with a redirect URI of the client, also where its registration names none', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const { client_id, client_secret } = Object(usual().body)
        return { status: 201, body: { client_id, client_secret } }
      },
      token: probed(({ body, headers: { authorization = '' } }) => {
        const id = atob(authorization.slice(6)).split(':')[0] ?? ''
        const uris = server.registration(id)?.redirect_uris
        if (!Array.isArray(uris)) return { status: 401, body: { error: 'invalid_client' } }
        const isRegistered = uris.includes(new URLSearchParams(body).get('redirect_uri'))
        return { status: 400, body: { error: isRegistered ? 'invalid_grant' : 'unauthorized_client' } }
      }),
    })
    const declared = { ...metadata, grant_types: ['authorization_code'], redirect_uris: ['https://app.example/cb'] }
    const options = { forgetDelay: 0, metadata: declared }
    const { manager } = start(server, memoryStore(), options)
    const stored = await manager.ensure()
    expect(stored.redirect_uris).toBeUndefined()
    expect(await manager.reportRejected(stored)).toEqual(stored)
    const recovered = start(server, memoryStore(), options).manager
    await recovered.recover({ client_id: stored.client_id, client_secret: String(stored.client_secret) })
    expect(await recovered.reportRejected(stored)).toMatchObject({ client_id: stored.client_id })
    expect(server.clientIds()).toEqual([stored.client_id])
  })

  const forms: Record<string, [id: string, form: RegExp]> = {
    'a UUID': [
      '5f0c7d3e-8a1b-4c2d-9e3f-0a1b2c3d4e5f',
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ],
    'a UUID in capitals': [
      '018F3A0C-9B7D-7C4E-A1B2-C3D4E5F60718',
      /^[0-9A-F]{8}-[0-9A-F]{4}-7[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/,
    ],
    'a UUID after a word': [
      'client_5f0c7d3e-8a1b-4c2d-9e3f-0a1b2c3d4e5f',
      /^[a-z]{6}_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ],
    'hexadecimal digits': ['5f0c7d3e8a1b4c2d9e3f0a1b', /^[0-9a-f]{24}$/],
  }
  for (const [name, [id, form]] of Object.entries(forms)) {
    test(`that takes no id but ${name} tells a living client from one that it has forgotten`, async () => {
      await using server = await startScriptedServer({
        register: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), client_id: id } }),
      })
      const { manager } = start(server, memoryStore(), { forgetDelay: 0, keepManagementToken: false })
      const stored = await manager.ensure()
      let isForgotten = false
      server.script({
        token: probed((request) => {
          const [asked = ''] = atob(String(request.headers.authorization).slice(6)).split(':')
          if (!form.test(asked)) return { status: 500, body: { error: 'server_error' } }
          const isKnown = asked === id && !isForgotten
          return { status: isKnown ? 400 : 401, body: { error: isKnown ? 'invalid_grant' : 'invalid_client' } }
        }),
        register: undefined,
      })
      expect(await manager.reportRejected(stored)).toEqual(stored)
      isForgotten = true
      expect((await manager.reportRejected(stored)).client_id).not.toBe(id)
    })
  }

  test('reads a public client only with a code_verifier', async () => {
    await using server = await startScriptedServer({
      token: probed(({ body }) => {
        const form = new URLSearchParams(body)
        if (!form.has('code_verifier')) return { status: 401 }
        const isKnown = server.registration(form.get('client_id') ?? '') !== undefined
        return isKnown
          ? { status: 400, body: { error: 'invalid_grant' } }
          : { status: 401, body: { error: 'invalid_client' } }
      }),
    })
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const { manager } = start(server, memoryStore(), { forgetDelay: 0, metadata: declared, keepManagementToken: false })
    const stored = await manager.ensure()
    expect(await manager.reportRejected(stored)).toEqual(stored)
    server.forget(stored.client_id)
    const fresh = await manager.reportRejected(stored)
    expect(server.clientIds()).toEqual([fresh.client_id])
  })
})

describe('a client that the server knows, whose secret it denies', () => {
  /** What an operator does in the console. */
  const another = (server: ScriptedServer, client_id: string, client_secret: string): void =>
    void Object.assign(server.registration(client_id) ?? {}, { client_secret })

  test('gets the one that an operator made, which a read shows, at once', async () => {
    // As Keycloak says it.
    const wrong: Answer = { status: 401, body: { error: 'unauthorized_client' } }
    await using server = await startScriptedServer({
      token: probed((request, usual) => {
        const answer = usual()
        const isKnown = server
          .clientIds()
          .some((id) =>
            JSON.stringify(request.headers.authorization ? atob(request.headers.authorization.slice(6)) : '').includes(
              id,
            ),
          )
        return answer.status === 401 && isKnown ? wrong : answer
      }),
    })
    const store = memoryStore()
    const { manager, told } = start(server, store)
    const stored = await manager.ensure()
    another(server, stored.client_id, 'made-by-an-operator')
    const fresh = await manager.reportRejected(stored)
    expect(fresh).toMatchObject({ client_id: stored.client_id, client_secret: 'made-by-an-operator' })
    expect(told()).toContain('renewed')
    expect(await start(server, store).manager.ensure()).toEqual(fresh)
    expect(server.clients()).toBe(1)
    expect(await manager.status()).toMatchObject({ suspect: false })
  })

  const hashed = (_: unknown, usual: () => Answer): Answer => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), client_secret: '{bcrypt}$2a$10$hash' } }
  }

  test('keeps the stored one where a read shows its hash', async () => {
    await using server = await startScriptedServer({ read: hashed })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const stored = await manager.ensure()
    expect(await manager.read()).toMatchObject({ client_secret: stored.client_secret })
    expect((await store.peek()).record['registration']).toMatchObject({ client_secret: stored.client_secret })
    expect(await start(server, store).manager.ensure()).toMatchObject({ client_secret: stored.client_secret })
    expect(await manager.reportRejected(stored)).toMatchObject({ client_secret: stored.client_secret })
    await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
    expect((await store.peek()).record['registration']).toMatchObject({ client_secret: stored.client_secret })
  })

  for (const shown of ['{bcrypt}$2a$10$hash', '********'])
    test(`gets back the one that an update has replaced by what is none: ${shown}`, async () => {
      const masked = (_: unknown, usual: () => Answer): Answer => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), client_secret: shown } }
      }
      await using server = await startScriptedServer({ read: masked, update: masked })
      const store = memoryStore()
      const stored = await start(server, store, { forgetDelay: 0 }).manager.ensure()
      for (const client_name of ['two', 'three']) {
        const { manager } = start(server, store, { forgetDelay: 0, metadata: { ...metadata, client_name } })
        const updated = await manager.ensure()
        expect(updated).toMatchObject({ client_name, client_secret: shown })
        expect(await manager.reportRejected(updated)).toMatchObject({ client_secret: stored.client_secret })
      }
      expect(server.clients()).toBe(1)
    })

  test('keeps the one that an update has brought, and the one before no longer than that is proven', async () => {
    const brings = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      another(server, Object(answer.body).client_id, 'brought-by-an-update')
      return { ...answer, body: { ...Object(answer.body), client_secret: 'brought-by-an-update' } }
    }
    await using server = await startScriptedServer({ update: brings })
    const store = new OpenStore()
    const stored = await start(server, store, { forgetDelay: 0 }).manager.ensure()
    const { manager, told } = start(server, store, { forgetDelay: 0, metadata: { ...metadata, client_name: 'two' } })
    const updated = await manager.ensure()
    expect(updated).toMatchObject({ client_id: stored.client_id, client_secret: 'brought-by-an-update' })
    expect((await store.peek()).value).toContain(stored.client_secret)
    expect(await manager.reportRejected(stored)).toEqual(updated)
    expect(await manager.reportRejected(updated)).toEqual(updated)
    expect((await store.peek()).value).not.toContain(stored.client_secret)
    expect(told()).toEqual(['intent', 'updated'])
  })

  test('does not get back the one that an update has replaced once that has ended', async () => {
    using clock = takeClock()
    const other = { client_secret: 'brought-by-an-update', client_secret_expires_at: 0 }
    const brings = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      const body = { ...Object(answer.body), ...other }
      Object.assign(server.registration(body.client_id) ?? {}, other)
      return { ...answer, body }
    }
    await using server = await startScriptedServer({ update: brings }, { secretLifetime: 86_400 })
    const store = memoryStore()
    await start(server, store, { forgetDelay }).manager.ensure()
    const { manager } = start(server, store, { forgetDelay, metadata: { ...metadata, client_name: 'two' } })
    const updated = await manager.ensure()
    server.script({ token: probed(() => ({ status: 400, body: { error: 'invalid_request' } })) })
    expect(await manager.reportRejected(updated)).toEqual(updated)
    clock.pass(86_400_000)
    expect(await manager.reportRejected(updated)).toEqual(updated)
  })

  test('keeps the stored one, whatever a read shows, while the token endpoint is in trouble', async () => {
    await using server = await startScriptedServer({ read: hashed })
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    server.script({ token: { status: 503 } })
    expect(await manager.reportRejected(stored)).toMatchObject({ client_secret: stored.client_secret })
    expect(server.requestsTo('read')).toHaveLength(1)
  })

  test('keeps the stored one where the token endpoint cannot tell of it, and denies what a read shows', async () => {
    await using server = await startScriptedServer({ read: hashed })
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    const isStored = ({ headers: { authorization = '' } }: ScriptedRequest): boolean =>
      decodeURIComponent(atob(authorization.slice(6))).endsWith(`:${stored.client_secret}`)
    const page: Answer = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>ok</html>' }
    server.script({ token: probed((request, usual) => (isStored(request) ? page : usual())) })
    expect(await manager.reportRejected(stored)).toMatchObject({ client_secret: stored.client_secret })
  })

  test('gets the stored one back after a server that could not tell had it take what a read shows', async () => {
    await using server = await startScriptedServer({ read: hashed })
    const { manager } = start(server, memoryStore(), { forgetDelay })
    const stored = await manager.ensure()
    server.script({ token: probed(() => ({ status: 400, body: { error: 'invalid_request' } })) })
    const other = await manager.reportRejected(stored)
    expect(other.client_secret).not.toBe(stored.client_secret)
    expect(await manager.reportRejected(other)).toEqual(other)
    server.script({ token: undefined })
    expect(await manager.reportRejected(other)).toMatchObject({ client_secret: stored.client_secret })
    expect(server.requestsTo('update')).toEqual([])
  })

  test('is replaced where no candidate is accepted and an update brings none', async () => {
    await using server = await startScriptedServer({ read: hashed })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    another(server, stored.client_id, 'nobody-knows-it')
    server.script({
      update: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), client_secret: stored.client_secret } }),
    })
    const fresh = await manager.reportRejected(stored)
    expect(fresh.client_id).not.toBe(stored.client_id)
    expect((await manager.status()).replaced).toMatchObject([{ client_id: stored.client_id }])
  })

  test('is renewed by an update where that brings another', async () => {
    const brings = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      another(server, Object(answer.body).client_id, 'brought-by-an-update')
      return { ...answer, body: { ...Object(answer.body), client_secret: 'brought-by-an-update' } }
    }
    await using server = await startScriptedServer({ update: brings, read: hashed })
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    another(server, stored.client_id, 'nobody-knows-it')
    expect(await manager.reportRejected(stored)).toMatchObject({
      client_id: stored.client_id,
      client_secret: 'brought-by-an-update',
    })
    expect(server.clients()).toBe(1)
  })

  test('is replaced where the client needs one by now and nobody has it', async () => {
    const asked = { ...metadata, token_endpoint_auth_method: 'none' }
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { metadata: asked, forgetDelay })
    const stored = await manager.ensure()
    // Its registration is changed behind the manager's back, and stays so; no answer shows a secret.
    const changed = (_: unknown, usual: () => Answer): Answer => ({
      ...usual(),
      body: { ...Object(usual().body), token_endpoint_auth_method: 'client_secret_basic' },
    })
    server.script({
      read: changed,
      update: changed,
      token: probed((request, usual) =>
        asks(request, stored) ? { status: 401, body: { error: 'invalid_client' } } : usual(),
      ),
    })
    const fresh = await manager.reportRejected(stored)
    expect(fresh.client_id).not.toBe(stored.client_id)
    expect((await manager.status()).replaced).toMatchObject([{ client_id: stored.client_id }])
  })

  describe('because the server has it as it was before a release', () => {
    const jwk = { kty: 'RSA', kid: 'own', n: 'x'.repeat(342), e: 'AQAB', alg: 'RS256', use: 'sig' }
    const byKey = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } }
    const bySecret = { token_endpoint_auth_method: 'client_secret_post' }

    test.each<[before: string, after: string, old: Partial<ManagerOptions>, now: Partial<ManagerOptions>]>([
      [
        'a key of the application',
        'a secret',
        { metadata: { ...metadata, ...byKey } },
        { metadata: { ...metadata, ...bySecret } },
      ],
      ['a key of the manager', 'a secret', { keys: {} }, { metadata: { ...metadata, ...bySecret } }],
      ['a secret', 'nothing', {}, { metadata: { ...metadata, token_endpoint_auth_method: 'none' } }],
      ['a secret', 'a key of the manager', {}, { keys: {} }],
    ])('becomes what is declared again: %s, then %s', async (_, after, old, now) => {
      // A secret is shown once, to whoever asked for it.
      const read = (__: unknown, usual: () => Answer): Answer => ({
        ...usual(),
        body: { ...Object(usual().body), client_secret: undefined, client_secret_expires_at: 0 },
      })
      const update = ({ body: sent }: ScriptedRequest, usual: () => Answer): Answer => {
        const { body, ...answer } = usual()
        const issued = sent.includes('client_secret_post') && { client_secret: 'issued', client_secret_expires_at: 0 }
        return { ...answer, body: { ...Object(body), ...issued } }
      }
      await using server = await startScriptedServer({ read, update })
      const store = memoryStore()
      const { client_id } = await start(server, store, old).manager.ensure()
      const backup = { ...server.registration(client_id) }
      const { manager } = start(server, store, { forgetDelay: 0, ...now })
      await manager.ensure()
      const restored = server.registration(client_id) ?? {}
      for (const member of Object.keys(restored)) Reflect.deleteProperty(restored, member)
      Object.assign(restored, backup, { client_secret: 'nobody-knows-it' })
      server.script({ token: probed(() => ({ status: 401, body: { error: 'invalid_client' } })) })
      for (let i = 0; i < 2; i++) await manager.reportRejected(await manager.ensure())
      const method = (await manager.ensure()).token_endpoint_auth_method
      expect([method, server.registration(client_id)?.token_endpoint_auth_method]).toEqual([method, method])
      expect(method).toBe({ nothing: 'none', 'a secret': 'client_secret_post' }[after] ?? 'private_key_jwt')
      expect(server.clients()).toBe(1)
    })
  })

  test('is asked once for what is declared where its server goes on to show its own way, then replaced', async () => {
    const own = (_: unknown, usual: () => Answer): Answer => ({
      ...usual(),
      body: { ...Object(usual().body), token_endpoint_auth_method: 'private_key_jwt', client_secret: undefined },
    })
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), {
      forgetDelay: 0,
      metadata: { ...metadata, token_endpoint_auth_method: 'client_secret_post' },
    })
    const stored = await manager.ensure()
    server.script({ read: own, update: own })
    const shown = await manager.read()
    expect((await manager.reportRejected(shown)).client_id).not.toBe(stored.client_id)
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('is given up only after three observations over forgetDelay', async () => {
    await using server = await startScriptedServer({ read: hashed })
    const { manager } = start(server, memoryStore(), { forgetDelay })
    const stored = await manager.ensure()
    another(server, stored.client_id, 'nobody-knows-it')
    const began = performance.now()
    await manager.reportRejected(stored)
    expect(performance.now() - began).toBeGreaterThanOrEqual(forgetDelay)
    expect(server.requestsTo('read').length).toBeGreaterThanOrEqual(3)
  })
})

describe('a client that an operator has switched off', () => {
  test('is not replaced with reregister: false, and lives again when it is switched on', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const options = { forgetDelay, reregister: false }
    const { manager } = start(server, store, options)
    const stored = await manager.ensure()
    const denied = { status: 401, body: { error: 'invalid_token' } }
    server.script({
      token: probed(() => ({ status: 401, body: { error: 'invalid_client' } })),
      read: denied,
      update: denied,
    })
    const error = await failure(manager.reportRejected(stored))
    expect(error).toMatchObject({ name: 'StateError', code: 'forgotten', outcome: 'not-sent' })
    expect(server.requestsTo('register')).toHaveLength(1)
    // Nothing is marked: whoever starts, starts with what there is, and whoever watches goes on.
    expect(await start(server, store, options).manager.ensure()).toEqual(stored)
    expect((await manager.watch().next()).value).toEqual(stored)
    expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'forgotten' })
    server.script({ token: undefined, read: undefined, update: undefined })
    using clock = takeClock()
    clock.pass(60_000)
    expect(await manager.reportRejected(stored)).toEqual(stored)
    expect(await manager.status()).toMatchObject({ state: 'registered', suspect: false })
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  const unmanaged = { keepManagementToken: false }
  const noUpdates = { profile: { name: 'no updates', cannot: { update: 'It does not.' } } }
  const other = { metadata: { ...metadata, client_name: 'two' } }
  test.each([
    ['another declaration', unmanaged, other, 'drift'],
    ['a secret that is due', noUpdates, {}, 'renewal-failed'],
  ] as const)(
    'is not replaced for %s until its secret has ended, or another is asked for',
    async (_, how, now, type) => {
      using clock = takeClock()
      for (const verb of ['ensure', 'rotate'] as const) {
        await using server = await startScriptedServer({
          register(__, usual) {
            const { body, ...answer } = usual()
            return {
              ...answer,
              body: { ...Object(body), client_secret_expires_at: Math.ceil(Date.now() / 1000) + 1800 },
            }
          },
        })
        const store = memoryStore()
        const options = { forgetDelay: 0, reregister: false, ...how }
        const { manager } = start(server, store, options)
        const stored = await manager.ensure()
        server.forget()
        clock.pass(1_740_000)
        expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'forgotten' })
        const later = start(server, store, { ...options, ...now })
        expect((await later.manager.ensure()).client_id).toBe(stored.client_id)
        expect(later.events).toContainEqual(expect.objectContaining({ type, reason: 'forgotten' }))
        expect(server.requestsTo('register')).toHaveLength(1)
        if (verb === 'ensure') clock.pass(120_000)
        expect((await later.manager[verb]()).client_id).not.toBe(stored.client_id)
      }
    },
  )

  test('is called forgotten after one question where there is no delay', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0, reregister: false })
    const stored = await manager.ensure()
    server.forget()
    for (let reports = 1; reports <= 2; reports++) {
      const message = expect.stringContaining('no longer knows this client')
      expect(await failure(manager.reportRejected(stored))).toMatchObject({ code: 'forgotten', message })
      expect(server.requestsTo('read')).toHaveLength(reports)
    }
    expect(server.requestsTo('register')).toHaveLength(1)
  })
})

describe('a doubt', () => {
  test('that is not confirmed within an hour ends', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const store = memoryStore()
    const { manager } = start(server, store)
    const stored = await manager.ensure()
    server.script({ token: probed(() => ({ status: 401, body: { error: 'invalid_client' } })), read: { status: 503 } })
    await failure(manager.reportRejected(stored, { signal: AbortSignal.timeout(300) }))
    expect(await manager.status()).toMatchObject({ suspect: true, waiting: [{ for: 'proof' }] })
    // A client in doubt is returned, renewed and updated like any other.
    expect(await start(server, store).manager.ensure()).toEqual(stored)
    const renamed = { ...metadata, client_name: 'two' }
    expect(await start(server, store, { metadata: renamed }).manager.ensure()).toMatchObject({ client_name: 'two' })
    clock.pass(3_600_000)
    expect(await manager.status()).toMatchObject({ suspect: false, waiting: [] })
  })

  test('that has ended says nothing of a client that is replaced later', async () => {
    await using server = await startScriptedServer({ update: { status: 405 } })
    using clock = takeClock()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const stored = await manager.ensure()
    server.script({ token: probed(() => ({ status: 401, body: { error: 'invalid_client' } })), read: { status: 503 } })
    await failure(manager.reportRejected(stored, { signal: AbortSignal.timeout(300) }))
    clock.pass(3_600_000)
    server.script({ token: undefined, read: undefined })
    const next = start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager
    expect((await next.ensure()).client_id).not.toBe(stored.client_id)
    // It is known there, so it is deleted like any other, and its successor is not watched for longer.
    expect(await next.status()).toMatchObject({ orphans: [], replaced: [{ client_id: stored.client_id }] })
    expect((await store.peek()).record).not.toHaveProperty('unproven')
  })

  test('is asked about by nobody while it is fresh, and a proof of life serves for a minute', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    for (let i = 0; i < 5; i++) expect(await manager.reportRejected(stored)).toEqual(stored)
    const askedAsClient = (): number =>
      server.requestsTo('token').filter((one) => isProbe(one) && one.status === 400).length
    expect(askedAsClient()).toBe(2)
    clock.wait(60_000)
    expect(await manager.reportRejected(stored)).toEqual(stored)
    expect(askedAsClient()).toBe(3)
  })

  test('is asked about again after a sleep, in which the monotonic clock stood still', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore())
    const stored = await manager.ensure()
    for (let i = 0; i < 3; i++) await manager.reportRejected(stored)
    const before = server.requestsTo('token').length
    clock.sleep(480_000)
    expect(await manager.reportRejected(stored)).toEqual(stored)
    expect(server.requestsTo('token').length).toBeGreaterThan(before)
  })

  test('is asked about again where the machine has slept since the server answered', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    const stored = await manager.ensure()
    let hasSlept = false
    server.script({
      token: probed((request, usual) => {
        const answer = usual()
        if (hasSlept || !asks(request, stored)) return answer
        hasSlept = true
        clock.sleep(480_000)
        server.forget(stored.client_id)
        return answer
      }),
    })
    const fresh = await manager.reportRejected(stored)
    expect(server.clientIds()).toEqual([fresh.client_id])
  })

  test('of a client that was never seen alive lasts twice as long when its successor fares alike', async () => {
    await using server = await startScriptedServer({
      token: probed(() => ({ status: 401, body: { error: 'invalid_client' } })),
      read: { status: 401, body: { error: 'invalid_token' } },
    })
    const { manager } = start(server, memoryStore(), { forgetDelay: 300, timeout: 5000, lease: 10_000 })
    let last = await manager.ensure()
    const times: number[] = []
    for (let i = 0; i < 2; i++) {
      const began = performance.now()
      const next = await manager.reportRejected(last)
      expect(next.client_id).not.toBe(last.client_id)
      times.push(performance.now() - began)
      last = next
    }
    expect(times[0]).toBeGreaterThanOrEqual(300)
    expect(times[1]).toBeGreaterThanOrEqual(600)
    // Registrations that end in nothing are bounded, too.
    expect(await failure(manager.reportRejected(last))).toMatchObject({ code: 'suspect' })
    expect(server.requestsTo('register')).toHaveLength(3)
  })
})

test('that a secret was refused says nothing of a client that needs none any more', async () => {
  const ahead = 3 * 86_400_000
  const dated = (_: ScriptedRequest, usual: () => Answer): Answer => ({
    ...usual(),
    headers: { date: new Date(Date.now() + ahead).toUTCString() },
  })
  const withSecret = { redirect_uris: ['https://app.example/callback'] }
  await using server = await startScriptedServer({ update: dated, read: dated })
  const store = new OpenStore()
  const { client_id } = await start(server, store, { metadata: withSecret }).manager.ensure()
  const at = Date.now() + ahead
  await store.overwrite({ suspicion: { of: 'credentials', first: at - 10_000, last: at - 5000, count: 3 } })
  // By its clock that was in three days; what time it is the server says in its answer.
  const withoutSecret = { ...withSecret, token_endpoint_auth_method: 'none' }
  const { manager } = start(server, store, { forgetDelay, metadata: withoutSecret })
  expect(await manager.ensure()).toMatchObject({ client_id, token_endpoint_auth_method: 'none' })
  expect(await manager.ensure()).toMatchObject({ client_id })
  expect(server.requestsTo('register')).toHaveLength(1)
})
