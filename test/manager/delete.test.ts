import { setImmediate } from 'node:timers/promises'

import { memoryStore, StoreError } from '@registrant/core'
import type { ManagerOptions, RegistrationStore, ServerProfile } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Answer, Scripts } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { actsLate, answersLate, gate, metadata, OpenStore, payer, start } from './managed.ts'
import { stopwatch } from '../support/stopwatch.ts'

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

  test('of an empty store where a registration is expected is refused, and leaves none', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const expecting = start(server, store, { expectExisting: true }).manager
    for (const verb of ['delete', 'read'] as const)
      expect(await failure(expecting[verb]())).toMatchObject({
        name: 'StateError',
        code: 'missing',
        message: expect.not.stringContaining('ensure() registers'),
      })
    // Nothing was written: another start registers, and what was deleted or forgotten is not missing.
    const { manager } = start(server, store)
    await manager.ensure()
    await manager.delete()
    await expecting.delete()
    await manager.forget()
    expect(await failure(expecting.read())).toMatchObject({
      code: 'missing',
      message: expect.stringContaining('ensure() registers'),
    })
    await expecting.delete()
    expect(await expecting.status()).toMatchObject({ state: 'deleted' })
  })

  for (const status of [404, 401, 500]) {
    test(`does not take a ${status} for "gone" where the client is shown: it stays in use, with what that look rotated`, async () => {
      using clock = takeClock()
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
      clock.pass(2000)
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

  test.each<[trouble: string, token: Answer]>([
    ['fails', { status: 503 }],
    ['breaks the connection', { lost: 'before' }],
    ['breaks off its answer', { lost: 'middle' }],
  ])('does not take a denial for "gone" while the token endpoint %s: the next call asks again', async (_, token) => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    await manager.read()
    // An operator has taken the token.
    server.script({ read: { status: 401 }, delete: { status: 401 }, token })
    expect(await failure(manager.delete())).toMatchObject({ status: 401 })
    expect(await manager.status()).toMatchObject({ state: 'deleting', client_id })
    server.script({ token: undefined })
    clock.pass(2000)
    expect(await failure(manager.delete())).toMatchObject({
      code: 'not-managed',
      outcome: 'refused',
      cause: { status: 401 },
    })
    expect(await manager.status()).toMatchObject({ state: 'registered', client_id })
    server.script({ read: undefined, delete: { lost: 'before' } })
    clock.pass(60_000)
    server.script({ read: [undefined, { status: 401 }] })
    expect(await failure(manager.delete())).toMatchObject({ code: 'not-managed', outcome: 'unknown' })
    server.script({ read: undefined, delete: undefined })
    clock.pass(60_000)
    await manager.delete()
    expect(server.clients()).toBe(0)
  })

  for (const status of [401, 404]) {
    test(`does not take a ${status} to the read for "gone": the deletion is sent, and the token endpoint is asked`, async () => {
      using clock = takeClock()
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
      clock.pass(2000)
      await manager.delete()
      expect(server.clients()).toBe(0)
    })
  }

  test('does not take the refusal of an access token that manages clients for "gone"', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer({}, { open: true })
    const { profile, ended } = payer
    const { manager } = start(server, memoryStore(), { profile, accessToken: 'ended', forgetDelay: 0 })
    const stored = await manager.ensure()
    server.script({ read: { body: { ...stored } } })
    await manager.read()
    server.script(ended)
    expect(await failure(manager.delete())).toMatchObject({ status: 401 })
    server.script({ delete: { status: 500 } })
    clock.pass(2000)
    expect(await failure(manager.delete())).toMatchObject({ status: 500 })
    expect(await manager.status()).toMatchObject({ state: 'deleting', client_id: stored.client_id, manageable: true })
    server.script({ read: { body: { ...stored } }, delete: { status: 204 } })
    clock.pass(2000)
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [] })
  })

  test('that nobody could be asked about stays open without a delay too, and the next call goes on', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { forgetDelay: 0 })
    await manager.ensure()
    server.script({ delete: [{ lost: 'after' }], token: { lost: 'before' } })
    expect(await failure(manager.delete())).toMatchObject({ code: 'transport' })
    expect(await manager.status()).toMatchObject({ state: 'deleting' })
    server.script({ token: undefined })
    clock.pass(2000)
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted' })
  })

  test('whose outcome nobody can find out is given up at the third call, also where these are hours apart', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    server.script({ ...payer.ended, read: { status: 401 } })
    for (let n = 0; n < 2; n++) {
      clock.pass(2 * 3_600_000)
      expect(await failure(start(server, store).manager.delete())).toMatchObject({ status: 401 })
    }
    clock.pass(2 * 3_600_000)
    const { manager } = start(server, store)
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [{}] })
  })

  test('that the token endpoint has refuted begins anew: what nobody could find out before does not count', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    const { token, ...denied } = payer.ended
    for (const tells of [false, false, true, false]) {
      server.script({ ...denied, token: tells ? undefined : token })
      clock.pass(600_000)
      expect(await failure(start(server, store).manager.delete())).toMatchObject(
        tells ? { code: 'not-managed' } : { status: 401 },
      )
    }
    expect(server.clients()).toBe(1)
  })

  test('may be repeated after a failure, by anybody, with what the failed one saved; a lost answer is found out', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer({ delete: [{ status: 500 }, { lost: 'after' }] }, { rotate: 'read' })
    const store = memoryStore()
    await start(server, store).manager.ensure()
    expect(await failure(start(server, store).manager.delete())).toMatchObject({ status: 500 })
    clock.pass(2000)
    await start(server, store).manager.delete()
    expect(server.clients()).toBe(0)
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'deleted', orphans: [] })
    expect(server.requestsTo('delete')).toHaveLength(2)
  })

  test('that nobody can find out about stays "deleting", and the next call goes on with it', async () => {
    using clock = takeClock()
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
    clock.pass(2000)
    await start(server, store).manager.delete()
    expect(server.clients()).toBe(0)
  })

  const impossible: Record<string, Answer> = {
    'status 405': { status: 405 },
    'status 403': { status: 403 },
    'a sign-in page': { status: 302, headers: { location: '/login' } },
  }
  for (const [name, answer] of Object.entries(impossible)) {
    test(`that the server can not do throws, and nobody is locked out: ${name}`, async () => {
      await using server = await startScriptedServer({ delete: answer })
      const store = memoryStore()
      const { manager } = start(server, store)
      const { client_id } = await manager.ensure()
      const stored = await manager.read()
      expect(await failure(manager.delete())).toMatchObject({ code: expect.not.stringMatching(/^delet/) })
      expect(await manager.status()).toMatchObject({ state: 'registered', client_id, manageable: true })
      expect(await start(server, store).manager.ensure()).toEqual(stored)
    })
  }

  const unmanaged: Record<string, Partial<ManagerOptions>> = {
    'the token was not kept': { keepManagementToken: false },
    'the profile says so': { profile: { name: 'for ever', cannot: { delete: 'It does not.' } } },
  }
  for (const [name, options] of Object.entries(unmanaged)) {
    test(`of a client that can not be managed changes nothing: ${name}`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const { manager } = start(server, store, options)
      const stored = await manager.ensure()
      const before = await store.peek()
      const requests = server.requests.length
      expect(await failure(manager.delete())).toMatchObject({ name: 'NotSupportedError' })
      expect((await store.peek()).value).toBe(before.value)
      expect(server.requests).toHaveLength(requests)
      expect(await start(server, store, options).manager.ensure()).toEqual(stored)
    })
  }

  test('while the server can not be reached throws, and the state is as before', async () => {
    await using server = await startScriptedServer({ read: { lost: 'before' } })
    const store = memoryStore()
    const { manager } = start(server, store)
    const stored = await manager.ensure()
    expect(await failure(manager.delete())).toMatchObject({ code: 'transport' })
    expect(server.requestsTo('delete')).toEqual([])
    expect(await manager.status()).toMatchObject({ state: 'registered' })
    expect(await start(server, store).manager.ensure()).toEqual(stored)
  })

  const signIn = {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Sign in</title><script>var oidc = {"client_id":"proxy"}</script>',
  }
  for (const [name, answer] of [
    ['a page of somebody before the server', signIn],
    ['an OAuth error under the status of a success', { status: 200, body: { error: 'access_denied' } }],
  ] as const)
    test(`that is answered with ${name} throws, and the client stays in use`, async () => {
      using clock = takeClock()
      await using server = await startScriptedServer({ delete: answer })
      const store = memoryStore()
      const { manager } = start(server, store)
      const { client_id } = await manager.ensure()
      expect(await failure(manager.delete())).toMatchObject({ code: 'unexpected-answer', status: 200 })
      expect(server.clientIds()).toEqual([client_id])
      expect(await manager.status()).toMatchObject({ state: 'registered', client_id, manageable: true })
      server.script({ delete: undefined })
      clock.pass(2000)
      await manager.delete()
      expect(server.clients()).toBe(0)
    })

  test('that is answered with a word of a server that calls everything HTML is done', async () => {
    const word = { status: 200, headers: { 'content-type': 'text/html' }, body: 'deleted' }
    await using server = await startScriptedServer({ delete: word })
    const { manager } = start(server, memoryStore())
    await manager.ensure()
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [] })
  })

  test.each([
    ['fails', { status: 500 }, 'deletion'],
    ['gets no answer', { lost: 'before' }, 'server'],
  ] as const)(
    'has a pause where the look before it %s, like a look itself, and is done after that',
    async (_, read, waitsFor) => {
      using clock = takeClock()
      await using server = await startScriptedServer({ read })
      const { manager } = start(server, memoryStore())
      await manager.ensure()
      await failure(manager.delete())
      expect((await manager.status()).waiting).toMatchObject([{ for: waitsFor, reason: expect.any(String) }])
      const waits: number[] = []
      for (let n = 0; n < 10; n++) {
        const { code, retryAfter } = Object(await failure(manager.delete()))
        expect(code).toBe('attempts-spent')
        waits.push(retryAfter)
      }
      expect(Math.max(...waits)).toBeLessThanOrEqual(1000)
      expect(server.requestsTo('read')).toHaveLength(1)
      expect(await manager.status()).toMatchObject({ state: 'registered', manageable: true })
      server.script({ read: undefined })
      clock.pass(1000)
      await manager.delete()
      expect(server.clients()).toBe(0)
    },
  )

  test.each<[answer: string, answers: Scripts]>([
    ['a 500', { delete: { status: 500 } }],
    ['no answer', { delete: { lost: 'before' } }],
    ['a denial of a client that lives', { delete: { status: 401, body: { error: 'invalid_token' } } }],
    [
      'nothing that anybody could be asked about',
      { delete: { status: 500 }, read: [undefined, { status: 503 }], token: { status: 503 } },
    ],
  ])('has a pause after %s, for every replica, and is done after that', async (_, answers) => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store).manager.ensure()
    server.script(answers)
    await failure(start(server, store).manager.delete())
    const before = server.requests.length
    for (let n = 0; n < 8; n++) {
      const error = await failure(start(server, store).manager.delete())
      expect(error).toMatchObject({ code: 'attempts-spent', retryAfter: expect.any(Number) })
    }
    expect(server.requests).toHaveLength(before)
    expect((await start(server, store).manager.status()).waiting).toMatchObject([{ for: 'deletion' }])
    server.script({ delete: undefined, read: undefined, token: undefined })
    clock.pass(1000)
    await start(server, store).manager.delete()
    expect(server.clients()).toBe(0)
  })

  test('that the server puts off throws, and the state is as before', async () => {
    await using server = await startScriptedServer({ delete: { status: 429, headers: { 'retry-after': '60' } } })
    const { manager } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    expect(await failure(manager.delete())).toMatchObject({ status: 429, retryAfter: 60_000 })
    expect(server.requestsTo('read')).toHaveLength(1)
    expect(await manager.status()).toMatchObject({ state: 'registered', client_id, waiting: [{ for: 'server' }] })
  })

  test('is not sent before the moment that the server named when it was asked for something else', async () => {
    await using server = await startScriptedServer({ update: { status: 429, headers: { 'retry-after': '1800' } } })
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    const other = start(server, store, { metadata: { ...metadata, scope: 'orders more' } }).manager
    await other.ensure()
    const before = server.requests.length
    expect(await failure(other.delete())).toMatchObject({ code: 'attempts-spent', retryAfter: expect.any(Number) })
    expect(await failure(manager.delete())).toMatchObject({ code: 'attempts-spent', retryAfter: expect.any(Number) })
    expect(server.requests).toHaveLength(before)
    expect(await manager.status()).toMatchObject({ state: 'registered' })
  })

  test('of which nobody can tell, three times over forgetDelay, is deleted and listed', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore(), { forgetDelay: 4000 })
    const { client_id } = await manager.ensure()
    // No address answers for it any more, and the token endpoint tells everybody the same.
    server.script({
      read: { status: 404 },
      delete: { status: 500 },
      token: ({ body }, usual) =>
        body.includes('authorization_code') ? { status: 400, body: { error: 'invalid_request' } } : usual(),
    })
    for (let i = 0; i < 2; i++) {
      expect(await failure(manager.delete())).toMatchObject({ status: 500 })
      expect(await manager.status()).toMatchObject({ state: 'registered', client_id })
      clock.pass(2000)
    }
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [{ client_id }] })
  })

  for (const [name, read, first] of [
    ['no address ever answered for', () => ({ status: 404 }), 'ensure'],
    ['a read that nobody answered may have given another token', () => [{ lost: 'after' as const }], 'read'],
    ['the read of a deletion before may have given another token', () => [{ lost: 'after' as const }], 'delete'],
  ] as const)
    test(`of a client whose secret an operator made anew, and that ${name}, lists it: it may live`, async () => {
      const script = first === 'ensure' ? { delete: { status: 404 } } : {}
      await using server = await startScriptedServer({ read: read(), ...script }, { rotate: 'read' })
      using clock = takeClock()
      const { manager, told } = start(server, memoryStore())
      const { client_id } = await manager.ensure()
      if (first !== 'ensure') expect(await failure(manager[first]())).toMatchObject({ name: 'TransportError' })
      clock.pass(60_000)
      Object.assign(server.registration(client_id) ?? {}, { client_secret: 'made by an operator' })
      await manager.delete()
      expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [{ client_id }] })
      expect(told()).toContain('orphan')
      expect(server.clients()).toBe(1)
    })

  test('of a client whose secret has ended, and whose token is denied, lists it: that the secret is refused says nothing of it', async () => {
    const denied = { status: 401, body: { error: 'invalid_token' } }
    await using server = await startScriptedServer(
      {
        read: denied,
        delete: denied,
        token: ({ body }, usual) =>
          body.includes('authorization_code') ? { status: 401, body: { error: 'invalid_client' } } : usual(),
      },
      { secretLifetime: 60 },
    )
    using clock = takeClock()
    const { manager, told } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    clock.pass(90_000)
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [{ client_id }] })
    expect(told()).toContain('orphan')
    expect(server.clients()).toBe(1)
  })

  test('leaves a tombstone also where the store goes back meanwhile, and names the client that is gone', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    const { record } = await store.peek()
    server.script({
      delete: (_, usual) => {
        // A neighbour has seen what the store went back to, and saved above it.
        void store.overtake(record)
        return usual()
      },
    })
    const other = start(server, store)
    await manager.delete()
    expect(server.clients()).toBe(0)
    expect(await failure(other.manager.ensure())).toMatchObject({ code: 'deleted' })
  })

  test('of a client whose token an update has replaced meanwhile leaves it to whoever made that: it is listed, and swept', async () => {
    const answering = gate()
    await using server = await startScriptedServer({}, { rotate: 'update' })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    server.script({
      update: answersLate(answering),
      token: { status: 401, body: { error: 'invalid_client' } },
    })
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
    const updated = failure(manager.ensure())
    await expect.poll(() => server.requestsTo('update').length).toBe(1)
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 0 } })
    await start(server, store).manager.delete()
    expect(server.clientIds()).toEqual([client_id])
    answering.open()
    expect(await updated).toMatchObject({ code: 'deleted' })
    expect((await manager.status()).orphans).toMatchObject([{ client_id }])
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })

  test('deletes what somebody has registered meanwhile, too', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, events } = start(server, store)
    const { client_id } = await manager.ensure()
    const { record } = await store.peek()
    const other = await start(server, new OpenStore()).manager.ensure()
    server.script({
      delete: [
        (_, usual) => {
          void store.overtake(record, { registration: other })
          return usual()
        },
      ],
    })
    await manager.delete()
    expect(server.clients()).toBe(0)
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleted' })
    const deleted = events.filter(({ type }) => type === 'deleted')
    expect(deleted).toMatchObject([{ client_id }, { client_id: other.client_id }])
  })

  for (const answer of ['the client', 'a 403'] as const)
    test(`is not sent where somebody has started over with that client before ${answer} came: what was decided since stands`, async () => {
      const looked = gate()
      await using server = await startScriptedServer()
      const store = memoryStore()
      const { manager } = start(server, store)
      const client = await manager.ensure()
      const usual = answer === 'a 403' ? () => ({ status: 403 }) : (_: unknown, it: () => Answer) => it()
      server.script({
        read: [
          async (request, own) => {
            await looked.opened
            return usual(request, own)
          },
        ],
      })
      const deletion = failure(manager.delete())
      await expect.poll(() => server.requestsTo('read').length).toBe(1)
      const other = start(server, store).manager
      await other.forget()
      await other.recover(client)
      looked.open()
      expect(await deletion).toMatchObject({ code: 'deleting', outcome: 'not-sent' })
      expect(server.requestsTo('delete')).toEqual([])
      expect((await start(server, store).manager.ensure()).client_id).toBe(client.client_id)
      await manager.delete()
      expect(server.clients()).toBe(0)
    })

  test('is not sent to an address that shows another client, and the state is as before', async () => {
    await using server = await startScriptedServer({ read: { body: { ...metadata, client_id: 'somebody-else' } } })
    const { manager } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    expect(await failure(manager.delete())).toMatchObject({ name: 'PolicyError', rule: 'client-id-changed' })
    expect(server.requestsTo('delete')).toEqual([])
    expect(await manager.status()).toMatchObject({ state: 'registered', client_id })
  })

  test('is announced anew where a look took so long that others could take over before it is answered', async () => {
    const [looked, deleted] = [gate(), gate()]
    await using server = await startScriptedServer({ read: answersLate(looked), delete: actsLate(deleted) })
    using clock = takeClock()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    const deleting = manager.delete()
    await expect.poll(() => server.requestsTo('read').length).toBe(1)
    const first = (await store.peek()).record['intent']
    clock.wait(6000)
    looked.open()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    const { intent } = (await store.peek()).record
    expect(intent).toMatchObject({ operation: 'delete' })
    expect(intent).not.toEqual(first)
    expect(server.requestsTo('read')).toHaveLength(1)
    deleted.open()
    await deleting
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

  test('at a store that lets no save in asks it less and less often, until its caller leaves', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store).manager.ensure()
    let loads = 0
    const outdated: RegistrationStore = {
      load: async (key) => {
        loads++
        await setImmediate()
        return store.load(key)
      },
      save: () => Promise.resolve(false),
    }
    const { manager } = start(server, outdated)
    const deletion = manager.delete({ signal: AbortSignal.timeout(1000) })
    expect(await failure(deletion)).toMatchObject({ code: 'aborted' })
    expect(loads).toBeGreaterThan(3)
    expect(loads).toBeLessThan(50)
    expect(server.clients()).toBe(1)
  })

  test('waits for a starter that is at it, and deletes what it made', async () => {
    const answering = gate()
    await using server = await startScriptedServer({
      register: actsLate(answering),
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

  test('goes on with the token that its look brought, where the store took nothing then', async () => {
    await using server = await startScriptedServer({}, { rotate: 'both' })
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    store.beforeSave = () => {
      if (server.requestsTo('read').length > 0) throw new StoreError('store-denied', 'The disk is read-only.')
    }
    expect(await failure(manager.delete())).toMatchObject({ code: 'store-denied' })
    expect(server.requestsTo('delete')).toEqual([])
    store.beforeSave = undefined
    await manager.delete()
    expect(server.clients()).toBe(0)
  })

  test('is respected by a call whose update was under way meanwhile, and failed', async () => {
    await using server = await startScriptedServer({ read: { status: 500 } })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    server.script({
      update: async () => {
        await store.overtake((await store.peek()).record, { registration: undefined, deleted: true })
        return { status: 500 }
      },
    })
    const { manager, told } = start(server, store, { metadata: { ...metadata, scope: 'orders invoices' } })
    expect(await failure(manager.ensure())).toMatchObject({ code: 'deleted' })
    expect(told()).not.toContain('drift')
  })

  test('is respected at once by a start that would have to wait otherwise', async () => {
    await using server = await startScriptedServer({ read: { delay: Infinity } })
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    const deleted = failure(manager.delete())
    await expect.poll(() => server.requestsTo('read').length).toBe(1)
    using watch = stopwatch()
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'deleting' })
    expect(watch.ms).toBeLessThan(500)
    expect(await deleted).toMatchObject({ outcome: 'unknown' })
  })

  test('lists a client whose token and secret an update has replaced in an answer that could not be read', async () => {
    await using server = await startScriptedServer(
      { update: (_, usual) => ({ ...usual(), body: '{"client_id":"cli' }) },
      { rotate: 'update' },
    )
    const store = memoryStore()
    const first = await start(server, store).manager.ensure()
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
    await manager.ensure()
    server.script({ token: { status: 401, body: { error: 'invalid_client' } } })
    await manager.delete()
    expect(server.clientIds()).toEqual([first.client_id])
    expect((await manager.status()).orphans).toMatchObject([{ client_id: first.client_id }])
  })

  const renewals: Record<string, Answer> = {
    'that could not be read': { status: 200, body: '{"client_id":"cli' },
    'that the server did not send': { status: 500 },
  }
  for (const [name, answer] of Object.entries(renewals))
    for (const [witness, status, error] of [
      ['denies it', 401, 'invalid_client'],
      ['cannot tell', 400, 'invalid_request'],
    ] as const)
      test(`lists a client whose token a renewal has replaced in an answer ${name}, where the token endpoint ${witness}`, async () => {
        const update = (_: unknown, usual: () => Answer): Answer => {
          usual()
          return answer
        }
        await using server = await startScriptedServer({ update }, { rotate: 'update' })
        const { manager } = start(server, memoryStore())
        await manager.ensure()
        const { client_id } = await manager.read()
        await failure(manager.rotate())
        server.script({ token: { status, body: { error } } })
        await manager.delete()
        expect(server.clientIds()).toEqual([client_id])
        expect(await manager.status()).toMatchObject({ state: 'deleted', orphans: [{ client_id }] })
      })

  test('that is given up while the token endpoint is asked leaves no tombstone: the client may live', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager, told } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.read()
    const denied = { status: 401, body: { error: 'invalid_token' } }
    server.script({ read: denied, delete: denied, token: { delay: Infinity } })
    const deleting = failure(manager.delete())
    await expect.poll(() => server.requestsTo('token').length, { timeout: 5000 }).toBeGreaterThan(1)
    await manager.close()
    await deleting
    expect(told()).not.toContain('deleted')
    expect(await start(server, store).manager.status()).not.toMatchObject({ state: 'deleted' })
    expect(server.clientIds()).toEqual([client_id])
  })

  test('leaves what would be more than ten requests in a minute to sweep()', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    for (let i = 0; i < 4; i++) await manager.rotate()
    await manager.delete()
    await manager.close()
    expect(server.requests.filter(({ method }) => method !== 'GET').length).toBeLessThanOrEqual(10)
    const other = start(server, store).manager
    const { orphans } = await other.status()
    expect(orphans.map(({ client_id }) => client_id)).toEqual(server.clientIds())
    expect(orphans.length).toBeGreaterThan(0)
    expect(await other.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })

  test('that is denied asks the token endpoint as often as ten requests in a minute allow, and says how long it waits', async () => {
    const denied = { status: 401, body: { error: 'invalid_token' } }
    await using server = await startScriptedServer({
      read: denied,
      delete: denied,
      token: ({ body }, usual) =>
        body.includes('authorization_code') ? { status: 400, body: { error: 'invalid_request' } } : usual(),
    })
    using clock = takeClock()
    const { manager } = start(server, memoryStore(), { forgetDelay: 600_000 })
    const { client_id } = await manager.ensure()
    let error: unknown
    for (let i = 0; i < 6 && Object(error).code !== 'attempts-spent'; i++) {
      error = await failure(manager.delete())
      clock.pass(2000)
    }
    expect(error).toMatchObject({ code: 'attempts-spent', message: expect.stringContaining('in a minute') })
    expect(Object(error).retryAfter).toBeGreaterThan(50_000)
    for (let i = 0; i < 12; i++) await failure(manager.delete())
    expect(server.requests.filter(({ method }) => method !== 'GET').length).toBeLessThanOrEqual(10)
    expect(await manager.status()).toMatchObject({ state: 'registered', client_id })
    clock.pass(62_000)
    expect(await failure(manager.delete())).toMatchObject({ status: 401 })
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
