import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

import {
  memoryStore,
  RegistrationClient,
  RegistrationManager,
  StateError,
  StoreError,
  TransportError,
} from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { answersLate, gate, metadata, OpenStore, start } from './managed.ts'

describe('a start with an empty store', () => {
  test('registers one client with one discovery, one token and one registration request', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    const registration = await manager.ensure()
    expect(server.clientIds()).toEqual([registration.client_id])
    expect(server.requests.map(({ endpoint }) => endpoint)).toEqual(['discovery', 'token', 'register'])
    expect(told()).toEqual(['intent', 'registered'])
  })

  test('has time although the process was stopped for an hour while the store was asked', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const store = new OpenStore()
    let looks = 0
    const load = store.load.bind(store)
    store.load = async (key) => {
      if (looks++ === 0) clock.pass(3_600_000)
      return load(key)
    }
    const { manager } = start(server, store, { timeout: 1000 })
    const { client_id } = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('works at a real server', async () => {
    await using server = await startOidcProvider()
    const manager = new RegistrationManager({
      issuer: server.issuer,
      application: 'orders',
      metadata: { ...metadata, scope: 'orders:read' },
      store: memoryStore(),
      accessToken: async ({ send, server: { token_endpoint = '' } }) => {
        const { clientId: client_id, clientSecret: client_secret, scope } = server.registrar
        const form = { grant_type: 'client_credentials', client_id, client_secret, scope }
        const body = new URLSearchParams(form).toString()
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        return JSON.parse((await send({ method: 'POST', url: token_endpoint, headers, body })).body)
      },
    })
    const { client_id, client_secret } = await manager.ensure()
    expect(client_secret).toBeTypeOf('string')
    expect(server.clientIds()).toEqual([client_id])
    expect(await manager.ensure()).toMatchObject({ client_id, client_secret })
    expect(server.clients()).toBe(1)
  })

  test('keeps the answer as it came, next to its normal form', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), scope: ['a', 'b'], vendor: { own: [1] } } }
      },
    })
    const store = new OpenStore()
    const registration = await start(server, store).manager.ensure()
    const { record } = await store.peek()
    expect(registration).toMatchObject({ scope: 'a b', vendor: { own: [1] } })
    expect(record['registration']).toEqual(registration)
    expect(record['raw']).toMatchObject({ scope: ['a', 'b'], vendor: { own: [1] } })
  })

  test('writes the intent before the request, and says in it when the request is about to leave', async () => {
    const store = new OpenStore()
    const seen: unknown[] = []
    const look = async (): Promise<void> => void seen.push((await store.peek()).record['intent'])
    await using server = await startScriptedServer({
      discovery: async (_, usual) => (await look(), usual()),
      register: async (_, usual) => (await look(), usual()),
    })
    await start(server, store, { owner: 'pod 7' }).manager.ensure()
    expect(seen).toMatchObject([{ operation: 'register' }, { operation: 'register', sent: true }])
    expect(seen).toMatchObject([{ owner: expect.stringMatching(/^pod 7 /) }, {}])
    expect((await store.peek()).record).not.toHaveProperty('intent')
  })

  test('sends nothing when the store cannot be written', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.beforeSave = () => {
      throw new StoreError('store-denied', 'read-only')
    }
    const { manager, told } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied', outcome: 'not-sent' })
    expect(server.requests).toEqual([])
    expect(told()).toEqual(['store'])
  })

  test('tells at once of a save that says neither a version nor that it was late, unless it has saved', async () => {
    await using server = await startScriptedServer()
    const nonsense = Object.assign(memoryStore(), { save: () => Promise.resolve(undefined) })
    const error = await failure(start(server, nonsense).manager.ensure())
    expect(error).toMatchObject({ code: 'store-unavailable', outcome: 'not-sent' })
    expect(error.message).toBe('The store failed: its save returned neither a version nor false')
    expect(server.requests).toEqual([])

    const kept = memoryStore()
    const save = (...given: Parameters<typeof kept.save>): Promise<void> => kept.save(...given).then(() => undefined)
    const { client_id } = await start(server, Object.assign({ ...kept }, { save })).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('is refused where a registration is expected', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { expectExisting: true })
    expect(await failure(manager.ensure())).toMatchObject({ name: 'StateError', code: 'missing' })
    expect(server.requests).toEqual([])
  })
})

describe('a start with a good record', () => {
  test('makes no request, and works when the server is gone', async () => {
    const store = memoryStore()
    const server = await startScriptedServer()
    const first = await start(server, store).manager.ensure()
    const before = server.requests.length
    expect(await start(server, store).manager.ensure()).toEqual(first)
    expect(server.requests).toHaveLength(before)
    await server.close()
    expect(await start(server, store).manager.ensure()).toEqual(first)
  })

  test('tells once that the registration is reused, however often it is asked for, and until when its secret is good', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: 7200 })
    const store = memoryStore()
    const { client_id, client_secret_expires_at: end = 0 } = await start(server, store).manager.ensure()
    const { manager, events } = start(server, store)
    await Promise.all([manager.ensure(), manager.ensure()])
    await manager.ensure()
    const reused = { type: 'reused', application: 'orders', client_id, secretExpiresAt: end * 1000 }
    expect(events).toEqual([{ at: expect.any(Number), ...reused }])
  })

  test('is the same start when the metadata is written in another order or with empty members', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store).manager.ensure()
    const { redirect_uris, ...rest } = metadata
    const other = { client_name: '', ...rest, logo_uri: undefined, redirect_uris }
    const { manager, told } = start(server, store, { metadata: other })
    await manager.ensure()
    expect(told()).toEqual(['reused'])
    expect(server.requestsTo('update')).toEqual([])
  })

  test('belongs to one issuer, one application and one instance', async () => {
    await using server = await startScriptedServer()
    await using other = await startScriptedServer()
    const store = memoryStore()
    const ids = new Set<string>()
    for (const options of [
      { application: 'a' },
      { application: 'ab' },
      { application: 'a', instance: 'b' },
      { application: 'a', instance: '' },
    ]) {
      for (const at of [server, other]) ids.add((await start(at, store, options).manager.ensure()).client_id)
    }
    expect(ids.size).toBe(8)
  })
})

describe('a record that cannot be used', () => {
  const texts = {
    empty: '',
    torn: '{"schema":2,"ident',
    foreign: '{"schema":2}',
    older: '{"schema":1}',
    list: '[]',
    null: 'null',
  }
  for (const [name, text] of Object.entries(texts)) {
    test(`stops the start and is not taken for absent: ${name}`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      await start(server, store).manager.ensure()
      const before = server.requests.length
      await store.overwrite(text)
      const { manager, events } = start(server, store)
      expect(await failure(manager.ensure())).toMatchObject({ code: 'store-corrupt' })
      expect(events).toMatchObject([{ type: 'store', code: 'store-corrupt' }])
      expect(server.requests).toHaveLength(before)
      expect((await store.peek().catch(() => ({ value: text }))).value).toBe(text)
    })
  }

  test('by a newer release is left alone', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await store.overwrite({ schema: 3 })
    const before = await store.peek()
    const error = await failure(start(server, store).manager.ensure())
    expect(error).toBeInstanceOf(StateError)
    expect(error.code).toBe('newer-schema')
    expect((await store.peek()).value).toBe(before.value)
  })

  test('that a store cannot read is a StoreError without what the store said of its content', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.beforeLoad = () => {
      throw Object.assign(new Error('connection lost'), { command: { args: ['the record'] } })
    }
    const error = await failure(start(server, store).manager.ensure())
    expect(error).toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('connection lost') })
    expect(error.cause).toMatchObject({ message: 'connection lost' })
    expect(inspect(error)).not.toContain('the record')
  })
})

describe('concurrent calls of one manager', () => {
  test('share one registration', async () => {
    await using server = await startScriptedServer()
    const { manager, told } = start(server, memoryStore())
    const all = await Promise.all(Array.from({ length: 20 }, () => manager.ensure()))
    expect(new Set(all.map(({ client_id }) => client_id)).size).toBe(1)
    expect(server.requestsTo('register')).toHaveLength(1)
    expect(told()).toEqual(['intent', 'registered'])
  })

  test('get a copy each', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const [one, two] = await Promise.all([manager.ensure(), manager.ensure()])
    one.client_name = 'mine'
    expect(two.client_name).toBeUndefined()
  })

  test('may change what they get: what is put back after a loss is what was stored', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    const { manager } = start(server, store)
    const got = await manager.ensure()
    const stored = structuredClone(got)
    delete got.client_secret
    got.redirect_uris = ['https://app.example/mine']
    store.lose()
    expect(await manager.ensure()).toEqual(stored)
    expect((await store.peek()).record).toMatchObject({ registration: stored })
  })

  test('wait for as long as each may, whoever of them has waited for the store already', async () => {
    const held = gate()
    await using server = await startScriptedServer({ register: [answersLate(held)] })
    const store = new OpenStore()
    const made = start(server, store, { timeout: 20_000, lease: 60_000 }).manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const { manager } = start(server, store, { timeout: 1000, lease: 6000 })
    store.beforeLoad = () => new Promise(() => undefined)
    const ended: string[] = []
    const first = failure(manager.ensure())
    await sleep(500)
    store.beforeLoad = undefined
    const second = failure(manager.authentication()).finally(() => ended.push('second'))
    const inTime = { code: 'transport', message: expect.stringContaining('in time') }
    expect(await first).toMatchObject(inTime)
    await sleep(10)
    expect(ended).toEqual([])
    expect(await second).toMatchObject(inTime)
    held.open()
    await made
  }, 30_000)

  test('lose a caller that aborts, and the work goes on', async () => {
    const arrived = gate()
    await using server = await startScriptedServer({
      register: (_, usual) => {
        arrived.open()
        return { delay: 200, ...usual() }
      },
    })
    const store = memoryStore()
    const { manager } = start(server, store)
    const leaving = new AbortController()
    const left = failure(manager.ensure({ signal: leaving.signal }))
    await arrived.opened
    leaving.abort()
    const error = await left
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('The caller left') })
    const { client_id } = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })
})

describe('options that cannot work', () => {
  const wrong: [name: string, options: object, member: string][] = [
    ['a lease that a slow answer could outlive', { timeout: 10_000, lease: 14_999 }, 'lease'],
    ['a lease below the default timeout and five seconds', { timeout: undefined, lease: 24_999 }, 'lease'],
    ['an endless timeout', { timeout: Infinity, lease: undefined }, 'timeout'],
    ['a timeout that is an object without a prototype', { timeout: Object.create(null) }, 'timeout'],
    ['an issuer that is no address', { issuer: 'as.example' }, 'issuer'],
    ['an application without a name', { application: '' }, 'application'],
    ['a negative delay', { forgetDelay: -1 }, 'forgetDelay'],
    ['an overlap that is no number', { overlap: Number.NaN }, 'overlap'],
  ]
  for (const [name, options, member] of wrong) {
    test(`are refused when they are given: ${name}`, async () => {
      await using server = await startScriptedServer()
      const error = await failure((async () => start(server, memoryStore(), options))())
      expect(error).toMatchObject({ code: 'invalid-request', findings: [{ member }] })
    })
  }
})

describe('one options object that is used again', () => {
  test('leaves each client and each manager at the server that it was made for', async () => {
    await using first = await startScriptedServer({}, { open: true })
    await using second = await startScriptedServer({}, { open: true })
    const declared = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }
    const shared = { issuer: '', application: 'orders', metadata: declared, store: memoryStore() }
    const made = [first, second].map(({ issuer }, index) => {
      shared.issuer = issuer
      declared.redirect_uris = [`https://app.example/${index}`]
      return [new RegistrationClient(shared), new RegistrationManager(shared)] as const
    })
    declared.redirect_uris = ['https://app.example/later']
    for (const [client, manager] of made) {
      await client.register({ redirect_uris: ['https://app.example/cb'] })
      await manager.ensure()
    }
    for (const [index, server] of [first, second].entries()) {
      const [, kept] = server.requestsTo('register').map(({ body }): unknown => JSON.parse(body))
      expect(kept).toMatchObject({ redirect_uris: [`https://app.example/${index}`] })
    }
  })

  test('may be one of a class, whose accessors say what the options are', async () => {
    await using server = await startScriptedServer({}, { open: true })
    class Settings {
      readonly #server = server
      get issuer(): string {
        return this.#server.issuer
      }
      get application(): string {
        return 'orders'
      }
      get metadata(): object {
        return metadata
      }
      get store(): RegistrationStore {
        return memoryStore()
      }
    }
    const { client_id } = await new RegistrationManager(new Settings()).ensure()
    expect(server.clientIds()).toEqual([client_id])
  })
})
