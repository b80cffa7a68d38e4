import { setTimeout } from 'node:timers/promises'

import { memoryStore } from '@registrant/core'
import type { ServerProfile } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest } from '@registrant/test/servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { actsLate, gate, holdBack, metadata, OpenStore, payer, start } from './managed.ts'

const profile: ServerProfile = { name: 'no updates', cannot: { update: 'It does not do that.' } }
const named = (name: string) => ({ profile, metadata: { ...metadata, client_name: name } })

/** The text that a call announces itself with. */
async function announcementOf(store: OpenStore, call: () => Promise<unknown>): Promise<string> {
  const texts: string[] = []
  store.beforeSave = (text) => void texts.push(text)
  await call()
  store.beforeSave = undefined
  return texts[0] ?? ''
}

let clock: Clock
beforeEach(() => {
  clock = takeClock()
})
afterEach(() => clock[Symbol.dispose]())

describe('a client that was replaced', () => {
  test('is deleted after the overlap by whoever makes a request anyway, and delays nobody', async () => {
    const returned = gate()
    await using server = await startScriptedServer({ delete: actsLate(returned) })
    const store = memoryStore()
    const first = await start(server, store, named('one')).manager.ensure()
    await start(server, store, named('two')).manager.ensure()
    clock.pass(3_600_000)
    const { manager } = start(server, store, named('three'))
    await manager.ensure()
    expect(server.clientIds()).toContain(first.client_id)
    returned.open()
    await expect.poll(() => server.clientIds(), { timeout: 3000 }).not.toContain(first.client_id)
    expect(server.requestsTo('delete')).toHaveLength(1)
  })

  test('waits for as long as the server asks for: a 429 makes no orphan of it', async () => {
    await using server = await startScriptedServer({ delete: [{ status: 429, headers: { 'retry-after': '90' } }] })
    const store = memoryStore()
    const first = await start(server, store, named('one')).manager.ensure()
    const { manager } = start(server, store, { ...named('two'), overlap: 1000 })
    await manager.ensure()
    clock.pass(1000)
    await manager.sweep()
    expect(await manager.status()).toMatchObject({
      orphans: [],
      replaced: [{ client_id: first.client_id }],
      waiting: expect.arrayContaining([expect.objectContaining({ for: 'server' })]),
    })
    // sweep() passes over our own marks, and not over what a server asked for.
    await manager.sweep()
    expect(server.requestsTo('delete')).toHaveLength(1)
    clock.pass(90_000)
    expect(await manager.sweep()).toEqual([])
    expect(await manager.status()).toMatchObject({ orphans: [], replaced: [] })
    expect(server.clients()).toBe(1)
  })

  test('and is listed waits for that too, and so does everything else', async () => {
    await using server = await startScriptedServer({ delete: { status: 429, headers: { 'retry-after': '90' } } })
    const { manager } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    await manager.forget()
    expect(await manager.sweep()).toMatchObject([{ client_id }])
    const before = server.requests.length
    expect(await failure(manager.ensure())).toMatchObject({ retryAfter: expect.any(Number) })
    expect((await manager.status()).waiting).toMatchObject([{ for: 'server' }])
    expect(server.requests).toHaveLength(before)
    clock.pass(90_000)
    expect(await manager.ensure()).toHaveProperty('client_id')
  })

  test('is deleted by one request, although a sweep and what nobody waits for are at it together', async () => {
    await using server = await startScriptedServer({ delete: (_, usual) => ({ delay: 200, ...usual() }) })
    const store = memoryStore()
    await start(server, store, named('one')).manager.ensure()
    const { manager } = start(server, store, { ...named('two'), overlap: 0 })
    const { client_id } = await manager.ensure()
    await Promise.all([manager.sweep(), manager.sweep(), manager.close()])
    expect(server.requestsTo('delete').map(({ status }) => status)).toEqual([204])
    expect(server.clientIds()).toEqual([client_id])
  })

  const impossible: Record<string, Answer> = {
    'status 405': { status: 405 },
    'status 403': { status: 403 },
    'a sign-in page': { status: 302, headers: { location: '/login' } },
  }
  for (const [name, answer] of Object.entries(impossible)) {
    test(`that the server can not delete is listed at once, and its secrets leave the record: ${name}`, async () => {
      await using server = await startScriptedServer({ delete: answer })
      const store = new OpenStore()
      const first = await start(server, store, named('one')).manager.ensure()
      const { manager, events } = start(server, store, { ...named('two'), overlap: 0 })
      await manager.ensure()
      await manager.sweep()
      expect((await manager.status()).orphans).toMatchObject([{ client_id: first.client_id }])
      expect(await manager.status()).toMatchObject({ replaced: [] })
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'orphan', orphan: expect.objectContaining({ client_id: first.client_id }) }),
      )
      expect((await store.peek()).value).not.toContain(String(first.client_secret))
    })
  }

  test('without an address to delete it at is listed when it is replaced', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { ...named('one'), keepManagementToken: false }).manager.ensure()
    const { manager } = start(server, store, { ...named('two'), keepManagementToken: false })
    await manager.ensure()
    expect(await manager.status()).toMatchObject({ replaced: [], orphans: [{ client_id: first.client_id }] })
    expect((await store.peek()).value).not.toContain(String(first.client_secret))
  })

  test('keeps no secret in the record while it waits', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, named('one')).manager.ensure()
    await start(server, store, named('two')).manager.ensure()
    expect((await store.peek()).value).not.toContain(String(first.client_secret))
    expect((await store.peek()).value).toContain(String(first.registration_access_token))
  })

  test('whose deletion fails is tried again after a minute, then two, and no sooner', async () => {
    await using server = await startScriptedServer({ delete: { status: 500 } })
    const store = memoryStore()
    await start(server, store, named('one')).manager.ensure()
    const { manager } = start(server, store, { ...named('two'), overlap: 0 })
    await manager.ensure()
    const tries = async (): Promise<number> => {
      const before = server.requestsTo('delete').length
      // A renewal makes requests, and so does what is to be deleted then.
      await manager.read()
      await manager.ensure()
      const { manager: last } = start(server, store, { ...named('two'), overlap: 0 })
      await last.read()
      await last.close()
      return server.requestsTo('delete').length - before
    }
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    expect(await tries()).toBe(0)
    clock.pass(60_000)
    expect(await tries()).toBe(1)
    clock.pass(60_000)
    expect(await tries()).toBe(0)
    clock.pass(60_000)
    expect(await tries()).toBe(1)
    expect(await manager.status()).toMatchObject({ replaced: [{}], orphans: [] })
    // After a week it is given up, and listed.
    clock.pass(8 * 86_400_000)
    await tries()
    expect(await manager.status()).toMatchObject({ replaced: [], orphans: [{}] })
  })

  test('keeps nobody waiting for each of the others where the server does not answer', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const first = start(server, store)
    await first.manager.ensure()
    await first.manager.forget()
    for (const name of ['one', 'two', 'three']) await start(server, store, named(name)).manager.ensure()
    server.script({ delete: { delay: Infinity } })
    const { manager } = start(server, store, { ...named('three'), overlap: 0, timeout: 1000, lease: 6000 })
    expect(await manager.sweep()).toHaveLength(1)
    expect(server.requestsTo('delete')).toHaveLength(1)
    await manager.close()
    expect(server.requestsTo('delete')).toHaveLength(2)
  })

  test.for([
    ['is over', 'pass', 2000],
    ['leaves a server little time to act in', 'pass', 1000],
    ['is over, since the machine has slept,', 'sleep', 2000],
  ] as const)('is not deleted when its announcement %s before the store has acknowledged it', async ([, pass, ms]) => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.forget()
    const acknowledged = holdBack(store, '"claim"')
    const swept = manager.sweep()
    await acknowledged.made
    clock[pass](ms)
    acknowledged.open()
    expect(await swept).toMatchObject([{ client_id }])
    expect(server.requestsTo('delete')).toEqual([])
    clock.pass(1500)
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })

  test('is given up with its announcement, before somebody else may be given that client again', async () => {
    await using server = await startScriptedServer({ delete: { delay: Infinity } })
    const store = new OpenStore()
    const options = { timeout: 4000, lease: 9000 }
    const { manager, events } = start(server, store, options)
    const client = await manager.ensure()
    await manager.forget()
    server.script({
      register: () => {
        events.push({ type: 'registered', at: 0, application: 'another', client_id: client.client_id })
        return { status: 200, body: client }
      },
    })
    const acknowledged = holdBack(store, '"claim"')
    const swept = manager.sweep()
    await acknowledged.made
    clock.pass(1500)
    acknowledged.open()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    const { client_id } = await start(server, store, options).manager.ensure()
    expect(client_id).toBe(client.client_id)
    await swept
    const order = events.flatMap((event) =>
      event.type === 'request' && event.method === 'DELETE'
        ? ['given up']
        : event.application === 'another'
          ? ['given']
          : [],
    )
    expect(order).toEqual(['given up', 'given'])
  }, 20_000)

  test('stays while its successor was reported as refused and not yet seen alive', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const first = await start(server, store, named('one')).manager.ensure()
    const { manager } = start(server, store, { ...named('two'), overlap: 1000 })
    const second = await manager.ensure()
    const denied = { status: 401, body: { error: 'invalid_client' } }
    server.script({
      token: ({ body }, usual) => (body.includes('authorization_code') ? denied : usual()),
      read: { status: 503 },
    })
    await failure(manager.reportRejected(second, { signal: AbortSignal.timeout(300) }))
    clock.pass(5000)
    await manager.sweep()
    expect(server.clientIds()).toContain(first.client_id)
    server.script({ token: undefined, read: undefined })
    clock.pass(60_000)
    expect(await manager.reportRejected(second)).toEqual(second)
    await manager.sweep()
    expect(server.clientIds()).toEqual([second.client_id])
  })
})

describe('lists', () => {
  test('are bounded, and what falls out of one is told', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const store = new OpenStore()
    const { manager, events } = start(server, store, { accessToken: undefined })
    const { client_id } = await manager.ensure()
    const orphans = Array.from({ length: 70 }, (_, n) => ({
      intent: `i${n}`,
      at: new Date(Date.now() - 70 + n).toISOString(),
      client_id: `orphan-${n}`,
      reason: 'It was listed.',
    }))
    await store.overwrite({ orphans })
    await manager.recover({ client_id })
    const listed = (await manager.status()).orphans.map((it) => it.client_id)
    expect(listed).toHaveLength(64)
    const told = events.flatMap((event) =>
      event.type === 'orphan' && event.listed === false ? [event.orphan.client_id] : [],
    )
    expect(new Set([...told, ...listed])).toEqual(new Set(orphans.map((it) => it.client_id)))
    expect(told.length + listed.length).toBe(orphans.length)
    expect(told).toEqual(['orphan-0', 'orphan-1', 'orphan-2', 'orphan-3', 'orphan-4', 'orphan-5'])
  })

  test('tell of a client that the server denies once more, for an operator may switch it on again', async () => {
    await using server = await startScriptedServer()
    const { manager, events } = start(server, memoryStore(), { forgetDelay: 0 })
    const first = await manager.ensure()
    server.script({
      token: ({ body }, usual) =>
        body.includes('authorization_code') ? { status: 401, body: { error: 'invalid_client' } } : usual(),
      read: { status: 401, body: { error: 'invalid_token' } },
      delete: { status: 401, body: { error: 'invalid_token' } },
    })
    await manager.reportRejected(first)
    expect((await manager.status()).orphans).toMatchObject([{ client_id: first.client_id }])
    expect(await manager.sweep()).toEqual([])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'orphan',
        listed: false,
        orphan: expect.objectContaining({ client_id: first.client_id }),
      }),
    )
  })

  test('are asked about twice at most where the server denies them', async () => {
    await using server = await startScriptedServer()
    const { manager, events } = start(server, memoryStore())
    const { client_id } = await manager.ensure()
    await manager.forget()
    server.script({ delete: { status: 401, body: { error: 'invalid_token' } } })
    expect(await manager.sweep()).toMatchObject([{ client_id }])
    expect(await manager.sweep()).toEqual([])
    expect(await manager.sweep()).toEqual([])
    expect(server.requestsTo('delete')).toHaveLength(2)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orphan', listed: false, orphan: expect.objectContaining({ client_id }) }),
    )
  })

  test('are left alone for as long as the server asked, also where that could not be written down', async () => {
    const busy = { status: 429, headers: { 'retry-after': '600' } }
    await using server = await startScriptedServer({ delete: [busy] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.forget()
    store.beforeLoad = () => {
      if (server.requestsTo('delete').length > 0) throw new Error('the store is down')
    }
    expect(await failure(manager.sweep())).toMatchObject({ code: 'store-unavailable' })
    store.beforeLoad = undefined
    clock.pass(500_000)
    expect(await manager.sweep()).toMatchObject([{ client_id }])
    expect(server.requestsTo('delete')).toHaveLength(1)
    clock.pass(100_000)
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(0)
  })

  test('shorten no wait that the server has named meanwhile in answer to something else', async () => {
    const busy = (seconds: string): Answer => ({ status: 429, headers: { 'retry-after': seconds } })
    const held = gate()
    const late = async (): Promise<Answer> => {
      await held.opened
      return busy('1')
    }
    await using server = await startScriptedServer({ delete: [late], update: [busy('600')] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    await manager.forget()
    await manager.ensure()
    const sweeping = manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    const other = start(server, store, { metadata: { ...metadata, client_name: 'orders 2' } })
    await other.manager.ensure()
    held.open()
    await sweeping
    clock.pass(300_000)
    await start(server, store, { metadata: { ...metadata, client_name: 'orders 3' } }).manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('stay listed where a machine saves whose clock is more than a month ahead', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    await manager.forget()
    await manager.ensure()
    clock.pass(31 * 24 * 3_600_000)
    const ahead = start(server, store, { metadata: { ...metadata, client_name: 'orders 2' } })
    await ahead.manager.ensure()
    expect(await ahead.manager.status()).toMatchObject({ orphans: [{ client_id }] })
    expect(await manager.sweep()).toEqual([])
    expect(server.clients()).toBe(1)
  })

  test('get no client without an event: neither one that nothing can delete, nor one that a deletion leaves', async () => {
    const unmanaged = (_: ScriptedRequest, usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      return { ...answer, body: { ...Object(body), registration_access_token: undefined } }
    }
    await using server = await startScriptedServer({ register: [unmanaged] })
    const store = new OpenStore()
    const made: string[] = []
    const told: unknown[] = []
    for (const client_name of ['one', 'two', 'three']) {
      const { manager, events } = start(server, store, { profile, metadata: { ...metadata, client_name } })
      made.push((await manager.ensure()).client_id)
      if (client_name === 'three') {
        server.script({ delete: [{ status: 204 }, { status: 503 }] })
        await manager.delete()
        await manager.close()
      }
      told.push(...events.flatMap((it) => (it.type === 'orphan' ? [it.orphan.client_id] : [])))
    }
    expect(told).toEqual(made.slice(0, 2))
  })

  test('are swept but for those that somebody else is at, or that have no address', async () => {
    const held = gate()
    await using server = await startScriptedServer({ delete: [actsLate(held)] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const made: string[] = []
    for (let n = 0; n < 4; n++) {
      made.push((await manager.ensure()).client_id)
      await manager.forget()
    }
    const { record } = await store.peek()
    const [first, second, ...others] = Array.isArray(record['orphans']) ? record['orphans'] : []
    await store.overwrite({ orphans: [first, { ...second, registration_client_uri: undefined }, ...others] })
    const other = start(server, store).manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    const left = await manager.sweep()
    expect(left.map(({ client_id }) => client_id)).toEqual(made.slice(0, 2))
    expect(server.clientIds()).toEqual(made.slice(0, 2))
    held.open()
    expect(await other).toMatchObject([{ client_id: made[1] }])
  })

  test('are swept once the lease of a starter that died while it registered is over, and not before', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    await manager.forget()
    server.script({ register: [{ delay: Infinity }] })
    const starting = failure(start(server, store).manager.ensure())
    await expect.poll(() => server.requestsTo('register').length).toBe(2)
    const { intent } = (await store.peek()).record
    await starting
    // It died instead of noting that no answer came.
    await store.overwrite({ intent })
    await manager.sweep()
    expect(server.requestsTo('delete')).toEqual([])
    clock.wait(6500)
    await manager.sweep()
    expect(server.clients()).toBe(0)
  })

  test('are waited for with pauses by whoever would register, also where a starter has let its intent go', async () => {
    const held = gate()
    await using server = await startScriptedServer({ delete: [actsLate(held)] })
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    const { intent } = JSON.parse(await announcementOf(store, () => manager.read()))
    await manager.forget()
    await store.overwrite({ intent: { ...intent, operation: 'register', lease: 0 } })
    const swept = start(server, store).manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    let loads = 0
    store.beforeLoad = () => void loads++
    const made = start(server, store).manager.ensure()
    await setTimeout(500)
    expect(loads).toBeGreaterThan(1)
    expect(loads).toBeLessThan(30)
    held.open()
    await swept
    await made
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('are swept by the access token, too, where the profile says that this manages clients', async () => {
    const byAccessToken: ServerProfile = { name: 'by access token', managementAuthorization: 'access-token' }
    const withoutToken = (_: unknown, usual: () => Answer): Answer => {
      const { registration_access_token: _token, ...body } = Object(usual().body)
      return { status: 201, body }
    }
    const sent: (string | undefined)[] = []
    const remove = ({ headers }: ScriptedRequest): Answer => {
      sent.push(String(Object(headers)['authorization']))
      return { status: 204 }
    }
    await using server = await startScriptedServer({ register: withoutToken, delete: remove }, { open: true })
    const { manager } = start(server, memoryStore(), { profile: byAccessToken, accessToken: 'the-access-token' })
    await manager.ensure()
    await manager.forget()
    expect(await manager.sweep()).toEqual([])
    expect(sent).toEqual(['Bearer the-access-token'])
  })

  test('and retired clients stay while the access token that manages clients is refused: nobody has said that they are gone', async () => {
    const { ended, profile: byAccessToken } = payer
    await using server = await startScriptedServer({ delete: ended.delete }, { open: true })
    const store = memoryStore()
    const managed = { accessToken: 'ended', overlap: 0 }
    await start(server, store, { ...managed, profile: byAccessToken }).manager.ensure()
    const { manager } = start(server, store, {
      ...managed,
      profile: { ...byAccessToken, cannot: { update: 'No.' } },
      metadata: { ...metadata, client_name: 'two' },
    })
    await manager.ensure()
    await manager.forget()
    await manager.ensure()
    for (let n = 0; n < 3; n++) await manager.sweep()
    expect(await manager.status()).toMatchObject({ replaced: [], orphans: [{}, {}] })
    server.script({ delete: { status: 204 } })
    expect(await manager.sweep()).toEqual([])
  })

  test('keep a record below 64 kB', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, events } = start(server, store)
    const { client_id } = await manager.ensure()
    const orphans = Array.from({ length: 60 }, (_, n) => ({
      intent: `i${n}`,
      at: new Date().toISOString(),
      client_id: `orphan-${n}-${'x'.repeat(1500)}`,
      reason: 'It was listed.',
    }))
    await store.overwrite({ orphans })
    await manager.recover({ client_id })
    expect(Buffer.byteLength((await store.peek()).value)).toBeLessThanOrEqual(65_536)
    const fallen = events.filter((event) => event.type === 'orphan' && event.listed === false)
    expect(fallen.length + (await manager.status()).orphans.length).toBe(60)
    expect(fallen.length).toBeGreaterThan(10)
  })
})
