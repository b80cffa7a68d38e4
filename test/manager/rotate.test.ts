import { memoryStore, StoreError } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, sayingLittle, start } from './managed.ts'

let clock: Clock
beforeEach(() => {
  clock = takeClock()
})
afterEach(() => clock[Symbol.dispose]())

/** An update brings another secret, as some servers do. */
const brings =
  (secret: () => string) =>
  (_: unknown, usual: () => Answer): Answer => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), client_secret: secret() } }
  }

/** An update moves the end of the secret, and nothing else. */
const later = (_: unknown, usual: () => Answer): Answer => {
  const answer = usual()
  const body = Object(answer.body)
  return { ...answer, body: { ...body, client_secret_expires_at: body.client_secret_expires_at + 60 } }
}

describe('rotate()', () => {
  test('takes the secret that an update brings', async () => {
    let count = 0
    await using server = await startScriptedServer({ update: brings(() => `secret-number-${++count}`) })
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    const first = await manager.ensure()
    const fresh = await manager.rotate()
    expect(fresh).toMatchObject({ client_id: first.client_id, client_secret: 'secret-number-1' })
    expect(told()).toEqual(['intent', 'registered', 'intent', 'renewed'])
    expect(await start(server, store).manager.ensure()).toEqual(fresh)
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(await manager.rotate()).toMatchObject({ client_secret: 'secret-number-2' })
  })

  test('registers anew where an update brings none, and the old client stays for the overlap', async () => {
    await using server = await startScriptedServer()
    const { manager, told } = start(server, memoryStore(), { overlap: 60_000 })
    const first = await manager.ensure()
    const fresh = await manager.rotate()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(await manager.ensure()).toEqual(fresh)
    const { replaced } = await manager.status()
    expect(replaced).toMatchObject([{ client_id: first.client_id }])
    expect(replaced[0]?.deleteAt).toBeGreaterThan(Date.now() + 55_000)
    expect(server.clientIds()).toEqual([first.client_id, fresh.client_id])
    expect(told()).toContain('replaced')
    clock.pass(60_000)
    expect(await manager.sweep()).toEqual([])
    expect(server.clientIds()).toEqual([fresh.client_id])
  })

  test('registers anew where an update only moves the end of the same secret', async () => {
    const options = { secretLifetime: 86_400, renewSecretOnUpdate: true }
    await using server = await startScriptedServer({ update: later }, options)
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    const first = await manager.ensure()
    const fresh = await manager.rotate()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(fresh.client_secret).not.toBe(first.client_secret)
    expect(await manager.ensure()).toEqual(fresh)
    expect(told().filter((type) => type === 'renewed')).toHaveLength(1)
    expect(server.requestsTo('update')).toHaveLength(1)
    expect((await store.peek()).record['renewsNothing']).toBeUndefined()
  })

  for (const isMoved of [false, true]) {
    test(`throws where the server gives out the same client again, and its secret ${isMoved ? 'ends later' : 'is the same'}`, async () => {
      await using server = await startScriptedServer({ update: { status: 405 } }, { secretLifetime: 86_400 })
      const store = new OpenStore()
      const { manager, told } = start(server, store)
      const first = await manager.ensure()
      const end = Number(first.client_secret_expires_at) + (isMoved ? 3600 : 0)
      const token = 'another-management-token'
      const again = {
        ...server.registration(first.client_id),
        client_secret_expires_at: end,
        registration_access_token: token,
      }
      server.script({ register: { status: 201, body: again } })
      const error = await failure(manager.rotate())
      expect(error).toMatchObject({ code: 'unsupported', outcome: 'accepted' })
      expect(Object(error).message).toContain('the same secret again')
      expect(told()).not.toContain('renewed')
      expect(server.requestsTo('register')).toHaveLength(2)
      // What the answer brought counts all the same.
      const { registration } = (await store.peek()).record
      expect(registration).toMatchObject({ registration_access_token: token, client_secret_expires_at: end })
      expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_secret_expires_at: end })
    })
  }

  test('throws where a changed declaration brings the same client with the same secret', async () => {
    await using server = await startScriptedServer({ update: { status: 405 } })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    server.script({
      register: { status: 201, body: { ...server.registration(first.client_id), client_name: 'Renamed' } },
    })
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'Renamed' } })
    expect(await failure(manager.rotate())).toMatchObject({ code: 'unsupported' })
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'Renamed' })
  })

  test('registers what is declared anew where the management token is lost', async () => {
    await using server = await startScriptedServer({ update: [{ lost: 'after' }] }, { rotate: 'update' })
    const store = new OpenStore()
    const options = { forgetDelay: 4000 }
    const before = start(server, store, options).manager
    await before.ensure()
    const first = await before.read()
    const renamed = { ...metadata, client_name: 'Renamed' }
    const { manager, told } = start(server, store, { ...options, metadata: renamed })
    for (let calls = 0; calls < 3; calls++) {
      expect(await manager.ensure()).toEqual(first)
      clock.pass(2000)
    }
    expect(await manager.status()).toMatchObject({ manageable: false })
    const fresh = await manager.rotate()
    expect(fresh).toMatchObject({ client_name: 'Renamed' })
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(told()).toContain('replaced')
    expect(await manager.ensure()).toEqual(fresh)
  })

  test('publishes another key where the manager keeps them', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { keys: {} })
    const signer = async (): Promise<string | undefined> =>
      decodeProtectedHeader((await manager.authentication()).form?.['client_assertion'] ?? '').kid
    const { client_id } = await manager.ensure()
    const before = await signer()
    const fresh = await manager.rotate()
    expect(fresh.client_id).toBe(client_id)
    const after = await signer()
    expect(after).not.toBe(before)
    // The old one stays published for those who sign with it still.
    expect(server.registration(client_id)).toMatchObject({ jwks: { keys: [{ kid: after }, { kid: before }] } })
  })

  test('publishes another key also where the one that signs was made by a clock that is ahead', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    clock.pass(2 * 3_600_000)
    const first = start(server, store, { keys: {} }).manager
    const { client_id } = await first.ensure()
    const kids = (): unknown[] =>
      Object(server.registration(client_id))['jwks'].keys.map(({ kid }: { kid: string }) => kid)
    const [before] = kids()
    clock.pass(-2 * 3_600_000)
    await start(server, store, { keys: {} }).manager.rotate()
    expect(kids()).toEqual([expect.not.stringContaining(String(before)), before])
  })

  test('brings another secret where the server has made that of a client that was to have keys', async () => {
    const method = { token_endpoint_auth_method: 'client_secret_basic', jwks: undefined }
    const bySecret = (_: unknown, usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      return { ...answer, body: { client_secret: `of ${Object(body).client_id}`, ...Object(body), ...method } }
    }
    await using server = await startScriptedServer({ register: bySecret, update: bySecret })
    const { manager } = start(server, memoryStore(), { keys: {} })
    const first = await manager.ensure()
    const fresh = await manager.rotate()
    expect(fresh.client_secret).not.toBe(first.client_secret)
    expect(fresh.client_id).not.toBe(first.client_id)
  })

  test('registers a client with another key where it can not be updated', async () => {
    await using server = await startScriptedServer()
    const profile = { name: 'no updates', cannot: { update: 'It does not.' } }
    const { manager } = start(server, memoryStore(), { keys: {}, profile })
    const first = await manager.ensure()
    const fresh = await manager.rotate()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(fresh['jwks']).not.toEqual(first['jwks'])
  })

  test('registers where there is nothing to rotate', async () => {
    await using server = await startScriptedServer()
    const { client_id } = await start(server, memoryStore()).manager.rotate()
    expect(server.clientIds()).toEqual([client_id])
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('is done once for all who call it together', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    await manager.ensure()
    const all = await Promise.all(Array.from({ length: 5 }, () => manager.rotate()))
    expect(new Set(all.map(({ client_id }) => client_id)).size).toBe(1)
    expect(server.clients()).toBe(2)
  })

  test('counts in the five registrations an hour, and says so', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    let last = await manager.ensure()
    for (let i = 0; i < 4; i++) {
      last = await manager.rotate()
      clock.pass(1000)
    }
    const error = await failure(manager.rotate())
    expect(error).toMatchObject({ name: 'StateError', code: 'attempts-spent' })
    expect(Object(error).retryAfter).toBeGreaterThan(3_500_000)
    expect(server.requestsTo('register')).toHaveLength(5)
    expect(await manager.ensure()).toEqual(last)
    clock.pass(3_600_000)
    expect((await manager.rotate()).client_id).not.toBe(last.client_id)
  })

  test('sends ten requests in a minute at most, and says how long it waits', async () => {
    let count = 0
    await using server = await startScriptedServer({ update: brings(() => `secret-number-${++count}`) })
    const { manager } = start(server, memoryStore())
    let last = await manager.ensure()
    let error: unknown
    for (let i = 0; i < 20 && error === undefined; i++)
      error = await manager.rotate().then(
        (fresh) => void (last = fresh),
        (thrown: unknown) => thrown,
      )
    expect(error).toMatchObject({ code: 'attempts-spent', message: expect.stringContaining('in a minute') })
    const reason = expect.stringContaining('in a minute')
    expect((await manager.status()).waiting).toMatchObject([{ for: 'registration', reason }])
    expect(Object(error).retryAfter).toBeGreaterThan(50_000)
    const sent = server.requests.filter(({ method }) => method !== 'GET').length
    expect(sent).toBeGreaterThanOrEqual(9)
    expect(sent).toBeLessThanOrEqual(10)
    expect(await manager.ensure()).toEqual(last)
    clock.pass(61_000)
    expect((await manager.rotate()).client_secret).toBe(`secret-number-${count}`)
  })

  test('is done once where the store takes a save that it has called a failure', async () => {
    await using server = await startScriptedServer()
    const inner = memoryStore()
    let isArriving = false
    const store: RegistrationStore = {
      load: (key) => inner.load(key),
      async save(key, value, expected) {
        if (isArriving || server.clients() < 2) return inner.save(key, value, expected)
        isArriving = true
        setTimeout(() => void inner.save(key, value, expected), 20)
        throw new Error('The connection broke.')
      },
    }
    const { manager, told } = start(server, store)
    await manager.ensure()
    const fresh = await manager.rotate()
    expect(isArriving).toBe(true)
    expect(server.clients()).toBe(2)
    expect(told().filter((type) => type === 'renewed')).toHaveLength(1)
    expect(await manager.ensure()).toEqual(fresh)
  })

  test('fails as its request does, and the client in use stays', async () => {
    await using server = await startScriptedServer({ update: { status: 500 }, register: [undefined, { status: 500 }] })
    const { manager } = start(server, memoryStore(), { keepManagementToken: false })
    const first = await manager.ensure()
    expect(await failure(manager.rotate())).toMatchObject({ status: 500 })
    expect(await manager.ensure()).toEqual(first)
  })

  test('throws where the store does not take what it announces, and nothing was sent', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    store.beforeSave = () => {
      throw new StoreError('store-denied', 'read-only')
    }
    const before = server.requests.length
    for (const call of [manager.rotate(), manager.read()])
      expect(await failure(call)).toMatchObject({ code: 'store-denied', outcome: 'not-sent' })
    expect(server.requests).toHaveLength(before)
    expect(await manager.ensure()).toEqual(first)
  })

  test('throws where a changed declaration comes first and is not taken', async () => {
    await using server = await startScriptedServer({ update: { status: 500 } })
    const store = memoryStore()
    const declared = { ...metadata, client_name: 'one' }
    const first = await start(server, store, { metadata: declared }).manager.ensure()
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
    expect(await failure(manager.rotate())).toMatchObject({ status: 500 })
    expect(await manager.ensure()).toEqual(first)
  })

  test('leaves no client without a secret that a higher generation wants to have one', async () => {
    await using server = await startScriptedServer(sayingLittle())
    const store = new OpenStore()
    const { client_id } = await start(server, store, { generation: 2 }).manager.ensure()
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const { manager } = start(server, store, { generation: 1, metadata: declared })
    const fresh = await manager.rotate()
    expect(fresh).toMatchObject({ client_secret: expect.any(String) })
    expect(fresh.client_id).not.toBe(client_id)
  })

  test('says that nothing was renewed where the server hands out the same client again, and no secret', async () => {
    await using server = await startScriptedServer()
    const { manager, told } = start(server, memoryStore(), {
      profile: { name: 'no updates', cannot: { update: 'It does not.' } },
    })
    const first = await manager.ensure()
    server.script({ register: { status: 200, body: { ...metadata, client_id: first.client_id } } })
    expect(await failure(manager.rotate())).toMatchObject({ message: expect.stringContaining('same secret') })
    expect(told()).toContain('renewal-failed')
    expect(told()).not.toContain('renewed')
    const { client_secret, registration_access_token } = first
    expect(await manager.ensure()).toMatchObject({ client_secret, registration_access_token })
  })

  for (const state of ['deleted', 'missing'] as const) {
    test(`throws ${state}`, async () => {
      await using server = await startScriptedServer()
      const store = memoryStore()
      if (state === 'deleted') await start(server, store).manager.delete()
      const { manager } = start(server, store, { expectExisting: true })
      expect(await failure(manager.rotate())).toMatchObject({ code: state })
      expect(server.requestsTo('register')).toEqual([])
    })
  }
})

test('what the caller changes in its lists later is not declared', async () => {
  await using server = await startScriptedServer({ update: { status: 405 } })
  const redirect_uris = ['https://app.example/cb']
  const { manager } = start(server, new OpenStore(), { metadata: { ...metadata, redirect_uris } })
  await manager.ensure()
  redirect_uris.push('https://other.example/cb')
  expect(await manager.rotate()).toMatchObject({ redirect_uris: ['https://app.example/cb'] })
})

test('metadata that was declared stays what it is when credentials are rotated', async () => {
  await using server = await startScriptedServer()
  const declared = { ...metadata, client_name: 'orders 1' }
  const { manager } = start(server, memoryStore(), { metadata: declared })
  await manager.ensure()
  expect(await manager.rotate()).toMatchObject(declared)
})
