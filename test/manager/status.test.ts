import { memoryStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

const nothing = { orphans: [], replaced: [], waiting: [], suspect: false }

describe('status()', () => {
  test('and events show what a server calls a client with each control and bidi mark escaped', async () => {
    const client_id = 'a\u001b[2J\nINFO root \u202egnp'
    const named: Answer = { status: 201, body: { client_id, client_secret: 'secret', client_secret_expires_at: 0 } }
    await using server = await startScriptedServer({ register: [named] })
    const { manager, events } = start(server, memoryStore())
    expect(await manager.ensure()).toMatchObject({ client_id })
    const shown: unknown[] = [await manager.status()]
    await manager.forget()
    shown.push(await manager.status(), await manager.sweep(), ...events)
    expect(JSON.stringify(shown)).toContain('gnp')
    for (const text of shown.map((it) => JSON.stringify(it))) expect(text).not.toMatch(/\\u001b|\\n|\u202e/)
  })

  test('says how things stand without a request', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: 3600 })
    using clock = takeClock()
    const { manager } = start(server, memoryStore(), { generation: 4 })
    expect(await manager.status()).toEqual({ state: 'absent', manageable: false, ...nothing })
    const { client_id, client_secret_expires_at = 0 } = await manager.ensure()
    const before = server.requests.length
    expect(await manager.status()).toEqual({
      state: 'registered',
      client_id,
      manageable: true,
      generation: 4,
      secretExpiresAt: client_secret_expires_at * 1000,
      ...nothing,
    })
    clock.pass(3_700_000)
    expect(await manager.status()).toMatchObject({ state: 'expired' })
    expect(server.requests).toHaveLength(before)
  })

  test('says a denial of the token once, and nothing of it any more once the client is deleted', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store, { metadata: { ...metadata, client_name: 'one' } }).manager.ensure()
    server.script({ read: { status: 401 }, update: { status: 401 } })
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
    await manager.ensure()
    expect((await manager.status()).waiting).toMatchObject([{ for: 'declaration' }])
    server.script({ read: undefined, update: undefined })
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted', waiting: [] })
  })

  test('says what waits, until when and why, in an order of its own for each cause', async () => {
    await using server = await startScriptedServer()
    using clock = takeClock()
    const store = memoryStore()
    await start(server, store, { metadata: { ...metadata, client_name: 'one' } }).manager.ensure()
    server.script({ update: { status: 422, body: { error: 'invalid_client_metadata', error_description: 'no name' } } })
    const { manager } = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
    await failure(manager.ensure())
    const [waiting] = (await manager.status()).waiting
    expect(waiting).toMatchObject({ for: 'declaration', reason: expect.stringContaining('no name') })
    expect((waiting?.until ?? 0) - Date.now()).toBeGreaterThan(29_000)
    expect((waiting?.until ?? 0) - Date.now()).toBeLessThanOrEqual(60_000)
    // When that is over, it is done: nothing needs luck.
    server.script({ update: undefined })
    clock.pass((waiting?.until ?? 0) - Date.now())
    expect(await manager.ensure()).toMatchObject({ client_name: 'two' })
    expect(await manager.status()).toMatchObject({ waiting: [] })
  })

  test('says nothing of another declaration that was refused, where the own one is in force', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { manager } = start(server, store)
    await manager.ensure()
    server.script({ update: { status: 422, body: { error: 'invalid_client_metadata' } } })
    const canary = start(server, store, { metadata: { ...metadata, client_name: 'canary' } }).manager
    await failure(canary.ensure())
    expect((await canary.status()).waiting).toMatchObject([{ for: 'declaration' }])
    expect((await manager.status()).waiting).toEqual([])
    expect((await start(server, store).manager.status()).waiting).toEqual([])
  })

  test('says what this process was told itself, also where the store has lost it', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    await manager.ensure()
    server.script({ read: { status: 429, headers: { 'retry-after': '90' } } })
    await failure(manager.read())
    await store.overwrite({ pause: undefined, failures: undefined })
    expect((await start(server, store).manager.status()).waiting).toEqual([])
    const { waiting } = await manager.status()
    expect(waiting).toMatchObject([{ for: 'server' }])
    expect((waiting[0]?.until ?? 0) - Date.now()).toBeGreaterThan(60_000)
  })

  test('gives reasons that are sentences', async () => {
    await using server = await startScriptedServer({ register: { status: 500 } })
    const store = memoryStore()
    using clock = takeClock()
    for (let times = 0; times < 3; times++) {
      await failure(start(server, store).manager.ensure())
      clock.pass(60_000)
    }
    const { waiting } = await start(server, store).manager.status()
    expect(waiting).toMatchObject([
      { for: 'registration', reason: expect.stringMatching(/^As many registrations .*\.$/) },
    ])
  })

  test.for<[cause: string, answer: Answer]>([
    ['a server that asks to be left alone', { status: 429, headers: { 'retry-after': '90' } }],
    ['a refusal of what was asked', { status: 400, body: { error: 'invalid_redirect_uri' } }],
    ['a refusal without a code', { status: 403 }],
    ['a refused token', { status: 401, body: { error: 'invalid_token' } }],
    ['no answer', { lost: 'before' }],
  ])('says in sentences what %s came to', async ([, answer]) => {
    await using server = await startScriptedServer({ register: answer })
    const { manager } = start(server, memoryStore())
    await failure(manager.ensure())
    const { waiting } = await manager.status()
    expect(waiting.length).toBeGreaterThan(0)
    for (const { reason, until } of waiting) {
      expect(reason).toMatch(/^[A-Z].*[^.]\.$/)
      expect(reason).toContain(' ')
      expect(until).toBeGreaterThan(Date.now() - 60_000)
    }
  })

  test('shows no secret, not in an address either, and no control character', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const { body, ...answer } = usual()
        const client = Object(body)
        const registration_client_uri = `${client.registration_client_uri}/${client.registration_access_token}?t=${client.registration_access_token}`
        return { ...answer, body: { ...client, registration_client_uri } }
      },
      delete: { status: 400, body: { error: 'x', error_description: 'bell\u0007 and \u001b[31mred\r\nline' } },
    })
    const store = new OpenStore()
    const { manager, events } = start(server, store)
    const { registration_access_token = '' } = await manager.ensure()
    const error = await failure(manager.delete())
    await manager.forget()
    const left = await manager.sweep()
    const status = await manager.status()
    expect(status.orphans).toHaveLength(1)
    const shown = [JSON.stringify([status, events, left, error]), error.message, String(error.stack)].join(' ')
    expect(shown).not.toContain(registration_access_token)
    const texts = [error.message, ...status.waiting.map((it) => it.reason), ...status.orphans.map((it) => it.reason)]
    // oxlint-disable-next-line no-control-regex
    for (const text of texts) expect(text).not.toMatch(/[\u0000-\u001f\u007f]/)
  })
})

describe('what a server says of itself', () => {
  test('is looked up again before a 404 at one of its endpoints counts', async () => {
    await using server = await startScriptedServer({
      discovery: [
        (_, usual) => ({ ...usual(), body: { ...Object(usual().body), registration_endpoint: `${server.url}/moved` } }),
      ],
    })
    const { client_id } = await start(server, memoryStore()).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
    expect(server.requestsTo('discovery').length).toBeGreaterThan(1)
  })

  test('is kept for an hour, or for as long as it says', async () => {
    for (const [headers, ms] of [
      [undefined, 3_600_000],
      [{ 'cache-control': 'max-age=600' }, 600_000],
      [{ 'cache-control': 'max-age=1' }, 300_000],
      [{ 'cache-control': 'max-age=999999' }, 86_400_000],
    ] as const) {
      await using server = await startScriptedServer({
        discovery: (_, usual) => ({ ...usual(), ...(headers && { headers }) }),
      })
      using clock = takeClock()
      const { manager } = start(server, memoryStore())
      await manager.ensure()
      const before = server.requestsTo('discovery').length
      clock.pass(ms - 5000)
      await manager.read()
      expect(server.requestsTo('discovery')).toHaveLength(before)
      clock.pass(6000)
      await manager.read()
      expect(server.requestsTo('discovery').length).toBeGreaterThan(before)
    }
  })
})

test('events, errors and statuses hold no secret', async () => {
  await using server = await startScriptedServer(
    { update: [{ lost: 'after' }], delete: [{ status: 500 }] },
    { rotate: 'both' },
  )
  const store = memoryStore()
  const one = start(server, store, { forgetDelay: 0 })
  const stored = await one.manager.ensure()
  const two = start(server, store, { metadata: { ...metadata, client_name: 'two' } })
  await two.manager.ensure()
  await two.manager.ensure()
  await two.manager.forget()
  const swept = await two.manager.sweep()
  await one.manager.reportRejected(stored)
  const error = await failure(one.manager.recover({ client_id: '' }))
  const printed = JSON.stringify([one.events, two.events, swept, await two.manager.status(), error, String(error)])
  const secrets = server.secrets()
  expect(secrets.length).toBeGreaterThan(4)
  for (const secret of secrets) expect(printed).not.toContain(secret)
})
