import { memoryStore, StoreError } from '@registrant/core'
import type { RegistrationResponse, RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { actsLate, answersLate, gate, metadata, OpenStore, start } from './managed.ts'
import { stopwatch } from '../support/stopwatch.ts'

/** A store with a lock that a holder's death frees, as Web Locks are: `die` is that death. */
function lockingStore(): RegistrationStore & { die: () => void } {
  let last: Promise<unknown> = Promise.resolve()
  let die: (() => void) | undefined
  return {
    ...memoryStore(),
    async exclusive(_, task, signal) {
      const before = last
      const freed = gate()
      last = freed.opened
      const left = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
      try {
        await Promise.race([before, left])
      } catch (error) {
        // Who leaves the queue lets the next one follow those before.
        void before.finally(freed.open)
        throw error
      }
      die = freed.open
      return task().finally(freed.open)
    },
    die: () => die?.(),
  }
}

const never = { delay: Infinity }

/** What a record holds before there is anything to tell. */
const absent = { schema: 2, epoch: 'e', revision: 1, writeId: 'w' }

describe('starters that share a store', () => {
  test('make one client, and all have it', async () => {
    await using server = await startScriptedServer({ register: (_, usual) => ({ delay: 100, ...usual() }) })
    const store = memoryStore()
    const starters = Array.from({ length: 25 }, () => start(server, store))
    const all = await Promise.all(starters.map(({ manager }) => manager.ensure()))
    expect(server.clientIds()).toEqual([all[0]?.client_id])
    for (const one of all) expect(one).toEqual(all[0])
    expect(server.requests).toHaveLength(3)
  })

  test('make one client when each enters a lock first', async () => {
    await using server = await startScriptedServer({ register: (_, usual) => ({ delay: 100, ...usual() }) })
    const store = lockingStore()
    const starters = Array.from({ length: 10 }, () => start(server, store))
    await Promise.all(starters.map(({ manager }) => manager.ensure()))
    expect(server.clients()).toBe(1)
    expect(server.requests).toHaveLength(3)
  })

  test('are told every five seconds whom they wait for', async () => {
    await using server = await startScriptedServer({ register: (_, usual) => ({ delay: 5500, ...usual() }) })
    const store = memoryStore()
    const slow = { timeout: 8000, lease: 13_000 }
    const first = start(server, store, { ...slow, owner: 'pod 1' })
    const made = first.manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const second = start(server, store, slow)
    expect(await second.manager.ensure()).toEqual(await made)
    expect(second.events.filter(({ type }) => type === 'waiting')).toMatchObject([
      { owner: expect.stringMatching(/^pod 1 /), ms: expect.closeTo(5000, -3), application: 'orders' },
    ])
  }, 15_000)

  test('stop waiting when nobody waits for them', async () => {
    await using server = await startScriptedServer({ register: never })
    const store = memoryStore()
    const first = start(server, store)
    const lost = failure(first.manager.ensure())
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const second = start(server, store)
    const error = await failure(second.manager.ensure({ signal: AbortSignal.timeout(100) }))
    expect(error.message).toContain('The caller left')
    await lost
    expect(second.told()).toEqual([])
  })
})

describe('a starter that died', () => {
  test('is succeeded when its lease is over, by the clock of who waits, and its attempt is listed', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store, { application: 'other' }).manager.ensure()
    const identity = [server.issuer, 'orders']
    const { manager, events } = start(server, store)
    store.beforeLoad = async () => {
      store.beforeLoad = undefined
      await store.overwrite({
        ...absent,
        identity,
        // Its clock was three hours ahead.
        intent: {
          id: 'i',
          operation: 'register',
          owner: 'gone',
          lease: 400,
          attempt: 1,
          sent: true,
          started: Date.now() + 10_800_000,
        },
      })
    }
    const began = performance.now()
    const { client_id } = await manager.ensure()
    expect(performance.now() - began).toBeGreaterThanOrEqual(400)
    expect(server.clientIds()).toContain(client_id)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orphan', orphan: expect.objectContaining({ intent: 'i' }) }),
    )
    expect((await store.peek()).record['orphans']).toMatchObject([{ intent: 'i' }])
  })

  test('before its request left leaves nothing to list', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    store.beforeLoad = async () => {
      store.beforeLoad = undefined
      await store.overwrite({
        ...absent,
        identity: [server.issuer, 'orders'],
        intent: { id: 'i', operation: 'register', owner: 'gone', lease: 50, attempt: 1, started: Date.now() },
      })
    }
    await manager.ensure()
    expect(told()).toEqual(['intent', 'registered'])
    expect((await store.peek()).record).not.toHaveProperty('orphans')
  })

  test('is succeeded when the lock of the store answers nobody, and who is let in later does nothing', async () => {
    await using server = await startScriptedServer()
    let letIn: (() => Promise<unknown>) | undefined
    const store = Object.assign(new OpenStore(), {
      exclusive: async <T>(_key: string, task: () => Promise<T>): Promise<T> => {
        letIn ??= task
        return new Promise<T>(() => undefined)
      },
    })
    const { manager } = start(server, store)
    store.beforeLoad = async () => {
      store.beforeLoad = undefined
      await store.overwrite({
        ...absent,
        identity: [server.issuer, 'orders'],
        intent: { id: 'i', operation: 'register', owner: 'gone', lease: 400, attempt: 1, started: Date.now() },
      })
    }
    const { client_id } = await manager.ensure()
    await expect(letIn?.()).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.clientIds()).toEqual([client_id])
  })

  test('is not waited for again by a call of several steps, where the lock of the store lets nobody in', async () => {
    await using server = await startScriptedServer()
    const inner = memoryStore()
    const first = await start(server, inner).manager.ensure()
    server.script({ update: { status: 405 } })
    let entries = 0
    const store = {
      ...inner,
      exclusive: async <T>(): Promise<T> => {
        entries++
        return new Promise<T>(() => undefined)
      },
    }
    const { manager } = start(server, store, { timeout: 1000, lease: 6000 })
    expect((await manager.rotate()).client_id).not.toBe(first.client_id)
    expect(entries).toBe(1)
  }, 20_000)

  test('is succeeded at once when it held the lock of the store', async () => {
    await using server = await startScriptedServer({ register: [never] })
    const store = lockingStore()
    // The dead one never hears of its answer, so it must not be the one that times out.
    const slow = { timeout: 20_000, lease: 30_000 }
    void start(server, store, slow)
      .manager.ensure()
      .catch(() => undefined)
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    using watch = stopwatch()
    const second = start(server, store, slow)
    const registration = second.manager.ensure()
    store.die()
    const { client_id } = await registration
    expect(watch.ms).toBeLessThan(2000)
    expect(server.clientIds()).toEqual([client_id])
  })
})

describe('a starter that was paused beyond its lease', () => {
  test.for([
    ['', {}],
    [', also where its management token is not to be kept', { keepManagementToken: false }],
  ] as const)('deletes the client that it made, and returns the stored one%s', async ([, options]) => {
    const answering = gate()
    await using server = await startScriptedServer({
      register: [answersLate(answering)],
    })
    const store = new OpenStore()
    const paused = start(server, store, { timeout: 10_000, lease: 15_000, ...options })
    const late = paused.manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    // The others see its intent unchanged for longer than the lease says.
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 50 } })
    const { client_id } = await start(server, store).manager.ensure()
    answering.open()
    expect((await late).client_id).toBe(client_id)
    expect(server.clientIds()).toEqual([client_id])
    expect(paused.told()).toEqual(['intent', 'compensated'])
    // Whoever took over had listed the attempt; nothing is left of it.
    expect(await paused.manager.status()).toMatchObject({ orphans: [] })
  })

  test('deletes the client that it made also where that has the id of one that was deleted before', async () => {
    const answering = gate()
    const again = (usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      return { ...answer, body: { ...Object(body), client_id: 'again' } }
    }
    await using server = await startScriptedServer({ register: [(_, usual) => again(usual)] })
    const store = new OpenStore()
    const paused = start(server, store)
    await paused.manager.ensure()
    await paused.manager.forget()
    expect(await paused.manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
    server.script({ register: [(request, usual) => answersLate(answering)(request, () => again(usual))] })
    const late = paused.manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(2)
    await start(server, store).manager.recover({ client_id: 'by hand' })
    answering.open()
    expect(await late).toMatchObject({ client_id: 'by hand' })
    expect(server.clients()).toBe(0)
    expect(await paused.manager.status()).toMatchObject({ orphans: [] })
  })

  test('sends nothing when it was overtaken before its request left', async () => {
    const answering = gate()
    await using server = await startScriptedServer({
      token: [actsLate(answering)],
    })
    const store = new OpenStore()
    const paused = start(server, store, { timeout: 10_000, lease: 15_000 })
    const late = paused.manager.ensure()
    await expect.poll(() => server.requestsTo('token').length).toBe(1)
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 50 } })
    const { client_id } = await start(server, store).manager.ensure()
    answering.open()
    expect((await late).client_id).toBe(client_id)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('lists its attempt when it got no answer to delete by, and still returns the stored one', async () => {
    await using server = await startScriptedServer({ register: [never] })
    const store = new OpenStore()
    const paused = start(server, store)
    const late = paused.manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 50 } })
    const { client_id } = await start(server, store).manager.ensure()
    expect((await late).client_id).toBe(client_id)
    expect((await store.peek()).record['orphans']).toHaveLength(1)
  })
})

describe('a client that a server hands out again', () => {
  const issuedLongAgo = (_: unknown, usual: () => Answer): Answer => {
    const answer = usual()
    const old = { client_id_issued_at: Math.floor(Date.now() / 1000) - 400 }
    return { ...answer, body: { ...Object(answer.body), ...old } }
  }
  const profile = { name: 'no updates', cannot: { update: 'It does not.' } }
  const renamed = { profile, metadata: { ...metadata, client_name: 'two' } }

  test('is updated by that: nothing is replaced, and nothing is deleted', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { profile }).manager.ensure()
    server.script({ register: (_, usual) => ({ ...usual(), body: { ...first, client_name: 'two' } }) })
    const { manager, told } = start(server, store, { ...renamed, overlap: 0 })
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'two' })
    expect(told()).not.toContain('replaced')
    await manager.sweep()
    await manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    expect(await start(server, store, renamed).manager.status()).toMatchObject({ replaced: [], orphans: [] })
  })

  const ofOnce = ['client_secret', 'client_secret_expires_at', 'registration_access_token', 'registration_client_uri']
  const toldOnce = (first: RegistrationResponse, more: object): { status: number; body: object } => ({
    status: 200,
    body: { ...Object.fromEntries(Object.entries(first).filter(([member]) => !ofOnce.includes(member))), ...more },
  })

  test('without what it tells once keeps its secret and its management token', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { profile }).manager.ensure()
    server.script({ register: () => toldOnce(first, { client_name: 'two' }) })
    const { manager } = start(server, store, renamed)
    expect(await manager.ensure()).toEqual({ ...first, client_name: 'two' })
    expect((await manager.authentication()).headers).toBeDefined()
    expect(await manager.status()).toMatchObject({ manageable: true })
  })

  test('with another secret and token, in an answer that is refused, keeps those: the old ones are dead', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { profile }).manager.ensure()
    const fresh = { client_secret: 'secret-of-the-2nd-answer', registration_access_token: 'token-of-the-2nd-answer' }
    const body = { ...first, ...fresh, redirect_uris: ['https://nobody.asked.example/'] }
    server.script({ register: () => ({ status: 201, body }) })
    const { manager } = start(server, store, renamed)
    expect(await failure(manager.ensure())).toMatchObject({ rule: 'redirect-uri-added' })
    expect(await manager.ensure()).toEqual({ ...first, ...fresh })
  })

  test('without what it tells once leaves no secret to a client that needs none any more', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const method = 'token_endpoint_auth_method'
    const first = await start(server, store, { profile }).manager.ensure()
    server.script({ register: () => toldOnce(first, { [method]: undefined }) })
    const { manager } = start(server, store, { profile, metadata: { ...metadata, [method]: 'none' } })
    expect(await manager.ensure()).not.toHaveProperty('client_secret')
    expect(await manager.authentication()).toEqual({ form: { client_id: first.client_id } })
  })

  test('with another secret that never ends, and says no more, is given no end of the one before', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: 3600 })
    const store = new OpenStore()
    const first = await start(server, store, { profile }).manager.ensure()
    server.script({ register: () => toldOnce(first, { client_secret: 'another' }) })
    const again = await start(server, store, renamed).manager.ensure()
    expect(again).toMatchObject({ client_secret: 'another' })
    expect(again).not.toHaveProperty('client_secret_expires_at')
  })

  test('after it was listed is in use, and stands in no list any more', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    await manager.forget()
    expect(await manager.status()).toMatchObject({ orphans: [{ client_id: first.client_id }] })
    server.script({ register: (_, usual) => ({ ...usual(), body: first }) })
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id })
    expect(await manager.status()).toMatchObject({ orphans: [] })
    expect(await manager.sweep()).toEqual([])
    expect(server.requestsTo('delete')).toEqual([])
    expect(server.clientIds()).toContain(first.client_id)
  })

  test.for([
    ['whose lease is over', { isDenied: false }],
    ['who then could save nothing', { isDenied: true }],
  ] as const)(
    'to one %s was changed by that: what is declared by the newer number is applied again',
    async ([, { isDenied }]) => {
      const registering = gate()
      const second: RegistrationResponse[] = []
      await using server = await startScriptedServer({
        register: [
          async () => {
            await registering.opened
            return { status: 201, body: { ...second[0], client_name: 'one' } }
          },
        ],
      })
      const store = new OpenStore()
      let isFull = false
      const own: RegistrationStore = {
        load: (key) => store.load(key),
        save: async (key, value, expected) => {
          if (isFull) throw new StoreError('store-denied', 'The disk is full.')
          return store.save(key, value, expected)
        },
      }
      const first = start(server, own, { metadata: { ...metadata, client_name: 'one' }, generation: 1 })
      const late = first.manager.ensure()
      await expect.poll(() => server.requestsTo('register').length).toBe(1)
      const { record } = await store.peek()
      await store.overwrite({ intent: { ...Object(record['intent']), lease: 50 } })
      const newer = start(server, store, { metadata: { ...metadata, client_name: 'two' }, generation: 2 })
      second.push(await newer.manager.ensure())
      isFull = isDenied
      registering.open()
      expect((await late).client_id).toBe(second[0]?.client_id)
      isFull = false
      await first.manager.ensure()
      expect(await newer.manager.ensure()).toMatchObject({ client_id: second[0]?.client_id, client_name: 'two' })
      expect(server.requestsTo('update')).toHaveLength(1)
      expect((await newer.manager.ensure()).client_name).toBe('two')
      expect(server.requestsTo('update')).toHaveLength(1)
    },
  )

  test('long after it was issued may be somebody else’s: only delete() and sweep() delete it', async () => {
    await using server = await startScriptedServer({ register: [issuedLongAgo] })
    const store = new OpenStore()
    const { client_id } = await start(server, store, { profile }).manager.ensure()
    const { manager } = start(server, store, { ...renamed, overlap: 0 })
    await manager.ensure()
    await manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    const other = start(server, store, { ...renamed, overlap: 0 })
    expect(await other.manager.status()).toMatchObject({ replaced: [], orphans: [{ client_id }] })
    expect(await other.manager.sweep()).toEqual([])
    expect(server.clientIds()).not.toContain(client_id)
  })

  test.for([
    ['long ago', -400],
    ['later than now, by a clock that is off', 400],
  ] as const)('and was issued %s stays also where no answer says what time it is, as in a page', async ([, ago]) => {
    const timeless = { headers: { date: '' } }
    const answered = (_: unknown, usual: () => Answer): Answer => ({ ...usual(), ...timeless })
    const issued = { client_id_issued_at: Math.floor(Date.now() / 1000) + ago }
    await using server = await startScriptedServer({
      register: [(_, usual) => ({ ...usual(), ...timeless, body: { ...Object(usual().body), ...issued } }), answered],
      token: answered,
      delete: answered,
    })
    const store = new OpenStore()
    const { client_id } = await start(server, store, { profile }).manager.ensure()
    const { manager } = start(server, store, { ...renamed, overlap: 0 })
    await manager.ensure()
    await manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    const status = await start(server, store, renamed).manager.status()
    expect(status).toMatchObject({ replaced: [], orphans: [{ client_id }] })
  })

  test('after it was listed as perhaps somebody else’s stays so', async () => {
    await using server = await startScriptedServer({ register: [issuedLongAgo] })
    const store = new OpenStore()
    const { manager } = start(server, store, { profile })
    const first = await manager.ensure()
    await manager.forget()
    server.script({ register: [(_, usual) => ({ ...usual(), body: first })] })
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id })
    const next = start(server, store, { ...renamed, overlap: 0 })
    await next.manager.ensure()
    await next.manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    expect(server.clientIds()).toContain(first.client_id)
  })

  test.for([
    ['while it is in use', false],
    ['after forget() has listed it', true],
  ] as const)('and may be somebody else’s stays so when recover() names it %s', async ([, isForgotten]) => {
    await using server = await startScriptedServer({ register: [issuedLongAgo] })
    const store = new OpenStore()
    const { manager } = start(server, store, { profile })
    const first = await manager.ensure()
    if (isForgotten) await manager.forget()
    await manager.recover(first)
    const next = start(server, store, { ...renamed, overlap: 0 })
    await next.manager.ensure()
    await next.manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    expect(server.clientIds()).toContain(first.client_id)
  })

  test('that somebody registered by hand, and preRegistered no longer names, stays that person’s', async () => {
    await using server = await startScriptedServer()
    const byHand = await start(server, new OpenStore()).manager.ensure()
    server.script({ register: [(_, usual) => ({ ...usual(), body: byHand })] })
    const store = new OpenStore()
    const { client_id, client_secret } = byHand
    const preRegistered = { issuer: server.issuer, client_id, client_secret }
    expect(await start(server, store, { preRegistered }).manager.ensure()).toMatchObject({ client_id })
    expect(await start(server, store, { profile }).manager.ensure()).toMatchObject({ client_id })
    const next = start(server, store, { ...renamed, overlap: 0 })
    expect((await next.manager.ensure()).client_id).not.toBe(client_id)
    await next.manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    expect(await start(server, store, renamed).manager.status()).toMatchObject({ orphans: [{ client_id }] })
  })
})

describe('a deletion', () => {
  test('that is announced is waited for by whoever would register', async () => {
    const deleting = gate()
    await using server = await startScriptedServer({ delete: actsLate(deleting) })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.forget()
    const swept = manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    expect(Object(Object((await store.peek()).record['orphans'])[0])).toMatchObject({ client_id, claim: {} })
    const registering = start(server, store).manager.ensure()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(server.requestsTo('register')).toHaveLength(1)
    deleting.open()
    expect(await swept).toEqual([])
    const fresh = await registering
    expect(server.clientIds()).toEqual([fresh.client_id])
  })

  test('that can not be announced is not sent', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    await manager.forget()
    store.beforeSave = () => {
      throw new StoreError('store-denied', 'read-only')
    }
    expect(await manager.sweep().catch(() => [])).toHaveLength(1)
    expect(server.requestsTo('delete')).toEqual([])
  })

  test.for(['another manager', 'the same manager'])(
    'is not sent while %s registers, which may be given that client again, and the client stays listed',
    async (who) => {
      const answering = gate()
      await using server = await startScriptedServer({
        register: [undefined, actsLate(answering)],
      })
      const store = new OpenStore()
      const { manager } = start(server, store)
      const first = await manager.ensure()
      await manager.forget()
      const other = who === 'the same manager' ? manager : start(server, store).manager
      const registering = other.ensure()
      await expect.poll(() => server.requestsTo('register').length).toBe(2)
      expect(await manager.sweep()).toMatchObject([{ client_id: first.client_id }])
      expect(server.requestsTo('delete')).toEqual([])
      answering.open()
      const second = await registering
      expect(await manager.sweep()).toEqual([])
      expect(server.clientIds()).toEqual([second.client_id])
    },
  )
})
