import { memoryStore, StoreError } from '@registrant/core'
import type { RegistrationResponse, RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test, vi } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { gate, metadata, OpenStore, start } from './managed.ts'
import { stopwatch } from '../support/stopwatch.ts'

/** A store that tells of changes at once, as IndexedDB with a BroadcastChannel does. */
function tellingStore(): RegistrationStore {
  const inner = memoryStore()
  const listeners = new Set<() => void>()
  return {
    load: (key) => inner.load(key),
    async save(key, value, expected) {
      const saved = await inner.save(key, value, expected)
      for (const listener of listeners) listener()
      return saved
    },
    changed: (key, version, signal) =>
      new Promise((resolve, reject) => {
        const look = async (): Promise<void> => {
          if ((await inner.load(key))?.version === version) return
          listeners.delete(listen)
          resolve()
        }
        const listen = (): void => void look()
        signal.addEventListener('abort', () => {
          listeners.delete(listen)
          reject(signal.reason)
        })
        listeners.add(listen)
        listen()
      }),
  }
}

/** The next registration that is yielded; that there is none fails the test. */
async function following(watched: AsyncIterator<RegistrationResponse, void>): Promise<RegistrationResponse> {
  const { value } = await watched.next()
  if (!value) throw new Error('it ended')
  return value
}

describe('watch()', () => {
  test('that waits ends at once by its return() and its throw()', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const [left, failed] = [manager.watch(), manager.watch()]
    await following(left)
    await following(failed)
    const waiting = [left.next(), failed.next()]
    const done = { done: true, value: undefined }
    expect(await left.return()).toEqual(done)
    await expect(failed.throw(new Error('enough'))).rejects.toThrow('enough')
    expect(await Promise.all([...waiting, failed.next()])).toEqual([done, done, done])
    await manager.close()
  })

  test('yields the registration, then what another replica makes of it, and ends when the signal aborts', async () => {
    await using server = await startScriptedServer()
    const store = tellingStore()
    const ending = new AbortController()
    const watched = start(server, store).manager.watch({ signal: ending.signal })[Symbol.asyncIterator]()
    const first = await following(watched)
    expect(server.clientIds()).toEqual([first.client_id])
    const next = following(watched)
    await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
    expect(await next).toMatchObject({ client_id: first.client_id, client_name: 'two' })
    const last = watched.next()
    ending.abort()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  for (const by of ['this manager', 'another replica'])
    test(`yields what ${by} has made while its consumer was busy, also where that was seen since`, async () => {
      await using server = await startScriptedServer({
        update(_, usual) {
          const answer = usual()
          return { ...answer, body: { ...Object(answer.body), client_secret: 'rotated-while-busy-4c1e' } }
        },
      })
      const store = memoryStore()
      const { manager } = start(server, store)
      const other = by === 'this manager' ? manager : start(server, store).manager
      const first = await manager.ensure()
      const watched = manager.watch()
      expect(await following(watched)).toEqual(first)
      const rotated = await other.rotate()
      await manager.status()
      const next = await following(watched)
      expect(next).toEqual(rotated)
      expect(next).toMatchObject({ client_id: first.client_id, client_secret: 'rotated-while-busy-4c1e' })
      await watched.return()
    })

  test('looks every five seconds where the store cannot tell', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const ending = new AbortController()
    const watched = start(server, store).manager.watch({ signal: ending.signal })
    await following(watched)
    const next = following(watched)
    await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
    using watch = stopwatch()
    expect((await next).client_name).toBe('two')
    expect(watch.ms).toBeLessThan(6500)
    ending.abort()
    expect((await watched.next()).done).toBe(true)
  }, 15_000)

  test('looks once in a while where a hint of the store was lost', async () => {
    await using server = await startScriptedServer()
    const waiting = gate()
    const store: RegistrationStore = {
      ...memoryStore(),
      changed: (_key, _version, signal) => {
        waiting.open()
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    }
    const ending = new AbortController()
    const watched = start(server, store).manager.watch({ signal: ending.signal })
    await following(watched)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], shouldAdvanceTime: true })
    try {
      const next = following(watched)
      await waiting.opened
      await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
      await vi.advanceTimersByTimeAsync(100_000)
      expect((await next).client_name).toBe('two')
    } finally {
      vi.useRealTimers()
      ending.abort()
    }
  })

  test('yields only changes', async () => {
    await using server = await startScriptedServer()
    const store = tellingStore()
    const ending = new AbortController()
    const { manager } = start(server, store)
    const watched = manager.watch({ signal: ending.signal })
    const { client_id } = await following(watched)
    const next = following(watched)
    // A generation is no change of the registration.
    await start(server, store, { generation: 3 }).manager.ensure()
    await start(server, store).manager.forget()
    const fresh = await next
    expect(fresh.client_id).not.toBe(client_id)
    ending.abort()
    expect((await watched.next()).done).toBe(true)
  })

  test('renews in time, and deletes the replaced client after the overlap', async () => {
    await using server = await startScriptedServer({ update: { status: 400 } }, { secretLifetime: 5 })
    const ending = new AbortController()
    const watched = start(server, tellingStore(), { overlap: 500 }).manager.watch({ signal: ending.signal })
    const first = await following(watched)
    const second = await following(watched)
    expect(second.client_id).not.toBe(first.client_id)
    expect(Date.now() / 1000).toBeLessThan(first.client_secret_expires_at ?? 0)
    const third = following(watched)
    await expect.poll(() => server.clientIds(), { timeout: 3000 }).not.toContain(first.client_id)
    expect(server.clientIds()).toContain(second.client_id)
    ending.abort()
    await third.catch(() => undefined)
  }, 15_000)

  test('goes on trying while the server is down', async () => {
    await using server = await startScriptedServer({ discovery: Array.from({ length: 8 }, () => ({ status: 503 })) })
    const ending = new AbortController()
    const { manager } = start(server, memoryStore())
    const watched = manager.watch({ signal: ending.signal })
    const { client_id } = await following(watched)
    expect(server.clientIds()).toEqual([client_id])
    ending.abort()
  }, 20_000)

  test('asks again after an hour where the server asks for more patience than that', async () => {
    const patience = { status: 429, headers: { 'retry-after': '864000' } }
    await using server = await startScriptedServer({ register: [patience] })
    using clock = takeClock()
    const store = new OpenStore()
    const ending = new AbortController()
    const watched = following(start(server, store).manager.watch({ signal: ending.signal }))
    await vi.waitFor(() => expect(server.requestsTo('register')).toHaveLength(1))
    // An hour passes whenever the store is looked at, which is every five seconds.
    store.beforeLoad = () => clock.pass(3_600_000)
    const { client_id } = await watched
    expect(server.clientIds()).toEqual([client_id])
    ending.abort()
  }, 20_000)

  test('applies a declaration that the server could not take at first', async () => {
    await using server = await startScriptedServer({ update: [{ status: 500 }] })
    const store = tellingStore()
    const first = await start(server, store, { metadata: { ...metadata, client_name: 'one' } }).manager.ensure()
    const ending = new AbortController()
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
    const watched = manager.watch({ signal: ending.signal })
    expect(await following(watched)).toEqual(first)
    expect(await following(watched)).toMatchObject({ client_name: 'two' })
    ending.abort()
  }, 15_000)

  const incurable: Record<string, (store: OpenStore) => Promise<void>> = {
    deleted: (store) => store.overwrite({ deleted: true, registration: undefined }),
    'newer-schema': (store) => store.overwrite({ schema: 3 }),
    'store-corrupt': (store) => store.overwrite('{'),
    'store-denied': async (store) => {
      store.beforeLoad = () => {
        throw new StoreError('store-denied', 'no')
      }
    },
  }
  for (const [code, spoil] of Object.entries(incurable)) {
    test(`throws what waiting cannot cure: ${code}`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const { manager } = start(server, store)
      await manager.ensure()
      await spoil(store)
      expect(await failure(manager.watch().next())).toMatchObject({ code })
    })
  }

  test('throws when a registration is expected and there is none', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { expectExisting: true })
    expect(await failure(manager.watch().next())).toMatchObject({ code: 'missing' })
  })

  test('waits while the client is being deleted, and ends when it is', async () => {
    await using server = await startScriptedServer()
    const store = tellingStore()
    const { manager } = start(server, store)
    await manager.ensure()
    server.script({ delete: [{ lost: 'before' }], read: [undefined, { status: 503 }] })
    await failure(manager.delete())
    expect(await manager.status()).toMatchObject({ state: 'deleting' })
    const next = failure(start(server, store).manager.watch().next())
    await new Promise((resolve) => setTimeout(resolve, 100))
    // Nobody is asked again within a second of what failed.
    await expect
      .poll(
        () =>
          manager.delete().then(
            () => 'done',
            (error) => error.code,
          ),
        { timeout: 5000 },
      )
      .toBe('done')
    expect(await next).toMatchObject({ code: 'deleted' })
  })

  test('asks neither store nor server more than once a second, however often a change is told', async () => {
    await using server = await startScriptedServer()
    const inner = memoryStore()
    let looks = 0
    const store: RegistrationStore = {
      load: (key) => (looks++, inner.load(key)),
      save: (key, value, expected) => inner.save(key, value, expected),
      changed: async () => undefined,
    }
    const ending = new AbortController()
    const watched = start(server, store).manager.watch({ signal: ending.signal })
    await following(watched)
    const before = { looks, requests: server.requests.length }
    const next = watched.next()
    await new Promise((resolve) => setTimeout(resolve, 3200))
    ending.abort()
    await next
    expect(looks - before.looks).toBeLessThanOrEqual(10)
    expect(server.requests).toHaveLength(before.requests)
  })

  test('leaves a failing server alone for longer each time, also when it is woken', async () => {
    await using server = await startScriptedServer({ discovery: { status: 500 } })
    const store = tellingStore()
    const ending = new AbortController()
    const { manager } = start(server, store, { timeout: 1000, lease: 6000 })
    const watched = manager.watch({ signal: ending.signal }).next()
    // Somebody touches what is stored all the time.
    const other = start(server, store, { application: 'another' }).manager
    const touching = setInterval(() => void other.recover({ client_id: 'x' }).catch(() => undefined), 200)
    await new Promise((resolve) => setTimeout(resolve, 6000))
    clearInterval(touching)
    const registrations = server.requestsTo('discovery').length
    ending.abort()
    await watched
    // At 0, after half of 1 s at least, after 1 s, after 2 s: each try asks at two places, and repeats none for long.
    expect(registrations).toBeLessThanOrEqual(24)
    expect(registrations).toBeGreaterThanOrEqual(2)
  }, 15_000)
})
