import { memoryStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { actsLate, gate, metadata, OpenStore, start } from './managed.ts'
import { stopwatch } from '../support/stopwatch.ts'

describe('close()', () => {
  test('lets what has begun come to its end, and from then on each verb throws', async () => {
    const answering = gate()
    await using server = await startScriptedServer({
      register: actsLate(answering),
    })
    const store = memoryStore()
    const { manager } = start(server, store)
    const made = manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const closed = manager.close()
    answering.open()
    await closed
    const { client_id } = await made
    expect(server.clientIds()).toEqual([client_id])
    const calls: Record<string, () => Promise<unknown>> = {
      ensure: () => manager.ensure(),
      rotate: () => manager.rotate(),
      read: () => manager.read(),
      authentication: () => manager.authentication(),
      reportRejected: () => manager.reportRejected({ client_id }),
      status: () => manager.status(),
      delete: () => manager.delete(),
      forget: () => manager.forget(),
      recover: () => manager.recover({ client_id }),
      sweep: () => manager.sweep(),
      watch: () => manager.watch().next(),
    }
    const before = server.requests.length
    for (const [verb, call] of Object.entries(calls))
      expect(await failure(call()), verb).toMatchObject({ name: 'StateError', code: 'closed', outcome: 'not-sent' })
    expect(server.requests).toHaveLength(before)
    await manager.close()
    expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
  })

  for (const loaded of [false, true])
    for (const [verb, endpoint] of [
      ['rotate', 'update'],
      ['read', 'read'],
      ['delete', 'delete'],
    ] as const)
      test(`lets ${verb}() that was called right before come to its end, ${loaded ? 'where the manager works' : 'before anything is loaded'}`, async () => {
        await using server = await startScriptedServer()
        const store = memoryStore()
        await start(server, store).manager.ensure()
        const { manager } = start(server, store)
        if (loaded) await manager.status()
        const called = manager[verb]()
        await manager.close()
        await called
        expect(server.requestsTo(endpoint)).toHaveLength(1)
      })

  test('while a first call still looks at the store ends it as closed, and nothing is sent', async () => {
    await using server = await startScriptedServer()
    const looking = gate()
    const store = new OpenStore()
    store.beforeLoad = () => looking.opened
    const { manager } = start(server, store)
    const made = failure(manager.ensure())
    await manager.close()
    looking.open()
    expect(await made).toMatchObject({ code: 'closed', outcome: 'not-sent' })
    expect(server.requests).toEqual([])
  })

  test('says so to whom it does not wait for any longer', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store).manager.ensure()
    server.script({ update: { delay: 500, status: 405 }, register: { delay: 500 } })
    const { manager } = start(server, store, { timeout: 700, lease: 5700 })
    const rotated = failure(manager.rotate())
    const deleted = failure(manager.delete())
    await expect.poll(() => server.requestsTo('update').length).toBe(1)
    await manager.close()
    expect(await rotated).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('was closed') })
    expect(await deleted).toMatchObject({ code: 'closed', outcome: 'not-sent' })
  })

  test('is waited for no longer than its signal allows, and goes on', async () => {
    const answering = gate()
    await using server = await startScriptedServer({ register: actsLate(answering) })
    const { manager } = start(server, memoryStore(), { timeout: 60_000, lease: 70_000 })
    const made = manager.ensure()
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const leaving = new AbortController()
    const closed = failure(manager.close({ signal: leaving.signal }))
    leaving.abort()
    expect(await closed).toMatchObject({ code: 'aborted', outcome: 'unknown' })
    expect(await failure(manager.ensure())).toMatchObject({ code: 'closed' })
    answering.open()
    const { client_id } = await made
    expect(server.clientIds()).toEqual([client_id])
    await manager.close()
  })

  test('waits for a sweep, and what that has not begun by then stays', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    for (let n = 0; n < 2; n++) {
      await manager.ensure()
      await manager.forget()
    }
    const deleting = [gate(), gate()]
    server.script({ delete: deleting.map(actsLate) })
    const swept = manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(1)
    let isClosed = false
    const closed = manager.close().then(() => (isClosed = true))
    deleting[0]?.open()
    await expect.poll(() => server.requestsTo('delete').length).toBe(2)
    expect(isClosed).toBe(false)
    deleting[1]?.open()
    await closed
    expect(await swept).toEqual([])
    expect(server.clients()).toBe(0)

    const slow = start(server, store, { timeout: 700, lease: 5700 })
    for (let n = 0; n < 3; n++) {
      await slow.manager.ensure()
      await slow.manager.forget()
    }
    const held = gate()
    server.script({ delete: [actsLate(held)] })
    const left = slow.manager.sweep()
    await expect.poll(() => server.requestsTo('delete').length).toBe(3)
    await slow.manager.close()
    held.open()
    expect((await left).length).toBeGreaterThan(1)
    expect(server.requestsTo('delete')).toHaveLength(3)
  })

  test('ends a report that waits for the next observation, and the store is left alone', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const store = new OpenStore()
    const { manager } = start(server, store, { accessToken: undefined, forgetDelay: 20_000 })
    const registration = await manager.ensure()
    server.script({ token: { status: 401, body: { error: 'invalid_client' } }, read: { status: 401 } })
    const reported = failure(manager.reportRejected(registration))
    await expect.poll(async () => (await manager.status()).suspect).toBe(true)
    await manager.close()
    let loads = 0
    store.beforeLoad = () => void loads++
    expect(await reported).toMatchObject({ code: 'closed' })
    expect(loads).toBe(0)
  })

  test('ends watch()', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    const watched = manager.watch()
    await watched.next()
    const next = watched.next()
    await manager.close()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  test('waits for timeout at most, and leaves an intent that hinders nobody', async () => {
    await using server = await startScriptedServer({ register: [{ delay: Infinity }] })
    const store = new OpenStore()
    const { manager } = start(server, store, { timeout: 20_000, lease: 25_000 })
    const lost = manager.ensure().catch((error: unknown) => error)
    await expect.poll(() => server.requestsTo('register').length).toBe(1)
    const short = start(server, store, { timeout: 400, lease: 5400 })
    using first = stopwatch()
    await short.manager.close()
    expect(first.ms).toBeLessThan(400)

    const other = new OpenStore()
    server.script({ register: [{ delay: Infinity }] })
    const dying = start(server, other, { timeout: 700, lease: 30_000 })
    // The request has the same time, so it is begun a little later than the call.
    server.script({ token: { delay: 300 } })
    const begun = dying.manager.ensure().catch((error: unknown) => error)
    await expect.poll(() => server.requestsTo('token').length).toBe(2)
    using closing = stopwatch()
    await dying.manager.close()
    expect(closing.ms).toBeLessThan(1500)
    await begun
    const { intent } = (await other.peek()).record
    if (intent !== undefined) expect(intent).toMatchObject({ lease: 0 })
    server.script({ token: undefined, register: undefined })
    await manager.close()
    expect(await lost).toBeInstanceOf(Error)
    // Whoever comes next need not wait for a lease.
    using next = stopwatch()
    await start(server, other)
      .manager.ensure()
      .catch(() => undefined)
    expect(next.ms).toBeLessThan(2000)
  }, 60_000)

  test('deletes what is due, so that a process that only starts leaves no replaced client behind', async () => {
    await using server = await startScriptedServer()
    const profile = { name: 'no updates', cannot: { update: 'It does not.' } }
    const store = memoryStore()
    await start(server, store, { profile }).manager.ensure()
    const { manager } = start(server, store, { profile, overlap: 0, metadata: { ...metadata, client_name: 'two' } })
    const { client_id } = await manager.ensure()
    await manager.close()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('deletes what is due where the start that found a good record made no request', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const replacing = start(server, store, { keepManagementToken: true })
    await replacing.manager.ensure()
    server.script({ update: { status: 405 } })
    const { client_id } = await replacing.manager.rotate()
    await replacing.manager.close()
    expect(server.clients()).toBe(2)
    using clock = takeClock()
    const early = start(server, store)
    await early.manager.ensure()
    await early.manager.close()
    expect(server.clients()).toBe(2)
    clock.pass(3_600_000)
    const later = start(server, store)
    await later.manager.ensure()
    expect(server.clients()).toBe(2)
    await later.manager.close()
    expect(server.clientIds()).toEqual([client_id])
  })

  for (const verb of ['forget', 'recover'] as const)
    test(`waits for ${verb}(), and then for the store to close`, async () => {
      await using server = await startScriptedServer()
      const saving = gate()
      const inner = new OpenStore()
      const order: string[] = []
      const store = Object.assign(inner, { close: async () => void order.push('store closed') })
      const { manager } = start(server, store, { timeout: 20_000, lease: 30_000 })
      const { client_id } = await manager.ensure()
      inner.beforeSave = () => {
        order.push('save')
        return saving.opened
      }
      const called = verb === 'forget' ? manager.forget() : manager.recover({ client_id })
      const settled = called.then(() => order.push('settled'))
      await expect.poll(() => order).toEqual(['save'])
      const closed = manager.close().then(() => order.push('closed'))
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(order).toEqual(['save'])
      saving.open()
      await Promise.all([settled, closed])
      expect(order.at(-1)).toBe('closed')
      const { record } = await inner.peek()
      expect(record['registration']).toEqual(verb === 'forget' ? undefined : expect.objectContaining({ client_id }))
    })

  test('of a manager that did nothing does nothing', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store).manager.close()
    expect(server.requests).toEqual([])
    expect(store.saves).toBe(0)
  })

  test('is what `await using` calls', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    {
      await using used = manager
      await used.ensure()
    }
    expect(await failure(manager.ensure())).toMatchObject({ code: 'closed' })
  })
})

describe('a signal that was aborted before the call', () => {
  test('means that nothing is loaded, saved or sent, in every verb', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    const fresh = start(server, store).manager
    let looks = 0
    store.beforeLoad = () => void looks++
    const saves = store.saves
    const before = server.requests.length
    const gone = { signal: AbortSignal.abort() }
    for (const one of [manager, fresh]) {
      const calls: Record<string, () => Promise<unknown>> = {
        ensure: () => one.ensure(gone),
        rotate: () => one.rotate(gone),
        read: () => one.read(gone),
        authentication: () => one.authentication(gone),
        reportRejected: () => one.reportRejected({ client_id }, gone),
        status: () => one.status(gone),
        delete: () => one.delete(gone),
        forget: () => one.forget(gone),
        recover: () => one.recover({ client_id: 'x' }, gone),
        sweep: () => one.sweep(gone),
      }
      for (const [verb, call] of Object.entries(calls)) {
        expect(await failure(call()), verb).toMatchObject({ outcome: 'not-sent' })
      }
      expect(await one.watch(gone).next()).toEqual({ done: true, value: undefined })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(looks).toBe(0)
    expect(store.saves).toBe(saves)
    expect(server.requests).toHaveLength(before)
  })
})
