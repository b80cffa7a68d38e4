import { memoryStore, StoreError } from '@registrant/core'
import type { ManagerOptions, RegistrationResponse, RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { gate, metadata, OpenStore, start } from './managed.ts'

const renamed = { ...metadata, client_name: 'orders 2' }

/** A client that was rotated, and what the store showed before. */
async function rotatedOnce(
  server: ScriptedServer,
  store: OpenStore,
): Promise<{ past: string; renewed: RegistrationResponse }> {
  await start(server, store).manager.ensure()
  const { value: past } = await store.peek()
  await using manager = start(server, store).manager
  return { past, renewed: await manager.rotate() }
}

describe('the key of a record', () => {
  test('is read by people, and tells issuers, applications and instances apart', async () => {
    await using server = await startScriptedServer()
    const keys: string[] = []
    const inner = memoryStore()
    const store: RegistrationStore = { ...inner, load: (key) => (keys.push(key), inner.load(key)) }
    for (const options of [
      { application: 'Acme Orders (EU), production and staging' },
      { application: 'Acme Orders (EU), production and staging', instance: 'one' },
      { application: '注文' },
    ])
      await start(server, store, options).manager.status()
    const [shared = '', one = '', unreadable = ''] = keys
    expect(shared).toMatch(/^acmeorderseuproductionan-[0-9a-f]{32}\.[a-z0-9]+$/)
    expect(one.split('.')[0]).toBe(shared.split('.')[0])
    expect(one).not.toBe(shared)
    expect(unreadable).toMatch(/^[a-z0-9]{1,24}-[0-9a-f]{32}\./)
    expect(unreadable.split('-')[1]).not.toBe(shared.split('-')[1])
  })
})

describe('a save', () => {
  test('raises the revision by one within an epoch, and has a mark of its own', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const saved: { epoch: string; revision: number; writeId: string }[] = []
    store.afterSave = (value) => void saved.push(JSON.parse(value))
    const { manager } = start(server, store)
    await manager.ensure()
    await start(server, store, { metadata: renamed }).manager.ensure()
    await manager.forget()
    await manager.ensure()
    await manager.delete()
    await manager.recover({ client_id: 'by-hand' })
    expect(new Set(saved.map(({ epoch }) => epoch)).size).toBe(1)
    expect(saved.map(({ revision }) => revision)).toEqual(saved.map((_, n) => n + 1))
    expect(new Set(saved.map(({ writeId }) => writeId)).size).toBe(saved.length)
  })

  test('that is acknowledged late brings no older record back', async () => {
    await using server = await startScriptedServer({}, { rotate: 'update' })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    const held = gate()
    const arrived = gate()
    const slowStore: RegistrationStore = {
      load: (key) => store.load(key),
      async save(key, value, expected) {
        const version = await store.save(key, value, expected)
        if (value.includes('orders 2') && !value.includes('"intent":{')) {
          arrived.open()
          await held.opened
        }
        return version
      },
    }
    const slow = start(server, slowStore, { metadata: renamed, timeout: 5000, lease: 10_000 })
    const late = slow.manager.ensure()
    await arrived.opened
    const newer = start(server, store, { metadata: { ...metadata, client_name: 'orders 3' }, generation: 3 })
    expect(await newer.manager.ensure()).toMatchObject({ client_name: 'orders 3' })
    const { record } = await store.peek()
    held.open()
    await late
    expect(await slow.manager.ensure()).toMatchObject({ client_id, client_name: 'orders 3' })
    const after = (await store.peek()).record
    expect(after['registration']).toEqual(record['registration'])
    expect(server.registration(client_id)?.registration_access_token).toBe(
      Object(after['registration']).registration_access_token,
    )
  })

  test('that is lost between two starts is looked up, and made once', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    store.afterSave = () => {
      throw new Error('connection reset')
    }
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('that a store shows the past of does not count as started over', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told } = start(server, store)
    const first = await manager.ensure()
    const { record: past } = await store.peek()
    await start(server, store, { metadata: renamed }).manager.ensure()
    const updated = start(server, store, { metadata: renamed }).manager
    await updated.read()
    const { record: present } = await store.peek()
    await store.overwrite({ ...present, ...past, client_name: undefined })
    expect(await updated.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
    const restored = (await store.peek()).record
    expect(Number(restored['revision'])).toBeGreaterThan(Number(present['revision']))
    expect(told()).not.toContain('orphan')
  })

  test('that a start has used the record of counts like any other, when the store shows the past', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { past, renewed } = await rotatedOnce(server, store)
    const { manager } = start(server, store)
    expect(await manager.ensure()).toEqual(renewed)
    await store.overwrite(past)
    expect(await manager.ensure()).toEqual(renewed)
    store.lose()
    const other = start(server, store).manager
    await manager.status()
    expect(await other.ensure()).toEqual(renewed)
    expect(await manager.ensure()).toEqual(renewed)
  })

  test('that has another side, saved as often, counts by the younger secret for whoever knew the older one', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { past, renewed } = await rotatedOnce(server, store)
    const { value, record } = await store.peek()
    const old = JSON.parse(past)
    await store.overwrite(JSON.stringify({ ...old, revision: record['revision'], writeId: 'the other side' }))
    const { manager } = start(server, store)
    expect((await manager.status()).client_id).toBe(old.registration.client_id)
    await store.overwrite(value)
    expect(await manager.ensure()).toEqual(renewed)
    expect((await store.peek()).record['registration']).toEqual(record['registration'])
  })

  test('that a start has used is remembered by whatever is called next', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { past, renewed } = await rotatedOnce(server, store)
    const { manager } = start(server, store)
    await manager.ensure()
    await store.overwrite(past)
    const { client_id, client_secret } = renewed
    expect((await manager.status()).client_id).toBe(client_id)
    expect(await manager.reportRejected({ client_id, client_secret })).toEqual(renewed)
  })

  test('that a store shows when it refuses a put-back counts at the next look', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    let shown: Awaited<ReturnType<RegistrationStore['load']>>
    const stale: RegistrationStore = {
      async load(key) {
        const past = shown
        shown = undefined
        return past ?? store.load(key)
      },
      save: (key, value, expected) => store.save(key, value, expected),
    }
    const { manager } = start(server, stale)
    await manager.ensure()
    const past = { value: (await store.peek()).value, version: 'of the past' }
    await manager.rotate()
    const renewed = await start(server, store).manager.rotate()
    shown = past
    await manager.ensure()
    expect(await manager.ensure()).toEqual(renewed)
  })

  test('that a store shows when it refuses a put-back counts at the next look, also of somebody who started over', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    let isHidden = false
    const stale: RegistrationStore = {
      async load(key) {
        const isFirst = isHidden
        isHidden = false
        return isFirst ? undefined : store.load(key)
      },
      save: (key, value, expected) => store.save(key, value, expected),
    }
    const { manager } = start(server, stale)
    await manager.ensure()
    store.lose()
    const fresh = await start(server, store).manager.ensure()
    isHidden = true
    await manager.ensure()
    expect(await manager.ensure()).toEqual(fresh)
  })

  test('by somebody who started over on an empty store drops what is remembered, and lists its client', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    store.lose()
    const second = await start(server, store).manager.ensure()
    expect(second.client_id).not.toBe(first.client_id)
    expect(await manager.ensure()).toEqual(second)
    expect((await manager.status()).orphans).toMatchObject([{ client_id: first.client_id }])
    expect(await manager.sweep()).toEqual([])
    expect(server.clientIds()).toEqual([second.client_id])
  })

  test('that lists a client which was deleted does not bring it back', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const profile = { name: 'no updates', cannot: { update: 'It does not.' } }
    const { manager } = start(server, store, { profile, overlap: 0 })
    const first = await manager.ensure()
    const { record: past } = await store.peek()
    const changed = start(server, store, { profile, overlap: 0, metadata: renamed })
    const second = await changed.manager.ensure()
    await changed.manager.sweep()
    await expect.poll(() => server.clientIds()).toEqual([second.client_id])
    await changed.manager.status()
    await store.overwrite({ previous: undefined, gone: undefined, ...past })
    expect(await changed.manager.ensure()).toEqual(second)
    const status = await changed.manager.status()
    expect([...status.orphans, ...status.replaced]).not.toContainEqual(
      expect.objectContaining({ client_id: first.client_id }),
    )
  })

  test.for(['a replica', 'another replica'] as const)(
    'that fails before the request leaves is named each time, by %s too, and the server is not left alone for it',
    async (who) => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      let fails = true
      store.beforeSave = (value) => {
        if (fails && value.includes('"sent":true')) throw new Error('ENOSPC: no space left on device')
      }
      const first = start(server, store).manager
      const manager = who === 'a replica' ? first : start(server, store).manager
      for (const each of [first, manager, manager]) {
        const error = await failure(each.ensure())
        expect(error).toBeInstanceOf(StoreError)
        expect(error).toMatchObject({ code: 'store-unavailable', outcome: 'not-sent' })
        expect(error.message).toContain('no space left on device')
        expect(error.cause).toMatchObject({ message: 'ENOSPC: no space left on device' })
      }
      expect(server.requestsTo('register')).toHaveLength(0)
      fails = false
      expect(await manager.ensure()).toHaveProperty('client_id')
      expect(server.clients()).toBe(1)
      expect((await manager.status()).orphans).toEqual([])
    },
  )
})

describe('a store that can not say what it holds', () => {
  test('names what to save over, so that forget() and recover() cure it, and nothing else does', async () => {
    await using server = await startScriptedServer()
    const inner = new OpenStore()
    let damaged = false
    const store: RegistrationStore = {
      async load(key) {
        const stored = await inner.load(key)
        if (damaged && stored) throw new StoreError('store-corrupt', 'torn', { version: stored.version })
        return stored
      },
      save: async (key, value, expected) => {
        const saved = await inner.save(key, value, expected)
        if (saved !== false) damaged = false
        return saved
      },
    }
    const first = await start(server, store).manager.ensure()
    damaged = true
    const { manager } = start(server, store)
    const calls = [
      () => manager.ensure(),
      () => manager.rotate(),
      () => manager.read(),
      () => manager.delete(),
      () => manager.status(),
      () => manager.sweep(),
    ]
    for (const call of calls) expect(await failure(call())).toMatchObject({ code: 'store-corrupt' })
    expect(server.requestsTo('register')).toHaveLength(1)
    await manager.recover(first)
    expect(await start(server, store).manager.ensure()).toEqual(first)
    damaged = true
    await start(server, store).manager.forget()
    const { client_id } = await start(server, store).manager.ensure()
    expect(client_id).not.toBe(first.client_id)
  })

  test.for([
    ['registration', null],
    ['declaration', null],
    ['intent', null],
    ['previous', null],
    ['superseded', null],
    ['orphans', {}],
    ['gone', [null]],
  ] as const)('since its %s is %o names what to save over, so that forget() and recover() cure it', async (damage) => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const isDamaged = (): Promise<void> => store.overwrite({ [damage[0]]: damage[1] })
    await isDamaged()
    const { manager } = start(server, store)
    const calls = [() => manager.rotate(), () => manager.status(), () => manager.sweep(), () => manager.delete()]
    for (const call of calls) expect(await failure(call())).toMatchObject({ code: 'store-corrupt' })
    expect(server.requestsTo('register')).toHaveLength(1)
    await manager.recover(first)
    expect(await start(server, store).manager.ensure()).toEqual(first)
    await isDamaged()
    await start(server, store).manager.forget()
    expect(await start(server, store).manager.ensure()).not.toMatchObject({ client_id: first.client_id })
  })

  test('since a list is none does not fail a start otherwise than it says', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await store.overwrite({ superseded: {} })
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'store-corrupt' })
  })

  test('is not overwritten where it does not', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const first = await manager.ensure()
    store.beforeLoad = () => {
      throw new StoreError('store-corrupt', 'torn')
    }
    const saves = store.saves
    const fresh = start(server, store).manager
    expect(await failure(fresh.forget())).toMatchObject({ code: 'store-corrupt' })
    expect(await failure(fresh.recover(first))).toMatchObject({ code: 'store-corrupt' })
    expect(store.saves).toBe(saves)
  })
})

describe('nobody is waited for without an end', () => {
  const never = new Promise<never>(() => undefined)
  const brief = { timeout: 1000, lease: 6000 }
  const hanging: Record<string, Partial<ManagerOptions>> = {
    'the token source': { accessToken: () => never },
    'the network': { fetch: () => never },
  }
  for (const [name, options] of Object.entries(hanging)) {
    test(`${name} that hangs once does not wedge a process`, async () => {
      await using server = await startScriptedServer()
      using clock = takeClock()
      let isHanging = true
      const { accessToken, fetch: asked } = options
      const once: Partial<ManagerOptions> = {
        ...brief,
        ...(accessToken && { accessToken: (context) => (isHanging ? never : tokenFor(server.url, context.signal)) }),
        ...(asked && { fetch: (...given) => (isHanging ? never : fetch(...given)) }),
      }
      const { manager } = start(server, memoryStore(), once)
      expect(await failure(manager.ensure())).toMatchObject({ name: expect.stringMatching(/Error$/) })
      isHanging = false
      clock.pass(60_000)
      const { client_id } = await manager.ensure()
      expect(server.clientIds()).toEqual([client_id])
    })
  }

  for (const verb of ['load', 'save'] as const) {
    test(`a store whose ${verb} hangs once does not wedge a process, and gets a signal`, async () => {
      await using server = await startScriptedServer()
      const inner = memoryStore()
      let signal: AbortSignal | undefined
      let isHanging = true
      const hang = (own: AbortSignal | undefined): Promise<never> => {
        signal = own
        isHanging = false
        return never
      }
      const store: RegistrationStore = {
        load: (key, own) => (isHanging && verb === 'load' ? hang(own) : inner.load(key)),
        save: (key, value, expected, own) =>
          isHanging && verb === 'save' ? hang(own) : inner.save(key, value, expected),
      }
      const { manager } = start(server, store, brief)
      const [first, second] = await Promise.allSettled([manager.ensure(), manager.ensure()])
      for (const one of [first, second])
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: expect.stringMatching(/^store-/) })
      expect(signal?.aborted).toBe(true)
      const { client_id } = await manager.ensure()
      expect(server.clientIds()).toEqual([client_id])
    })
  }

  test('a listener that rejects or throws changes nothing', async () => {
    await using server = await startScriptedServer()
    let told = 0
    const onEvent = (): unknown => {
      told++
      return Promise.reject(new Error('the log is full'))
    }
    await start(server, memoryStore(), { onEvent }).manager.ensure()
    expect(told).toBeGreaterThan(0)
    expect(server.clients()).toBe(1)
  })

  test('what a token source throws is wrapped', async () => {
    await using server = await startScriptedServer()
    const accessToken = async (): Promise<never> => {
      throw new RangeError('no')
    }
    expect(await failure(start(server, memoryStore(), { accessToken }).manager.ensure())).toMatchObject({
      outcome: 'not-sent',
    })
  })
})

describe('clocks', () => {
  test('of two machines that differ by days bind nobody for longer than a mark says', async () => {
    await using server = await startScriptedServer({ update: [{ status: 500 }] })
    using clock = takeClock()
    const store = new OpenStore()
    await start(server, store, { metadata: { ...metadata, client_name: 'orders 1' } }).manager.ensure()
    // A machine whose clock is five days ahead hears of a failure, and no Date corrects it.
    server.script({
      update: [{ status: 500, headers: { date: '' } }],
      read: (_, usual) => ({ ...usual(), headers: { date: '' } }),
    })
    clock.pass(5 * 86_400_000)
    await start(server, store, { metadata: renamed }).manager.ensure()
    clock.pass(-5 * 86_400_000)
    server.script({ update: undefined, read: undefined })
    expect(await start(server, store, { metadata: renamed }).manager.ensure()).toMatchObject({
      client_name: 'orders 2',
    })
  })

  test('a difference that was measured is stored nowhere, and forgotten when the machine has slept', async () => {
    const ahead = 3_600_000
    await using server = await startScriptedServer(
      { register: (_, usual) => ({ ...usual(), headers: { date: new Date(Date.now() + ahead).toUTCString() } }) },
      { secretLifetime: 7200 },
    )
    using clock = takeClock()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    // By the server's clock half of its life is over.
    const asSeen = async (): Promise<string> => (await manager.status()).state
    clock.pass(3_700_000)
    expect(await asSeen()).toBe('expired')
    clock.pass(-3_700_000)
    clock.wait(3_700_000)
    // Wall clock and monotonic clock have parted: whose clock was set nobody knows.
    clock.pass(3_700_000)
    expect(await asSeen()).toBe('registered')
  })
})

describe('a store that loses what it acknowledged', () => {
  test('gets it back from a program that still holds it', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const registration = await manager.ensure()
    store.lose()
    expect(await manager.ensure()).toEqual(registration)
    expect(await start(server, store).manager.ensure()).toEqual(registration)
    expect(server.clients()).toBe(1)
  })

  test('while the server is asked gets the client that comes of it', async () => {
    const store = new OpenStore()
    await using server = await startScriptedServer({
      register: (_, usual) => {
        store.lose()
        return usual()
      },
    })
    const registration = await start(server, store).manager.ensure()
    expect(await start(server, store).manager.ensure()).toEqual(registration)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('and has another by the time keeps that, and the one too many is deleted', async () => {
    const store = new OpenStore()
    const started: Promise<RegistrationResponse>[] = []
    await using server = await startScriptedServer({
      register: [
        async (_, usual) => {
          store.lose()
          started.push(start(server, store).manager.ensure())
          await started[0]
          return usual()
        },
      ],
    })
    const registration = await start(server, store).manager.ensure()
    expect(registration).toEqual(await started[0])
    expect(server.clientIds()).toEqual([registration.client_id])
  })

  test('by going back in time gets it back too', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    let early = ''
    store.afterSave = (value) => {
      early ||= value
    }
    const { manager } = start(server, store)
    const registration = await manager.ensure()
    await store.overwrite(early)
    expect(await manager.ensure()).toEqual(registration)
    expect(server.clients()).toBe(1)
    expect(await manager.status()).toMatchObject({ state: 'registered' })
  })
})

test('a record keeps what a later release of the same layout wrote into it', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  await store.overwrite({ addedLater: { by: 'somebody' } })
  await start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
  expect((await store.peek()).record).toMatchObject({ addedLater: { by: 'somebody' } })
})

test('a record stays below 64 kB, and keeps what is needed', async () => {
  await using server = await startScriptedServer({
    register: (_, usual) => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), vendor: 'x'.repeat(40_000) } }
    },
  })
  const store = new OpenStore()
  const { manager } = start(server, store)
  const registration = await manager.ensure()
  const { value, record } = await store.peek()
  expect(Buffer.byteLength(value)).toBeLessThanOrEqual(65_536)
  expect(record['registration']).toEqual(registration)
})

async function tokenFor(url: string, signal: AbortSignal | undefined): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: 'registerClient',
    client_secret: 'password',
    scope: 'register',
  }
  const answer = await fetch(`${url}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...(signal && { signal }),
  })
  const { access_token }: { access_token: string } = JSON.parse(await answer.text())
  return access_token
}

test('a store that refuses each save is asked no more often by many calls than by one', async () => {
  await using server = await startScriptedServer()
  let calls = 0
  const store: RegistrationStore = {
    load: async () => {
      calls++
      return undefined
    },
    save: async () => {
      calls++
      return false
    },
  }
  const { manager } = start(server, store)
  for (let n = 0; n < 20; n++) await failure(manager.ensure({ signal: AbortSignal.timeout(100) }))
  // Each call looks, tries to save, and looks what became of that.
  expect(calls).toBeLessThan(100)
  expect(server.requestsTo('register')).toEqual([])
})
