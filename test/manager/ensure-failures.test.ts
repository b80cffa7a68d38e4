import { clientCredentials, memoryStore, RegistrationManager, StoreError } from '@registrant/core'
import type { ManagerOptions } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { Life } from '../support/life.ts'
import { metadata, OpenStore, start } from './managed.ts'
import type { Managed } from './managed.ts'
import { stopwatch } from '../support/stopwatch.ts'

const never = { delay: Infinity }
const days = (count: number): number => count * 24 * 3_600_000

let clock: Clock
beforeEach(() => {
  clock = takeClock()
})
afterEach(() => clock[Symbol.dispose]())

describe('a registration without an answer', () => {
  test('is listed, and the next start does not wait for a lease', async () => {
    await using server = await startScriptedServer({ register: [{ lost: 'after' }] })
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'transport', outcome: 'unknown' })
    expect(told()).toEqual(['intent', 'orphan'])
    clock.pass(1000)
    using watch = stopwatch()
    const { client_id } = await start(server, store).manager.ensure()
    expect(watch.ms).toBeLessThan(1000)
    expect(server.clients()).toBe(2)
    const status = await manager.status()
    expect(status).toMatchObject({ state: 'registered', client_id, orphans: [{ reason: expect.any(String) }] })
    expect(Date.parse(status.orphans[0]?.at ?? '')).toBeGreaterThan(Date.now() - 10_000)
  })

  const answers: Record<string, Answer> = {
    'no answer in time': never,
    'status 500': { status: 500 },
    'an unreadable success': { status: 201, body: 'OK' },
    'an answer that breaks off': { lost: 'middle' },
    'a redirect': { status: 302, headers: { location: '/elsewhere' } },
  }
  for (const [name, script] of Object.entries(answers)) {
    test(`is attempted three times an hour by all replicas together: ${name}`, async () => {
      await using server = await startScriptedServer({ register: script })
      const store = memoryStore()
      // Whatever comes before the request must have its time on a busy machine too.
      const options = script === never ? { timeout: 500, lease: 5500 } : {}
      for (let i = 0; i < 3; i++) {
        expect((await failure(start(server, store, options).manager.ensure())).code).not.toBe('attempts-spent')
        // Each failure is followed by a pause, which is another rule.
        clock.pass(1000 * 2 ** i)
      }
      const error = await failure(start(server, store, options).manager.ensure())
      expect(error).toMatchObject({ name: 'StateError', code: 'attempts-spent' })
      expect(Object(error).retryAfter).toBeGreaterThan(3_590_000)
      expect(Object(error).retryAfter).toBeLessThanOrEqual(3_593_000)
      expect(server.requestsTo('register')).toHaveLength(3)
      expect((await start(server, store).manager.status()).orphans).toHaveLength(3)
    }, 20_000)
  }

  test('because its starter died counts too, and is listed', async () => {
    await using server = await startScriptedServer({ register: [{ status: 500 }, { status: 500 }] })
    const store = new OpenStore()
    for (let i = 0; i < 2; i++) {
      await failure(start(server, store).manager.ensure())
      clock.pass(1000 * 2 ** i)
    }
    const life = new Life(store)
    life.atSave = (number) => {
      if (number === 2) life.die()
    }
    const started = start(server, life.store, { fetch: life.fetch }).manager.ensure()
    await Promise.race([started, life.died])
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 0 } })
    const { manager } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('register')).toHaveLength(3)
    expect((await manager.status()).orphans).toHaveLength(3)
  })

  test('counts from when it left, although somebody took over and the clock of its starter was set back meanwhile', async () => {
    await using server = await startScriptedServer({ register: { lost: 'after' } })
    const store = new OpenStore()
    for (let times = 0; times < 3; times++) {
      const left = new AbortController()
      store.beforeSave = async () => {
        if (server.requestsTo('register').length <= times) return
        store.beforeSave = undefined
        clock.sleep(-2 * 3_600_000)
        left.abort()
        await store.overtake((await store.peek()).record)
      }
      const { manager } = start(server, store)
      await failure(manager.ensure(left))
      await manager.close()
      clock.sleep(2 * 3_600_000)
      clock.pass(5000)
    }
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('register')).toHaveLength(3)
  })

  test('is attempted again when somebody starts over', async () => {
    await using server = await startScriptedServer({ register: [{ status: 500 }, { status: 500 }, { status: 500 }] })
    const { manager } = start(server, memoryStore())
    for (let i = 0; i < 3; i++) {
      expect(await failure(manager.ensure())).toMatchObject({ status: 500 })
      clock.pass(1000 * 2 ** i)
    }
    expect(await failure(manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    await manager.forget()
    expect((await manager.ensure()).client_id).toBe(server.clientIds()[0])
  })

  test('is not counted when nothing was sent: token, discovery or network failed', async () => {
    await using server = await startScriptedServer({ token: { status: 500 } })
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    const fails = async (by: Pick<Managed, 'manager'>): Promise<void> => {
      expect(await failure(by.manager.ensure())).not.toMatchObject({ code: 'attempts-spent' })
      expect(await failure(by.manager.ensure())).toMatchObject({ code: 'attempts-spent', outcome: 'not-sent' })
      clock.pass(60_000)
    }
    for (let i = 0; i < 4; i++) await fails({ manager })
    expect(server.requestsTo('token')).toHaveLength(4)
    server.script({ token: undefined, discovery: never })
    for (let i = 0; i < 2; i++) await fails(start(server, store, { timeout: 500, lease: 5500 }))
    server.script({ discovery: undefined })
    await manager.ensure()
    expect(server.clients()).toBe(1)
    expect(told().filter((type) => type === 'orphan')).toEqual([])
  })

  test('of which the identifier came through is listed with it', async () => {
    await using server = await startScriptedServer({
      register: [{ status: 201, body: '{"client_id":"known","client_secr' }],
    })
    const { manager } = start(server, memoryStore())
    expect(await failure(manager.ensure())).toMatchObject({ code: 'unexpected-answer', client_id: 'known' })
    expect((await manager.status()).orphans).toMatchObject([{ client_id: 'known' }])
  })
})

describe('a first registration that never reached the server', () => {
  const causes: Record<string, Partial<ManagerOptions>> = {
    'a page of another origin that may not ask': {
      fetch: async () => {
        throw new TypeError('Failed to fetch')
      },
    },
    'no token': {
      accessToken: async () => {
        throw new Error('the vault is sealed')
      },
    },
  }
  for (const [name, options] of Object.entries(causes)) {
    test(`locks nobody out, and says what is wrong: ${name}`, async () => {
      await using server = await startScriptedServer()
      const store = memoryStore()
      for (let i = 0; i < 6; i++) {
        const { manager } = start(server, store, options)
        expect((await failure(manager.ensure())).code).not.toBe('attempts-spent')
        const left = await failure(manager.ensure())
        if (left.code === 'attempts-spent') {
          expect(Object(left).retryAfter).toBeLessThanOrEqual(60_000)
          expect(left.message).toMatch(/is left alone for \d+ s: ./)
        }
        expect((await manager.status()).orphans).toEqual([])
        clock.pass(60_000)
      }
      // The cause is gone.
      const { client_id } = await start(server, store).manager.ensure()
      expect(server.clientIds()).toEqual([client_id])
    })
  }

  test('because the server is busy for a second is tried after that second, and later each time that it says so again', async () => {
    const busy = { status: 503, headers: { 'retry-after': '1' } }
    await using server = await startScriptedServer({ register: [busy, busy, busy, busy] })
    const store = memoryStore()
    for (let i = 0; i < 4; i++) {
      expect(await failure(start(server, store).manager.ensure())).toMatchObject({ status: 503 })
      const left = await failure(start(server, store).manager.ensure())
      expect(left).toMatchObject({ code: 'attempts-spent', message: expect.stringContaining('503') })
      expect(Object(left).retryAfter).toBeLessThanOrEqual(1000 * 2 ** i)
      clock.pass(1000 * 2 ** i)
    }
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
    expect((await start(server, store).manager.status()).orphans).toEqual([])
  })
})

describe('a registration that is refused in another way each time', () => {
  test('is left alone for as long as one that is always refused in the same', async () => {
    const statuses = [422, 429, 404, 503, 400, 409, 403]
    const register = statuses.map((status) => ({
      status,
      body: {},
      headers: status === 503 ? { 'retry-after': '1' } : {},
    }))
    await using server = await startScriptedServer({ register })
    const { manager } = start(server, memoryStore())
    for (const [n, status] of statuses.entries()) {
      expect(await failure(manager.ensure())).toMatchObject({ status })
      const left = await failure(manager.rotate())
      expect(left).toMatchObject({ code: 'attempts-spent' })
      const retryAfter = Number(Object(left).retryAfter)
      const whole = Math.min(60_000, 1000 * 2 ** n)
      expect(retryAfter).toBeLessThanOrEqual(whole)
      // Some of it has passed while the test looked.
      expect(retryAfter).toBeGreaterThan(whole / 2 - 250)
      clock.pass(retryAfter)
    }
    expect((await manager.ensure()).client_id).toBe(server.clientIds()[0])
  })
})

describe('registrations', () => {
  test('are five an hour at most, whatever comes of them, with however many declarations', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const profile = { name: 'no updates', cannot: { update: 'It does not.' } }
    for (let i = 0; i < 8; i++) {
      const declared = { profile, metadata: { ...metadata, client_name: `release ${i}` } }
      await start(server, store, declared).manager.ensure()
    }
    expect(server.requestsTo('register')).toHaveLength(5)
    const { manager, told } = start(server, store, { profile, metadata: { ...metadata, client_name: 'last' } })
    expect(await manager.ensure()).toMatchObject({ client_name: 'release 4' })
    expect(told()).toEqual(['drift'])
    expect((await manager.status()).waiting).toContainEqual(expect.objectContaining({ for: 'registration' }))
    clock.pass(3_600_000)
    expect(await manager.ensure()).toMatchObject({ client_name: 'last' })
  })

  test('that end in nothing are twelve a day at most', async () => {
    await using server = await startScriptedServer({ register: { status: 500 } })
    const store = memoryStore()
    for (let i = 0; i < 48; i++) {
      await failure(start(server, store).manager.ensure())
      clock.pass(1_800_000)
    }
    expect(server.requestsTo('register')).toHaveLength(12)
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ status: 500 })
  })
})

describe('an outage', () => {
  test('is told to all replicas: they neither queue up for time-outs of their own nor believe it for long', async () => {
    await using server = await startScriptedServer({ token: [never, never, never, never] })
    const store = memoryStore()
    const brief = { timeout: 1000, lease: 6000 }
    const first = start(server, store, brief)
    for (let i = 0; i < 4; i++) {
      expect(await failure(first.manager.ensure())).toMatchObject({ code: 'transport' })
      if (i < 3) clock.pass(4000)
    }
    // Four in a row: it is left alone for 4 s at least, and no other waits for a time-out of its own.
    const others = Array.from({ length: 5 }, () => start(server, store, brief))
    const errors = await Promise.all(others.map(({ manager }) => failure(manager.ensure())))
    for (const error of errors) expect(error).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('token')).toHaveLength(4)
    clock.pass(10_000)
    const { client_id } = await start(server, store, brief).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('that one replica hears of again and again keeps the others away for ten seconds at most, once', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const cut = async (): Promise<never> => {
      throw new TypeError('Failed to fetch')
    }
    const broken = start(server, store, { fetch: cut }).manager
    for (let i = 0; i < 7; i++) {
      await failure(broken.ensure())
      clock.pass(60_000)
    }
    await failure(broken.ensure())
    const { manager } = start(server, store)
    const error = await failure(manager.ensure())
    expect(error).toMatchObject({ code: 'attempts-spent' })
    expect(Object(error).retryAfter).toBeLessThanOrEqual(10_000)
    // It has sat out one, and does not sit out a second.
    const { client_id } = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })
})

describe('a refused registration', () => {
  test('is thrown, and every replica leaves the server alone for a second, then two', async () => {
    await using server = await startScriptedServer({
      register: { status: 400, body: { error: 'invalid_redirect_uri', error_description: 'not yours' } },
    })
    const store = memoryStore()
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ status: 400 })
    const error = await failure(start(server, store).manager.ensure())
    expect(error).toMatchObject({ code: 'attempts-spent', message: expect.stringContaining('not yours') })
    expect(Object(error).retryAfter).toBeLessThanOrEqual(1000)
    clock.pass(1000)
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ status: 400 })
    expect(Object(await failure(start(server, store).manager.ensure())).retryAfter).toBeGreaterThan(1000)
    expect(server.requestsTo('register')).toHaveLength(2)
    expect((await start(server, store).manager.status()).orphans).toEqual([])
  })

  test('for its token is tried at once with another token, also by a process that starts then', async () => {
    await using server = await startScriptedServer(
      {
        register: ({ headers }, usual) =>
          headers['authorization'] === 'Bearer right-token' ? { ...usual(), status: 201 } : { status: 401 },
      },
      { open: true },
    )
    const store = memoryStore()
    const withToken = (accessToken?: string) => start(server, store, { accessToken }).manager.ensure()
    expect(await failure(withToken())).toMatchObject({ status: 401, message: expect.stringContaining('accessToken') })
    expect(await failure(withToken())).toMatchObject({ code: 'attempts-spent' })
    expect(await failure(withToken('wrong-token'))).toMatchObject({ status: 401 })
    expect(await failure(withToken('wrong-token'))).toMatchObject({ code: 'attempts-spent' })
    expect(server.requestsTo('register')).toHaveLength(2)
    expect(await withToken('right-token')).toMatchObject({ client_id: server.clientIds()[0] })
  })

  test('for its token is not repeated by two starts with a wrong token each that take turns', async () => {
    await using server = await startScriptedServer({ register: { status: 401 } }, { open: true })
    const store = memoryStore()
    for (let n = 0; n < 6; n++) await failure(start(server, store, { accessToken: `wrong-${n % 2}` }).manager.ensure())
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('for who pays is tried at once with a corrected one, also by a process that starts then', async () => {
    await using server = await startScriptedServer()
    const { registrar } = server
    const corrected = { clientSecret: registrar.clientSecret, scope: registrar.scope }
    for (const wrong of [{ clientSecret: 'mistyped' }, { scope: 'read' }]) {
      const store = memoryStore()
      const paidBy = (given: object) => {
        const payer = { clientId: registrar.clientId, ...corrected, ...given }
        return start(server, store, { accessToken: clientCredentials(payer) }).manager.ensure()
      }
      expect(await failure(paidBy(wrong))).toMatchObject({ status: 401 })
      expect(await failure(paidBy(wrong))).toMatchObject({ code: 'attempts-spent' })
      const { client_id } = await paidBy({})
      expect(server.clientIds()).toContain(client_id)
    }
  })

  test('is tried at once with another declaration', async () => {
    await using server = await startScriptedServer({ register: [{ status: 400 }] })
    const store = memoryStore()
    await failure(start(server, store).manager.ensure())
    const { client_id } = await start(server, store, { metadata: { ...metadata, scope: 'other' } }).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('by a gateway that gave up and names a wait is not repeated before, listed and counted: the server may have acted', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        usual()
        return { status: 504, headers: { 'retry-after': '90' } }
      },
    })
    const store = memoryStore()
    for (let n = 1; n <= 3; n++) {
      const { manager } = start(server, store)
      expect(await failure(manager.ensure())).toMatchObject({ status: 504, outcome: 'unknown' })
      expect((await manager.status()).orphans).toHaveLength(n)
      expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'attempts-spent' })
      clock.pass(91_000)
    }
    const error = await failure(start(server, store).manager.ensure())
    expect(error).toMatchObject({ code: 'attempts-spent', message: expect.stringContaining('status().orphans') })
    expect(server.clients()).toBe(3)
  })

  test('with a Retry-After is not repeated before', async () => {
    await using server = await startScriptedServer({ register: [{ status: 429, headers: { 'retry-after': '90' } }] })
    const store = memoryStore()
    await failure(start(server, store).manager.ensure())
    const error = await failure(start(server, store).manager.ensure())
    expect(Object(error).retryAfter).toBeGreaterThan(89_000)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('by a server that wants to be left alone where its metadata should be is not repeated before, nor is another question', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    const stored = await manager.ensure()
    server.script({ discovery: { status: 503, headers: { 'retry-after': '90' } } })
    const fresh = new RegistrationManager({
      issuer: server.issuer,
      application: 'another',
      metadata,
      store,
      timeout: 1500,
    })
    expect(await failure(fresh.ensure())).toMatchObject({ status: 503, outcome: 'not-sent', retryAfter: 90_000 })
    const next = start(server, store).manager
    expect(await failure(next.reportRejected(stored))).toMatchObject({
      code: 'suspect',
      retryAfter: expect.any(Number),
    })
    const { length } = server.requests
    const again = await failure(fresh.ensure())
    expect(again).toMatchObject({ code: 'attempts-spent' })
    expect(Object(again).retryAfter).toBeGreaterThan(85_000)
    expect(await failure(next.reportRejected(stored))).toMatchObject({ code: 'suspect' })
    expect(await failure(next.read())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requests).toHaveLength(length)
  })

  test('with a Retry-After is not repeated before, whatever a machine with another clock was told meanwhile', async () => {
    const later = (seconds: string): Answer => ({ status: 429, headers: { 'retry-after': seconds } })
    await using server = await startScriptedServer({ register: [later('90'), later('5')] })
    const store = memoryStore()
    const { manager } = start(server, store)
    await failure(manager.ensure())
    clock.pass(days(3))
    await failure(start(server, store).manager.ensure())
    clock.pass(-days(3))
    const error = await failure(manager.ensure())
    expect(error).toMatchObject({ code: 'attempts-spent' })
    expect(Object(error).retryAfter).toBeGreaterThan(85_000)
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('is not repeated before its time, whatever was refused to a machine with another clock meanwhile', async () => {
    await using server = await startScriptedServer({ register: [{ status: 400 }, { status: 400 }] })
    const store = memoryStore()
    const { manager } = start(server, store)
    await failure(manager.ensure())
    clock.pass(days(3))
    await failure(start(server, store).manager.ensure())
    clock.pass(-days(3))
    await failure(manager.ensure())
    expect(server.requestsTo('register')).toHaveLength(2)
  })
})

describe('a registration that is more than was asked for', () => {
  const widened = (_: unknown, usual: () => { body?: unknown }): object => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), redirect_uris: ['https://evil.example/cb'] } }
  }

  test('is deleted and never used', async () => {
    await using server = await startScriptedServer({ register: [widened] })
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'policy', rule: 'redirect-uri-added' })
    expect(server.clients()).toBe(0)
    expect(told()).toEqual(['intent', 'orphan', 'compensated'])
    expect(await manager.status()).toMatchObject({ state: 'absent', orphans: [] })
  })

  test('is deleted also where it has the id of one that was deleted before', async () => {
    await using server = await startScriptedServer({
      register: (request, usual) => {
        const answer = widened(request, usual)
        return { ...answer, body: { ...Object(answer).body, client_id: 'again' } }
      },
    })
    const { manager } = start(server, memoryStore())
    for (let times = 0; times < 2; times++) {
      expect(await failure(manager.ensure())).toMatchObject({ code: 'policy', rule: 'redirect-uri-added' })
      clock.pass(60_000)
    }
    expect(server.requestsTo('register')).toHaveLength(2)
    expect(server.clients()).toBe(0)
    expect(await manager.status()).toMatchObject({ orphans: [] })
  })

  test('is deleted also where the store does not take the first save that says so', async () => {
    await using server = await startScriptedServer({ register: [widened] })
    const store = new OpenStore()
    store.beforeSave = () => {
      if (server.clients() === 0) return
      store.beforeSave = undefined
      throw new Error('connection reset')
    }
    const { manager, told } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'policy', rule: 'redirect-uri-added' })
    expect(server.clients()).toBe(0)
    expect(told()).toEqual(['intent', 'store', 'compensated'])
    expect(await manager.status()).toMatchObject({ state: 'absent', orphans: [] })
  })

  test('is listed by its id as soon as the store takes that, and told of in the meantime', async () => {
    await using server = await startScriptedServer({ register: [widened] })
    const store = new OpenStore()
    store.beforeSave = () => {
      if (server.clients() > 0) throw new StoreError('store-denied', 'disk full')
    }
    const { manager, events } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'policy', rule: 'redirect-uri-added' })
    const [client_id] = server.clientIds()
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orphan', listed: false, orphan: expect.objectContaining({ client_id }) }),
    )
    store.beforeSave = undefined
    clock.pass(60_000)
    const other = await manager.ensure()
    expect((await manager.status()).orphans).toMatchObject([{ client_id }])
    expect(await manager.sweep()).toEqual([])
    expect(server.clientIds()).toEqual([other.client_id])
  })

  test.for([
    ['more than was asked for', {}],
    ['in need of a secret that is not kept', { keepSecret: false }],
  ] as const)(
    'and was issued long ago, is %s, and may be somebody else’s: sweep() alone deletes it',
    async ([, options]) => {
      const old = { client_id_issued_at: Math.floor(Date.now() / 1000) - 400 }
      await using server = await startScriptedServer({
        register: [
          (request, usual) => {
            const answer = 'keepSecret' in options ? usual() : widened(request, usual)
            return { ...answer, body: { ...Object(Object(answer).body), ...old } }
          },
        ],
      })
      const { manager } = start(server, memoryStore(), options)
      expect(await failure(manager.ensure())).toMatchObject({ code: 'policy' })
      const [client_id] = server.clientIds()
      expect(server.requestsTo('delete')).toEqual([])
      expect(await manager.status()).toMatchObject({ orphans: [{ client_id }] })
      expect(await manager.sweep()).toEqual([])
      expect(server.clients()).toBe(0)
    },
  )

  test('is listed where it cannot be deleted, and swept later', async () => {
    await using server = await startScriptedServer({ register: [widened], delete: [{ status: 500 }] })
    const { manager, events } = start(server, memoryStore())
    await failure(manager.ensure())
    const [client_id] = server.clientIds()
    expect((await manager.status()).orphans).toMatchObject([{ client_id }])
    expect(JSON.stringify([await manager.status(), events])).not.toContain(
      String(server.registration(client_id ?? '')?.registration_access_token),
    )
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })
})

describe('a registration that cannot be stored', () => {
  const full = (value: string): void => {
    if (value.includes('"client_secret"')) throw new StoreError('store-denied', 'disk full')
  }

  test('is kept by who made it, who saves it as soon as the store takes it', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.beforeSave = full
    const { manager, told, events } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
    // What nothing announces is not deleted; in case this process ends now, it was told.
    expect(server.requestsTo('delete')).toEqual([])
    const [client_id] = server.clientIds()
    expect(told()).toEqual(['intent', 'store', 'orphan'])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orphan', listed: false, orphan: expect.objectContaining({ client_id }) }),
    )
    store.beforeSave = undefined
    expect((await manager.ensure()).client_id).toBe(client_id)
    expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
    expect(server.clientIds()).toEqual([client_id])
    expect(await manager.status()).toMatchObject({ state: 'registered', orphans: [] })
  })

  test('and another was registered meanwhile: it is listed, and swept', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const unlucky = start(server, store)
    store.beforeSave = full
    await failure(unlucky.manager.ensure())
    store.beforeSave = undefined
    const [first] = server.clientIds()
    // The starter is taken for dead, since its lease ends.
    clock.wait(10_000)
    const other = start(server, store)
    const registering = other.manager.ensure()
    const hurrying = setInterval(() => clock.wait(6500), 20)
    const { client_id } = await registering.finally(() => clearInterval(hurrying))
    expect((await unlucky.manager.ensure()).client_id).toBe(client_id)
    expect((await other.manager.status()).orphans).toMatchObject([{ client_id: first }])
    expect(await unlucky.manager.sweep()).toEqual([])
    expect(server.clientIds()).toEqual([client_id])
  })

  test('is told with the address and without the token', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.beforeSave = full
    const { manager, events } = start(server, store)
    const error = await failure(manager.ensure())
    expect(error).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
    const [client_id = ''] = server.clientIds()
    expect(error.message).toContain(client_id)
    const registration_client_uri = `${server.issuer}/register/${client_id}`
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'orphan',
        orphan: expect.objectContaining({ client_id, registration_client_uri }),
      }),
    )
    const printed = JSON.stringify([events, error, String(error)])
    for (const secret of server.secrets()) expect(printed).not.toContain(secret)
  })

  test('in one moment is stored in the next', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    let failures = 2
    store.beforeSave = (value) => {
      if (value.includes('"client_secret"') && failures-- > 0) throw new Error('connection reset')
    }
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('as far as the store knows is looked up, and found to be stored', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.afterSave = () => {
      throw new StoreError('store-unknown', 'the connection broke after the commit')
    }
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
    store.afterSave = undefined
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'registered', client_id })
  })

  test('and perhaps was at the first of several tries is not deleted', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    store.afterSave = (value) => {
      if (!value.includes('"client_secret"')) return
      store.afterSave = undefined
      store.beforeLoad = () => Promise.reject(new Error('connection lost'))
      throw new Error('connection lost')
    }
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-unknown', outcome: 'accepted' })
    expect(told().at(-1)).toBe('orphan')
    store.beforeLoad = undefined
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('and perhaps was is not deleted', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.afterSave = (value) => {
      if (!value.includes('"client_secret"')) return
      store.beforeLoad = () => {
        throw new StoreError('store-unavailable', 'gone')
      }
      throw new StoreError('store-unknown', 'the connection broke after the commit')
    }
    const { manager, told } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-unknown', outcome: 'accepted' })
    expect(told()).toContain('orphan')
    store.afterSave = undefined
    store.beforeLoad = undefined
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })
})

describe('what is too large to be kept', () => {
  const full = (value: string): void => {
    if (value.length > 98_304) throw new StoreError('store-denied', 'the value is too large')
  }
  const wordy =
    (length: number) =>
    (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), terms: 'x'.repeat(length) } }
    }

  test('is not declared: nothing is sent', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, new OpenStore(), {
      metadata: { ...metadata, client_name: 'x'.repeat(33_000) },
    })
    for (let i = 0; i < 2; i++)
      expect(await failure(manager.ensure())).toMatchObject({
        code: 'invalid-request',
        outcome: 'not-sent',
        findings: [{ member: 'metadata', message: expect.stringContaining('can not be kept') }],
      })
    expect(server.requestsTo('register')).toEqual([])
    expect(await manager.status()).toMatchObject({ orphans: [] })
  })

  test('of an answer costs the client, which is listed and deleted', async () => {
    await using server = await startScriptedServer({ register: wordy(100_000) })
    const store = new OpenStore()
    store.beforeSave = full
    const { manager, told } = start(server, store)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied', outcome: 'accepted' })
    expect(told()).toContain('compensated')
    expect(server.clients()).toBe(0)
    expect(server.requestsTo('delete')).toHaveLength(1)
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'absent', orphans: [] })
  })

  test('takes no client off the list where that does not help', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.forget()
    server.script({ register: wordy(66_000) })
    await manager.ensure()
    expect(await manager.status()).toMatchObject({ state: 'registered', orphans: [{ client_id }] })
  })
})

describe('secrets that are not to be kept', () => {
  test('are dropped where the client does not need them', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const answer = usual()
        return {
          ...answer,
          body: { ...Object(answer.body), client_secret: 'needless-secret', client_secret_expires_at: 0 },
        }
      },
    })
    const store = new OpenStore()
    const options = { metadata: { ...metadata, token_endpoint_auth_method: 'none' }, keepSecret: false }
    const { manager, events } = start(server, store, { ...options, keepManagementToken: false })
    const registration = await manager.ensure()
    expect(registration.client_secret).toBeUndefined()
    expect(registration.registration_access_token).toBeUndefined()
    const { value } = await store.peek()
    for (const secret of server.secrets()) expect(value).not.toContain(secret)
    expect(value).not.toContain('needless-secret')
    expect(events).toContainEqual(
      expect.objectContaining({ deviation: expect.objectContaining({ rule: 'secret-for-public-client' }) }),
    )
    expect(await manager.ensure()).toEqual(registration)
  })

  test('do not stay in an address either, and are not shown there', async () => {
    const within = (usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      const { registration_access_token: token, registration_client_uri: url, ...client } = Object(body)
      const registration = { ...client, registration_access_token: token, registration_client_uri: `${url}/${token}` }
      return { ...answer, body: registration }
    }
    const widened = (usual: () => Answer): Answer => {
      const { body, ...answer } = within(usual)
      return { ...answer, body: { ...Object(body), redirect_uris: ['https://evil.example/cb'] } }
    }
    await using server = await startScriptedServer({
      register: [(_, usual) => within(usual), (_, usual) => widened(usual)],
      delete: { status: 405 },
    })
    const store = new OpenStore()
    const { manager, events } = start(server, store, { keepManagementToken: false })
    const { client_id } = await manager.ensure()
    const saved = [(await store.peek()).value]
    await manager.forget()
    expect(await failure(manager.ensure())).toMatchObject({ code: 'policy' })
    const { orphans } = await manager.status()
    expect(orphans).toMatchObject([{ client_id }, { client_id: expect.any(String) }])
    saved.push((await store.peek()).value)
    const tokens = server.clientIds().map((id) => String(server.registration(id)?.registration_access_token))
    expect(tokens).toHaveLength(2)
    for (const token of tokens) expect(JSON.stringify([saved, orphans, events])).not.toContain(token)
  })

  test('make a client unusable that needs one: it is deleted', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { keepSecret: false, keepManagementToken: false })
    expect(await failure(manager.ensure())).toMatchObject({ code: 'policy', rule: 'secret-not-kept' })
    expect(server.clients()).toBe(0)
  })
})

test('a server that hands the same client to every starter keeps it when one of them loses', async () => {
  let first: unknown
  await using server = await startScriptedServer({
    register: (_, usual) => {
      const answer = usual()
      first ??= answer.body
      return { ...answer, body: first }
    },
  })
  const store = new OpenStore()
  store.beforeSave = async (value) => {
    if (!value.includes('"client_secret"')) return
    store.beforeSave = undefined
    // Another starter takes over right before the result is saved.
    await store.overwrite({
      intent: { id: 'other', operation: 'register', owner: 'other', lease: 0, attempt: 1, started: 0 },
    })
    await start(server, store).manager.ensure()
  }
  const { manager, told } = start(server, store)
  await manager.ensure()
  expect(server.requestsTo('delete')).toEqual([])
  expect(told()).not.toContain('compensated')
})
