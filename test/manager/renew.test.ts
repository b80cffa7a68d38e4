import { randomUUID } from 'node:crypto'

import { memoryStore } from '@registrant/core'
import type { RegistrationRequest, RegistrationStore } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Answer, Script } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { answersLate, gate, metadata, OpenStore, start } from './managed.ts'

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

  const unheard: Record<string, Script> = {
    'lost answer': { lost: 'after' },
    'answer without content': (_, usual) => ({ ...usual(), status: 204, body: undefined }),
    'failure of a proxy': (_, usual) => ({ ...usual(), status: 502, body: undefined }),
  }
  for (const [name, update] of Object.entries(unheard))
    test(`is renewed also where only the look after the update shows that its end has moved: ${name}`, async () => {
      using clock = takeClock()
      await using server = await startScriptedServer({}, { secretLifetime: life, renewSecretOnUpdate: true })
      const store = new OpenStore()
      const first = await start(server, store).manager.ensure()
      for (const step of [[update], undefined]) {
        clock.pass(life * 750)
        server.script({ update: step })
        const { manager, told } = start(server, store)
        const renewed = await manager.ensure()
        expect(renewed.client_id).toBe(first.client_id)
        expect(renewed.client_secret_expires_at).toBeGreaterThan(Date.now() / 1000 + life * 0.9)
        expect(told()).toEqual(['intent', 'renewed'])
      }
    })

  test('is renewed by an update that tells the later end without the secret', async () => {
    using clock = takeClock()
    const hidden: Script = (_, usual) => ({ ...usual(), body: { ...Object(usual().body), client_secret: undefined } })
    await using server = await startScriptedServer(
      { update: hidden, read: hidden },
      { secretLifetime: life, renewSecretOnUpdate: true },
    )
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    clock.pass(life * 750)
    const { manager, told } = start(server, store)
    const renewed = await manager.ensure()
    expect(renewed).toMatchObject({ client_id: first.client_id, client_secret: first.client_secret })
    expect(renewed.client_secret_expires_at).toBeGreaterThan(Date.now() / 1000 + life * 0.9)
    expect(told()).toEqual(['intent', 'renewed'])
    expect(await manager.read()).toEqual(renewed)
  })

  test('is renewed also where somebody else finds out what became of the update', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer({}, { secretLifetime: life, renewSecretOnUpdate: true })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    clock.pass(life * 750)
    server.script({ update: [answersLate(gate())] })
    let isDead = false
    const cut: RegistrationStore = {
      load: (key) => store.load(key),
      save: async (key, value, version) => !isDead && store.save(key, value, version),
    }
    start(server, cut)
      .manager.ensure()
      .catch(() => undefined)
    await expect.poll(() => server.requestsTo('update').length).toBe(1)
    isDead = true
    await store.overwrite({ intent: { ...Object((await store.peek()).record['intent']), lease: 0 } })
    const second = start(server, store)
    expect((await second.manager.ensure()).client_id).toBe(client_id)
    expect(second.told()).toEqual(['intent', 'renewed'])
    clock.pass(life * 750)
    expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
    expect(server.requestsTo('update')).toHaveLength(2)
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

  const closed: Record<string, Answer> = {
    'status 405': { status: 405 },
    'status 404': { status: 404 },
    'status 403': { status: 403 },
    'a sign-in page': { status: 302, headers: { location: '/login' } },
  }
  for (const [name, update] of Object.entries(closed))
    test(`waits for 90 % of its life where users have granted something to the client, and no update can be made: ${name}`, async () => {
      using clock = takeClock()
      await using server = await startScriptedServer({ update }, { secretLifetime: life })
      const store = new OpenStore()
      const { client_id } = await start(server, store, { metadata: ofUsers }).manager.ensure()
      clock.pass(life * 750)
      for (let n = 0; n < 2; n++)
        expect((await start(server, store, { metadata: ofUsers }).manager.ensure()).client_id).toBe(client_id)
      const { renewAt, secretSince } = (await store.peek()).record
      expect((Number(renewAt) - Number(secretSince)) / (life * 1000)).toBeGreaterThan(0.8)
      clock.pass(life * 210)
      expect((await start(server, store, { metadata: ofUsers }).manager.ensure()).client_id).not.toBe(client_id)
    })

  test('waits so long, too, where the address of the client has shown nobody', async () => {
    await using server = await startScriptedServer(
      { read: { status: 404 }, update: { status: 404 } },
      { secretLifetime: life },
    )
    const store = new OpenStore()
    const options = { metadata: ofUsers, forgetDelay: 0 }
    const { client_id } = await start(server, store, options).manager.ensure()
    await age(store, 0.75)
    for (let n = 0; n < 2; n++) expect((await start(server, store, options).manager.ensure()).client_id).toBe(client_id)
    await age(store, 0.21)
    expect((await start(server, store, options).manager.ensure()).client_id).not.toBe(client_id)
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
        const { manager, told, events } = start(server, store)
        expect((await manager.ensure()).client_secret).toBe(first.client_secret)
        expect(told()).toContain('renewal-failed')
        expect(events.find(({ type }) => type === 'renewal-failed')).toMatchObject({
          client_id: first.client_id,
          reason: expect.stringMatching(/^[a-z-]+$/),
          message: expect.stringMatching(/\.$/),
        })
      }
      expect(server.requestsTo('register')).toHaveLength(1)
    })
  }

  for (const [name, update] of Object.entries({
    'status 500': { status: 500 },
    'no answer': { lost: 'before' as const },
  }))
    test(`and that has ended is replaced by the same start where the client is shown and no update succeeds: ${name}`, async () => {
      await using server = await startScriptedServer({ update }, { secretLifetime: life })
      const store = memoryStore()
      const { client_id } = await start(server, store).manager.ensure()
      using clock = takeClock()
      clock.pass(life * 1010)
      const fresh = await start(server, store).manager.ensure()
      expect(fresh.client_id).not.toBe(client_id)
      expect(server.requestsTo('update')).toHaveLength(1)
    })

  for (const recovers of [false, true])
    test(`that a server fails to renew waits for 90 % of its life, and ${recovers ? 'is renewed if it recovers' : 'is replaced then'}`, async () => {
      using clock = takeClock()
      await using server = await startScriptedServer(
        { update: { status: 500 } },
        { secretLifetime: life, renewSecretOnUpdate: true },
      )
      const store = new OpenStore()
      const { client_id } = await start(server, store).manager.ensure()
      clock.pass(life * 740)
      const told: string[] = []
      for (let n = 0; n < 5; n++) {
        const { manager, told: toldNow } = start(server, store)
        expect((await manager.ensure()).client_id).toBe(client_id)
        told.push(...toldNow().filter((type) => type === 'renewal-failed'))
        clock.pass(400_000)
      }
      expect(told).toHaveLength(2)
      expect(server.requestsTo('update')).toHaveLength(3)
      const { renewAt } = (await store.peek()).record
      expect(Number(renewAt)).toBeGreaterThan(Date.now())
      if (recovers) {
        server.script({ update: undefined })
        // That it renewed nothing is believed for a day.
        await store.overwrite({ renewsNothing: { at: Date.now() - life * 1000, length: life * 1000 } })
      }
      clock.pass(life * 190)
      expect((await start(server, store).manager.ensure()).client_id === client_id).toBe(recovers)
    })

  test('and that has ended stops a start that cannot renew it', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await age(store, 1.01)
    using clock = takeClock()
    expect(await start(server, store).manager.status()).toMatchObject({ state: 'expired' })
    server.script({ update: { status: 400 }, register: { status: 500 } })
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ status: 500 })
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({ code: 'attempts-spent' })
    server.script({ register: undefined })
    clock.pass(1000)
    const { client_secret_expires_at = 0 } = await start(server, store).manager.ensure()
    expect(client_secret_expires_at).toBeGreaterThan(Date.now() / 1000)
  })

  test('and that has ended is returned neither while the server wants to be left alone nor with a changed declaration', async () => {
    await using server = await startScriptedServer({ update: { status: 429 } }, { secretLifetime: life })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    await age(store, 1)
    using clock = takeClock()
    for (const declared of [metadata, { ...metadata, client_name: 'two' }]) {
      const { manager } = start(server, store, { metadata: declared })
      expect(await failure(manager.ensure())).toMatchObject({ status: 429 })
      const requests = server.requests.length
      // What the server said holds for all replicas, and for all declarations.
      for (const other of [metadata, { ...metadata, client_name: 'three' }])
        expect(await failure(start(server, store, { metadata: other }).manager.ensure())).toMatchObject({
          code: 'attempts-spent',
        })
      expect(server.requests).toHaveLength(requests)
      clock.pass(60_000)
    }
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  for (const [said, hours] of Object.entries({ nothing: undefined, 'another time': 8 })) {
    test(`lives from the moment it was received where the server says ${said} of when it was issued`, async () => {
      const short = 3600
      await using server = await startScriptedServer(
        {
          register: (_, usual) => {
            const answer = usual()
            const body = Object(answer.body)
            // Local time, taken for UTC.
            const issued = hours === undefined ? undefined : body.client_id_issued_at - hours * 3600
            return { ...answer, body: { ...body, client_id_issued_at: issued } }
          },
        },
        { secretLifetime: short },
      )
      const store = new OpenStore()
      const first = await start(server, store).manager.ensure()
      const { renewAt } = (await store.peek()).record
      expect(Number(renewAt)).toBeGreaterThan(Date.now() + short * 590)
      expect(Number(renewAt)).toBeLessThan(Date.now() + short * 740)
      for (let starts = 0; starts < 3; starts++) expect(await start(server, store).manager.ensure()).toEqual(first)
      expect(server.requestsTo('register')).toHaveLength(1)
    })
  }

  test('is replaced although the declaration changed and nothing can manage the client', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: life })
    const store = new OpenStore()
    const { manager: before } = start(server, store)
    const first = await before.ensure()
    await before.read()
    await age(store, 0.5)
    // The token is lost: a denial is enough here.
    const denied = { status: 401, body: { error: 'invalid_token' } }
    server.script({ read: denied, update: denied, delete: denied })
    const declared = { metadata: { ...metadata, client_name: 'orders 2' }, forgetDelay: 0 }
    const { manager, told } = start(server, store, declared)
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id })
    expect(await manager.status()).toMatchObject({ manageable: false })
    const until = told().length
    await age(store, 0.25)
    const fresh = await manager.ensure()
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(fresh).toMatchObject({ client_name: 'orders 2' })
    expect(told().slice(until)).toEqual(['intent', 'registered', 'replaced', 'renewed'])
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
    // Nobody waits for who renews: the others go on with what is stored, and its secret lives.
    expect(new Set(all.map(({ client_id, client_secret }) => `${client_id} ${client_secret}`)).size).toBe(1)
    const [renewed, ...others] = all.map((one) => one.client_secret_expires_at ?? 0).toSorted((a, b) => b - a)
    expect(renewed).toBeGreaterThan(Date.now() / 1000 + life * 0.9)
    expect(new Set(others).size).toBeLessThanOrEqual(2)
    const again = await Promise.all(Array.from({ length: 10 }, () => start(server, store).manager.ensure()))
    for (const one of again) expect(one).toEqual(again[0])
    expect(again[0]?.client_secret_expires_at).toBe(renewed)
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
    expect(Number(record['renewAt']) - Date.now()).toBeGreaterThan(ahead)
    // A difference that one machine measured is of no use to another.
    expect(JSON.stringify(record)).not.toMatch(/offset/i)
    const before = server.requests.length
    await start(server, store).manager.ensure()
    expect(server.requests).toHaveLength(before)
  })

  test('is counted on the clock of a server that this process has heard', async () => {
    // The server's clock is half a life of the secret ahead: by it the renewal is due 0.5 of a life earlier than by ours.
    const ahead = (life / 2) * 1000
    const inTime = { date: new Date(Date.now() + ahead).toUTCString() }
    await using server = await startScriptedServer(
      {
        register: (_, usual) => ({ ...usual(), headers: inTime }),
        update: (_, usual) => ({ ...usual(), headers: inTime }),
      },
      { secretLifetime: life, renewSecretOnUpdate: true },
    )
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    await age(store, 0.4)
    const stranger = start(server, store)
    await stranger.manager.ensure()
    expect(server.requestsTo('update')).toEqual([])
    await manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })
})

test('machines whose clocks are wrong alike register five clients an hour at most, as all others do', async () => {
  // By their clocks three days have passed since whatever the server has just done.
  const behind = 3 * life
  await using server = await startScriptedServer(
    {
      register: (_, usual) => {
        const answer = usual()
        const body = Object(answer.body)
        const dated = {
          client_id_issued_at: body.client_id_issued_at - behind,
          client_secret_expires_at: body.client_secret_expires_at - behind,
        }
        const date = new Date(Date.now() - behind * 1000).toUTCString()
        return { ...answer, headers: { date }, body: { ...body, ...dated } }
      },
    },
    { secretLifetime: life },
  )
  const store = memoryStore()
  const starting = (): ReturnType<typeof start> => start(server, store, { keepManagementToken: false })
  for (let i = 0; i < 4; i++) await starting().manager.ensure()
  const { manager } = starting()
  const last = await manager.ensure()
  expect(await failure(starting().manager.ensure())).toMatchObject({ code: 'attempts-spent' })
  expect(server.requestsTo('register')).toHaveLength(5)
  // Whoever has heard the server's clock knows that the secret lives.
  expect(await manager.ensure()).toEqual(last)
})

test('an end that a secret had before it was issued is not stated: it is no reason to renew', async () => {
  await using server = await startScriptedServer({}, { secretLifetime: -3600 })
  const store = new OpenStore()
  const { manager, events } = start(server, store)
  const registration = await manager.ensure()
  expect(registration).toMatchObject({ client_secret: expect.any(String) })
  expect(registration).not.toHaveProperty('client_secret_expires_at')
  expect(events).toContainEqual(
    expect.objectContaining({
      deviation: expect.objectContaining({ member: 'client_secret_expires_at', rule: 'expiry-in-the-past' }),
    }),
  )
  const before = server.requests.length
  expect(await start(server, store).manager.ensure()).toEqual(registration)
  expect(server.requests).toHaveLength(before)
  expect(await manager.status()).toMatchObject({ state: 'registered' })
})

test('a registration that gives out the client in use again, with its secret that has ended, leaves that end as it was', async () => {
  let first: Answer | undefined
  const again = (usual: () => Answer): Answer => {
    first ??= usual()
    return { ...first, headers: { date: new Date(Date.now()).toUTCString() } }
  }
  await using server = await startScriptedServer(
    { register: (_, usual) => again(usual), update: { status: 405 } },
    { secretLifetime: 60 },
  )
  using clock = takeClock()
  const { manager, events } = start(server, memoryStore())
  const { client_id, client_secret_expires_at } = await manager.ensure()
  clock.pass(90_000)
  expect(await failure(manager.ensure())).toMatchObject({ code: 'attempts-spent' })
  expect(server.requestsTo('register')).toHaveLength(2)
  const secretExpiresAt = Number(client_secret_expires_at) * 1000
  expect(await manager.status()).toMatchObject({ state: 'expired', client_id, secretExpiresAt })
  expect(events.map(({ type }) => type)).not.toContain('deviation')
})

test('a server whose every secret is due at once does not keep a start for ever', async () => {
  // Each answer brings a secret that ends in a second, and each of them is another one.
  const brief = (answer: Answer): Answer => {
    const secret = { client_secret: randomUUID(), client_secret_expires_at: Math.floor(Date.now() / 1000) + 1 }
    return { ...answer, body: { ...Object(answer.body), ...secret } }
  }
  await using server = await startScriptedServer({
    register: (_, usual) => brief(usual()),
    update: (_, usual) => brief(usual()),
  })
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  using clock = takeClock()
  for (let i = 0; i < 5; i++) {
    const before = server.requestsTo('update').length
    clock.pass(900)
    await start(server, store)
      .manager.ensure()
      .catch(() => undefined)
    expect(server.requestsTo('update').length - before).toBeLessThanOrEqual(3)
  }
  expect(server.requestsTo('register').length).toBeLessThanOrEqual(5)
})

test('a secret is renewed at a real server, by update where it does that and anew where not', async () => {
  const renewal = async (renewSecretOnUpdate: boolean): Promise<void> => {
    await using server = await startOidcProvider({ secretLifetime: 6, renewSecretOnUpdate })
    const store = memoryStore()
    const options = { metadata: { ...metadata, scope: 'orders:read' }, overlap: 0 }
    const first = await start(server, store, options).manager.ensure()
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const renewed = await start(server, store, options).manager.ensure()
    expect(renewed.client_secret_expires_at).toBeGreaterThan(first.client_secret_expires_at ?? 0)
    expect(renewed.client_id === first.client_id).toBe(renewSecretOnUpdate)
    // Nobody waited for the deletion of the old one.
    await expect.poll(() => server.clientIds()).toEqual([renewed.client_id])
  }
  await Promise.all([renewal(true), renewal(false)])
})
