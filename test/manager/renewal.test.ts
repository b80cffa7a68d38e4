import { memoryStore } from '@registrant/core'
import type { RegistrationRequest } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

/** A client behind which a person stands. */
const ofUsers: RegistrationRequest = { redirect_uris: ['https://app.example/cb'], grant_types: ['authorization_code'] }

/** The life of every secret here, in seconds: a day, so that nothing happens by itself. */
const life = 86_400

/** Moves a record back in time, as if a share of the secret's life were over, and the expiry with it. */
async function age(store: OpenStore, share: number): Promise<void> {
  const { record } = await store.peek()
  const back = life * 1000 * share
  const shifted = Object.fromEntries(
    ['secretSince', 'renewAt'].map((member) => [member, Number(record[member]) - back]),
  )
  const registration = Object(record['registration'])
  await store.overwrite({
    ...shifted,
    registration: { ...registration, client_secret_expires_at: registration.client_secret_expires_at - back / 1000 },
  })
}

describe('a secret that ends', () => {
  test('is left alone until 60 % of its life', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    await age(store, 0.59)
    const before = server.requests.length
    expect((await start(server, store).manager.ensure()).client_id).toBe(first.client_id)
    expect(server.requests).toHaveLength(before)
  })

  test('is due at a moment between 60 and 73 % of its life, the same for all replicas', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const shares = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const store = new OpenStore()
      await start(server, store).manager.ensure()
      const { renewAt, secretSince } = (await store.peek()).record
      shares.add((Number(renewAt) - Number(secretSince)) / (life * 1000))
    }
    expect(shares.size).toBeGreaterThan(10)
    for (const share of shares) {
      expect(share).toBeGreaterThan(0.599)
      expect(share).toBeLessThan(0.735)
    }
  })

  test('is renewed by an update where that moves its end', async () => {
    await using server = await startScriptedServer(
      {},
      { secretLifetime: life, renewSecretOnUpdate: true, rotate: 'update' },
    )
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    await age(store, 0.75)
    const { manager, told } = start(server, store)
    const renewed = await manager.ensure()
    expect(renewed.client_id).toBe(first.client_id)
    expect(renewed.client_secret_expires_at).toBeGreaterThanOrEqual(first.client_secret_expires_at ?? 0)
    expect(told()).toEqual(['intent', 'renewed'])
    const before = server.requests.length
    expect(await start(server, store).manager.ensure()).toEqual(renewed)
    expect(server.requests).toHaveLength(before)
    expect(Number((await store.peek()).record['renewAt'])).toBeGreaterThan(Date.now() + life * 500)
  })

  test('is replaced by a new registration where an update does not help, and the old client goes after the overlap', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    server.script({ update: (_, usual) => usual() })
    await age(store, 0.75)
    const aged = (await store.peek()).record
    // The server tells the end that it has told all along.
    server.script({
      update: (_, usual) => {
        const answer = usual()
        const { client_secret_expires_at } = Object(aged['registration'])
        return { ...answer, body: { ...Object(answer.body), client_secret_expires_at } }
      },
    })
    const second = start(server, store, { overlap: 200 })
    const fresh = await second.manager.ensure()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(second.told()).toEqual(['intent', 'intent', 'registered', 'replaced', 'renewed'])
    expect(server.clientIds()).toEqual([first.client_id, fresh.client_id])
    await new Promise((resolve) => setTimeout(resolve, 250))
    await second.manager.sweep()
    expect(server.clientIds()).toEqual([fresh.client_id])
  })

  test('waits for 90 % of its life where users have granted something to the client', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: ofUsers }).manager.ensure()
    const keepsEnd = async (): Promise<void> => {
      const { registration } = (await store.peek()).record
      const { client_secret_expires_at } = Object(registration)
      server.script({
        update: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), client_secret_expires_at } }),
      })
    }
    await age(store, 0.75)
    await keepsEnd()
    expect((await start(server, store, { metadata: ofUsers }).manager.ensure()).client_id).toBe(first.client_id)
    expect(server.requestsTo('update')).toHaveLength(1)
    expect((await start(server, store, { metadata: ofUsers }).manager.ensure()).client_id).toBe(first.client_id)
    expect(server.requestsTo('update')).toHaveLength(1)
    await age(store, 0.21)
    const fresh = await start(server, store, { metadata: ofUsers }).manager.ensure()
    expect(fresh.client_id).not.toBe(first.client_id)
  })

  for (const [name, script] of Object.entries({
    'status 500': { status: 500 },
    'no answer': { lost: 'before' as const },
  })) {
    test(`does not stop a start while it lives: ${name}`, async () => {
      await using server = await startScriptedServer({}, { secretLifetime: life })
      const store = new OpenStore()
      const first = await start(server, store).manager.ensure()
      await age(store, 0.75)
      server.script({ update: script, read: script, register: script })
      for (let i = 0; i < 3; i++) {
        expect((await start(server, store).manager.ensure()).client_secret).toBe(first.client_secret)
      }
      expect(server.requestsTo('register')).toHaveLength(1)
    })
  }

  test('and that has ended stops a start that cannot renew it', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await age(store, 1.01)
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'expired' })
    server.script({ update: { status: 400 }, register: { status: 500 } })
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ status: 500 })
    server.script({ register: undefined })
    const { client_secret_expires_at = 0 } = await start(server, store).manager.ensure()
    expect(client_secret_expires_at).toBeGreaterThan(Date.now() / 1000)
  })

  test('and that has ended is returned neither while the server wants to be left alone nor with a changed declaration', async () => {
    await using server = await startScriptedServer({ update: { status: 429 } }, { secretLifetime: life })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await age(store, 1)
    for (const declared of [metadata, { ...metadata, client_name: 'two' }]) {
      const { manager } = start(server, store, { metadata: declared })
      expect(await failure(manager.ensure())).toMatchObject({ status: 429 })
      expect(await failure(manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    }
  })

  test('lives from the moment it was received where the server does not say when it was issued', async () => {
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          const answer = usual()
          return { ...answer, body: { ...Object(answer.body), client_id_issued_at: undefined } }
        },
      },
      { secretLifetime: life },
    )
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    const { renewAt } = (await store.peek()).record
    expect(Number(renewAt)).toBeGreaterThan(Date.now() + life * 590)
    expect(Number(renewAt)).toBeLessThan(Date.now() + life * 740)
  })

  test('is replaced although the declaration changed and nothing can manage the client', async () => {
    await using server = await startScriptedServer(
      { update: { status: 401, body: { error: 'invalid_token' } } },
      { secretLifetime: life },
    )
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    await age(store, 0.75)
    const { manager, told } = start(server, store, { metadata: { ...metadata, client_name: 'orders 2' } })
    const fresh = await manager.ensure()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(fresh).toMatchObject({ client_name: 'orders 2' })
    expect(told()).toEqual(['intent', 'intent', 'registered', 'replaced', 'renewed'])
  })

  test('is renewed by one of many replicas', async () => {
    await using server = await startScriptedServer(
      {},
      { secretLifetime: life, renewSecretOnUpdate: true, rotate: 'both' },
    )
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await age(store, 0.75)
    const all = await Promise.all(Array.from({ length: 10 }, () => start(server, store).manager.ensure()))
    for (const one of all) expect(one).toEqual(all[0])
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(server.clients()).toBe(1)
  })

  test('is counted on the clock of the server', async () => {
    // The server's clock is a day ahead of ours, so by ours the secret would live twice as long.
    const ahead = life * 1000
    const date = (): string => new Date(Date.now() + ahead).toUTCString()
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          const answer = usual()
          const body = Object(answer.body)
          const skewed = {
            client_id_issued_at: body.client_id_issued_at + life,
            client_secret_expires_at: body.client_secret_expires_at + life,
          }
          return { ...answer, headers: { date: date() }, body: { ...body, ...skewed } }
        },
      },
      { secretLifetime: life },
    )
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    const { record } = await store.peek()
    expect(Number(record['clockOffset'])).toBeGreaterThan(ahead - 3000)
    expect(Number(record['renewAt']) - Date.now()).toBeGreaterThan(ahead)
    const before = server.requests.length
    await start(server, store).manager.ensure()
    expect(server.requests).toHaveLength(before)
    await age(store, 0.75)
    await start(server, store).manager.ensure()
    expect(server.requests.length).toBeGreaterThan(before)
  })
})

test('a server whose every secret has ended already does not keep a start for ever', async () => {
  let end = Math.floor(Date.now() / 1000) - 3600
  await using server = await startScriptedServer(
    {
      update: (_, usual) => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), client_secret_expires_at: ++end } }
      },
    },
    { secretLifetime: -3600 },
  )
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  await start(server, store).manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(3)
})

test('a secret is renewed at a real server, by update where it does that and anew where not', async () => {
  for (const renewSecretOnUpdate of [true, false]) {
    await using server = await startOidcProvider({ secretLifetime: 6, renewSecretOnUpdate })
    const store = memoryStore()
    const options = { metadata: { ...metadata, scope: 'orders:read' }, overlap: 0 }
    const first = await start(server, store, options).manager.ensure()
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const renewed = await start(server, store, options).manager.ensure()
    expect(renewed.client_secret_expires_at).toBeGreaterThan(first.client_secret_expires_at ?? 0)
    expect(renewed.client_id === first.client_id).toBe(renewSecretOnUpdate)
    expect(server.clientIds()).toEqual([renewed.client_id])
  }
})
