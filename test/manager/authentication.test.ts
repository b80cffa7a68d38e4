import { memoryStore } from '@registrant/core'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, sayingLittle, start } from './managed.ts'

describe('authentication', () => {
  const methods: [method: string, expected: unknown][] = [
    ['client_secret_basic', { headers: { authorization: expect.stringMatching(/^Basic /) } }],
    ['client_secret_post', { form: { client_id: expect.any(String), client_secret: expect.any(String) } }],
    ['none', { form: { client_id: expect.any(String) } }],
    ['tls_client_auth', { form: { client_id: expect.any(String) } }],
    ['client_secret_jwt', { form: { client_assertion: expect.any(String) } }],
  ]
  for (const [method, expected] of methods) {
    test(`hands over what proves a client of ${method}`, async () => {
      await using server = await startScriptedServer()
      const { manager } = start(server, memoryStore(), {
        metadata: {
          ...metadata,
          token_endpoint_auth_method: method,
          ...(method === 'tls_client_auth' ? { tls_client_auth_subject_dn: 'CN=orders' } : {}),
        },
      })
      expect(await manager.authentication()).toMatchObject(Object(expected))
    })
  }

  for (const method of ['none', 'client_secret_post', 'tls_client_auth'])
    test(`proves the client by what is in force, where the server refused ${method}`, async () => {
      const update = { status: 400, body: { error: 'invalid_client_metadata' } }
      await using server = await startScriptedServer({ ...sayingLittle(), update })
      const store = memoryStore()
      const before = await start(server, store).manager.authentication()
      const named = method === 'tls_client_auth' ? { tls_client_auth_subject_dn: 'CN=orders' } : {}
      const { manager } = start(server, store, {
        metadata: { ...metadata, ...named, token_endpoint_auth_method: method },
      })
      expect(await failure(manager.ensure())).toMatchObject({ status: 400 })
      expect(await manager.authentication()).toEqual(before)
    })

  for (const [what, options] of [
    ['a managed key', { keys: {} }],
    ['its secret', { metadata: { ...metadata, token_endpoint_auth_method: 'client_secret_jwt' } }],
  ] as const)
    test(`dates an assertion by ${what} as the server counts, whose clock is ten minutes ahead`, async () => {
      const ahead = (_: unknown, usual: () => Answer): Answer => ({
        ...usual(),
        headers: { date: new Date(Date.now() + 600_000).toUTCString() },
      })
      await using server = await startScriptedServer({ discovery: ahead, register: ahead, token: ahead, read: ahead })
      const { manager } = start(server, memoryStore(), options)
      await manager.ensure()
      const { form } = await manager.authentication()
      const { iat = 0 } = decodeJwt(form?.['client_assertion'] ?? '')
      expect(Math.abs(iat - (Date.now() / 1000 + 600))).toBeLessThan(30)
    })

  test('gets a token at the server, with requests of one own', async () => {
    await using server = await startOidcProvider()
    const { manager } = start(server, memoryStore(), { metadata: { ...metadata, scope: 'orders:read' } })
    const { headers, form } = await manager.authentication()
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:read', ...form })
    const answer = await fetch(`${server.url}/token`, { method: 'POST', headers: headers ?? {}, body })
    expect(answer.status).toBe(200)
  })

  test('says so where the proof is the application’s own', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, memoryStore(), {
      metadata: { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' },
    })
    expect(await failure(manager.authentication())).toMatchObject({ code: 'unsupported' })
  })

  test('and server() ask a server that names a wait instead of its metadata no more before that is over', async () => {
    using clock = takeClock()
    await using server = await startScriptedServer()
    const store = memoryStore()
    const options = { metadata: { ...metadata, token_endpoint_auth_method: 'client_secret_jwt' } }
    await start(server, store, options).manager.ensure()
    for (const verb of ['authentication', 'server'] as const) {
      const { manager } = start(server, store, options)
      server.script({ discovery: { status: 429, headers: { 'retry-after': '30' } } })
      expect(await failure(manager[verb]())).toMatchObject({ status: 429, retryAfter: 30_000 })
      clock.pass(20_000)
      const before = server.requests.length
      for (const call of [manager.authentication(), manager.server()])
        expect(await failure(call)).toMatchObject({ code: 'attempts-spent', retryAfter: expect.closeTo(10_000, -4) })
      expect(server.requests).toHaveLength(before)
      server.script({ discovery: undefined })
      clock.pass(10_000)
      await manager.authentication()
      expect(await manager.server()).toMatchObject({ issuer: server.issuer })
    }
  })
})
