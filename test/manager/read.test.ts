import { memoryStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { actsLate, gate, metadata, OpenStore, start } from './managed.ts'

describe('read()', () => {
  test('asks the server, and saves what it says: a read may rotate the management token', async () => {
    await using server = await startScriptedServer({}, { rotate: 'both' })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    Object.assign(server.registration(client_id) ?? {}, { client_name: 'by an operator' })
    const read = await manager.read()
    const held = server.registration(client_id)?.registration_access_token
    expect(read).toMatchObject({ client_id, client_name: 'by an operator', registration_access_token: held })
    expect((await store.peek()).record['registration']).toEqual(read)
    expect(await start(server, store).manager.ensure()).toEqual(read)
    expect(await manager.status()).toMatchObject({ state: 'registered', manageable: true })
  })

  test('is announced, so that no other replica sends the token at the same time', async () => {
    const reading = gate()
    await using server = await startScriptedServer({ read: [actsLate(reading)] }, { rotate: 'both' })
    const store = new OpenStore()
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    const read = manager.read()
    await expect.poll(() => server.requestsTo('read').length).toBe(1)
    expect((await store.peek()).record['intent']).toMatchObject({ operation: 'look' })
    // Whoever would use what is stored does not wait for it.
    expect((await start(server, store).manager.ensure()).client_id).toBe(client_id)
    const changing = start(server, store, { metadata: { ...metadata, client_name: 'two' } }).manager.ensure()
    const second = start(server, store).manager.read()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(server.requests.slice(-1)).toMatchObject([{ endpoint: 'read' }])
    reading.open()
    await Promise.all([read, changing, second])
    expect(server.requests.filter(({ status, endpoint }) => endpoint !== 'token' && status === 401)).toEqual([])
  })

  test('throws what the server answered, and the client stays in use', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager } = start(server, memoryStore())
    const first = await manager.ensure()
    const denied = { status: 401, body: { error: 'invalid_token' } }
    server.script({ read: [denied] })
    expect(await failure(manager.read())).toMatchObject({ name: 'ServerRefusedError', status: 401 })
    expect(await manager.ensure()).toEqual(first)
    expect(await manager.status()).toMatchObject({ state: 'registered', manageable: true })
    clock.pass(60_000)
    server.script({ read: [{ status: 429, headers: { 'retry-after': '30' } }] })
    expect(await failure(manager.read())).toMatchObject({ status: 429, retryAfter: 30_000 })
    const before = server.requests.length
    expect(await failure(manager.read())).toMatchObject({ code: 'attempts-spent' })
    expect(server.requests).toHaveLength(before)
    clock.pass(30_000)
    expect(await manager.read()).toMatchObject({ client_id: first.client_id })
  })

  test('takes back that the client cannot be managed', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const { manager, told } = start(server, memoryStore(), { forgetDelay: 0 })
    await manager.ensure()
    await manager.read()
    server.script({ read: [{ status: 401 }] })
    expect(await failure(manager.read())).toMatchObject({ status: 401 })
    expect(await manager.status()).toMatchObject({ manageable: false, waiting: [{ for: 'permission' }] })
    expect(told()).toContain('unmanageable')
    clock.pass(86_400_000)
    await manager.read()
    expect(await manager.status()).toMatchObject({ manageable: true, waiting: [] })
  })

  test('throws missing where there is nothing to read, and registers nothing', async () => {
    await using server = await startScriptedServer()
    expect(await failure(start(server, memoryStore()).manager.read())).toMatchObject({ code: 'missing' })
    expect(server.requests).toEqual([])
  })

  test('throws deleted', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore())
    await manager.ensure()
    await manager.delete()
    expect(await failure(manager.read())).toMatchObject({ code: 'deleted' })
  })

  test('throws not-managed where there is no management token', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), { keepManagementToken: false })
    await manager.ensure()
    expect(await failure(manager.read())).toMatchObject({ code: 'not-managed' })
    expect(await manager.status()).toMatchObject({ state: 'registered' })
  })
})
