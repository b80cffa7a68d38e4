import { inspect } from 'node:util'

import { memoryStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

let clock: Clock
beforeEach(() => {
  clock = takeClock()
})
afterEach(() => clock[Symbol.dispose]())

describe('a page where an answer was expected', () => {
  const page: Answer = {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Sign in - Example</title><script>var oidc = {"client_id":"proxy"}</script>',
  }

  test('makes nobody wait who has just signed in', async () => {
    await using server = await startScriptedServer({ register: [page, page, page, page] })
    const store = memoryStore()
    for (let i = 0; i < 4; i++)
      expect(await failure(start(server, store).manager.ensure())).toMatchObject({
        code: 'unexpected-answer',
        outcome: 'unknown',
        message: expect.stringContaining('Sign in - Example'),
      })
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
    expect((await manager.status()).orphans).toEqual([])
  })

  test('locks nobody out for longer than a minute, however long it comes, and is not asked for ten times a minute', async () => {
    await using server = await startScriptedServer({ register: page })
    const store = memoryStore()
    for (let second = 0; second < 600; second++) {
      await failure(start(server, store).manager.ensure())
      clock.pass(1000)
      if (second === 59) expect(server.requestsTo('register').length).toBeLessThanOrEqual(10)
    }
    expect(server.requestsTo('register').length).toBeGreaterThan(15)
    server.script({ register: undefined })
    clock.pass(60_000)
    const { client_id } = await start(server, store).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })
})

test('an OAuth error under the status of a success is a refusal: no client is listed, and no attempt is spent', async () => {
  const refusal: Answer = { status: 200, body: { error: 'invalid_client_metadata', error_description: 'no scope' } }
  await using server = await startScriptedServer({ register: refusal })
  const store = memoryStore()
  for (let i = 0; i < 5; i++) {
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({
      code: 'unexpected-answer',
      outcome: 'refused',
      error: 'invalid_client_metadata',
    })
    clock.pass(60_000)
  }
  server.script({ register: undefined })
  const { manager, told } = start(server, store)
  await manager.ensure()
  expect(told()).toEqual(['intent', 'registered'])
  expect((await manager.status()).orphans).toEqual([])
})

test.for([400, 409])('a refusal with %i after an attempt without an answer tells of that attempt', async (status) => {
  const refusal: Answer = { status, body: { error: 'invalid_client_metadata', error_description: 'known already' } }
  await using server = await startScriptedServer({ register: [{ lost: 'after' }, refusal] })
  const store = memoryStore()
  expect(await failure(start(server, store).manager.ensure())).toMatchObject({ outcome: 'unknown' })
  clock.pass(1000)
  const error = await failure(start(server, store).manager.ensure())
  expect(error).toMatchObject({ code: 'server-refused', status, errorDescription: 'known already' })
  expect(error.message).toMatch(/An earlier attempt got no answer.*recover\(\)/)
  expect((await failure(start(server, store).manager.ensure())).message).toContain('An earlier attempt')
})

test('a management address on a foreign origin is used as soon as allowedOrigins names it, and not before', async () => {
  await using elsewhere = await startScriptedServer({ update: ({ body }) => ({ body: JSON.parse(body) }) })
  await using server = await startScriptedServer({
    register: (_, usual) => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), registration_client_uri: `${elsewhere.url}/register/x` } }
    },
  })
  const store = memoryStore()
  const { client_id, registration_client_uri } = await start(server, store).manager.ensure()
  expect(registration_client_uri).toBeUndefined()
  expect((await start(server, store).manager.status()).manageable).toBe(false)
  expect(elsewhere.requests).toHaveLength(0)
  const changed = { metadata: { ...metadata, scope: 'orders more' }, allowedOrigins: [elsewhere.url] }
  const { manager, told } = start(server, store, changed)
  expect((await manager.ensure()).client_id).toBe(client_id)
  expect(told()).toEqual(['intent', 'updated'])
  expect(elsewhere.requests.map(({ method }) => method)).toEqual(['PUT'])
  expect(await manager.status()).toMatchObject({ manageable: true, client_id })
})

test("a server's client_id is escaped like any other word of it", async () => {
  await using server = await startScriptedServer({
    register: (_, usual) => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), client_id: 'abc\u001b[2J\n2026 INFO root \u202egnp.exe' } }
    },
  })
  const store = new OpenStore()
  store.beforeSave = () => {
    if (server.requestsTo('register').length > 0) throw new Error('disk\nfull')
  }
  const error = await failure(start(server, store).manager.ensure())
  expect(error).toMatchObject({ code: 'store-unavailable', outcome: 'accepted' })
  expect(error.message).toContain('abc\\u{1b}[2J\\u{a}2026 INFO root \\u{202e}gnp.exe')
  expect(error.message).toContain('disk\\u{a}full')
  expect(inspect(error)).not.toMatch(/^2026/m)
})

test('a client is kept where the server says its redirect URIs in one expression, and another declaration changes them', async () => {
  const asOne = (_: unknown, usual: () => Answer): Answer => {
    const answer = usual()
    const { redirect_uris = [], ...others } = Object(answer.body)
    return { ...answer, body: { ...others, redirect_uris: [`regexp=(${redirect_uris.join('|')})`] } }
  }
  await using server = await startScriptedServer({ register: asOne, read: asOne, update: asOne })
  const store = memoryStore()
  const declare = async (redirect_uris: string[]): Promise<unknown> =>
    start(server, store, { metadata: { redirect_uris } }).manager.ensure()
  const [one, other] = ['https://orders.example/cb', 'https://other.example/cb']
  const { client_id } = Object(await declare([one, other]))
  expect(await declare([one])).toMatchObject({ client_id, redirect_uris: [one] })
  expect(server.requestsTo('update').map(({ body }) => JSON.parse(body).redirect_uris)).toEqual([[one]])
  expect(server.clientIds()).toEqual([client_id])
})
