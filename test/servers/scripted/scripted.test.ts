import { expect, test } from 'vitest'

import { startScriptedServer } from '../index.ts'
import { askForToken, manage, register } from '../speak.ts'

const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'Orders' }

test('without a script it registers, reads, updates and deletes as the specifications say', async () => {
  await using server = await startScriptedServer()
  const document = await (await fetch(`${server.issuer}/.well-known/oauth-authorization-server`)).json()
  expect(document).toMatchObject({ issuer: server.issuer, registration_endpoint: `${server.url}/register` })

  expect((await register(server.url, 'made-up', metadata)).status).toBe(401)
  const token = (await askForToken(server.url, server.registrar)).body['access_token']
  const { status, body: client } = await register(server.url, token, metadata)
  expect(status).toBe(201)
  expect(client).toMatchObject({ ...metadata, client_secret_expires_at: 0 })
  expect((await manage('GET', client)).body).toEqual(client)

  const sent = { client_id: client['client_id'], redirect_uris: ['https://app.example/other'] }
  expect((await manage('PUT', client, client)).status).toBe(400)
  const { body: updated } = await manage('PUT', client, sent)
  expect(updated).toMatchObject(sent)
  expect(updated).not.toHaveProperty('client_name')
  expect(updated['client_secret']).toBe(client['client_secret'])

  expect((await manage('DELETE', updated)).status).toBe(204)
  expect(server.clients()).toBe(0)
  expect(server.requestsTo('update').map((request) => request.status)).toEqual([400, 200])
  expect(server.secrets()).toContain(client['client_secret'])
})

test('tokens rotate when they are told to', async () => {
  const expected = { never: [false, false], update: [false, true], read: [true, false], both: [true, true] }
  for (const rotate of ['never', 'update', 'read', 'both'] as const) {
    await using server = await startScriptedServer({}, { open: true, rotate })
    const { body: client } = await register(server.url, undefined, metadata)
    const { body: read } = await manage('GET', client)
    const { body: updated } = await manage('PUT', read, { ...metadata, client_id: client['client_id'] })
    const tokens = [client, read, updated].map((answer) => answer['registration_access_token'])
    expect([tokens[0] !== tokens[1], tokens[1] !== tokens[2]]).toEqual(expected[rotate])
  }
})

test('a list is for the next requests, a single script for all, and both leave the rest as usual', async () => {
  await using server = await startScriptedServer(
    { register: [{ status: 503, headers: { 'retry-after': '3' }, body: { error: 'temporarily_unavailable' } }] },
    { open: true },
  )
  const refused = await register(server.url, undefined, metadata)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3'])
  const { status, body: client } = await register(server.url, undefined, metadata)
  expect(status).toBe(201)

  server.script({ read: (_, usual) => ({ ...usual(), status: 203 }) })
  expect((await manage('GET', client)).status).toBe(203)
  expect((await manage('GET', client)).status).toBe(203)
  server.script({ read: undefined })
  expect((await manage('GET', client)).status).toBe(200)
})

test('an answer can be lost before or after the server acted, or in its middle', async () => {
  const lost = ['before', 'after', 'middle'] as const
  await using server = await startScriptedServer({ register: lost.map((when) => ({ lost: when })) }, { open: true })
  const counted: number[] = []
  for (const _ of lost) {
    await expect(register(server.url, undefined, metadata)).rejects.toThrow(TypeError)
    counted.push(server.clients())
  }
  expect(counted).toEqual([0, 1, 2])
  expect(server.requestsTo('register').map((request) => request.status)).toEqual([0, 0, 201])
})

test('no answer at all ends when the caller gives up or the server closes', async () => {
  await using server = await startScriptedServer({ token: { delay: Infinity }, discovery: { delay: 50, status: 418 } })
  const document = await fetch(`${server.url}/.well-known/openid-configuration`)
  expect(document.status).toBe(418)
  await expect(fetch(`${server.url}/token`, { method: 'POST', signal: AbortSignal.timeout(100) })).rejects.toThrow(
    'aborted due to timeout',
  )
})

test('revoked tokens stop working and forgotten clients are unknown', async () => {
  await using server = await startScriptedServer({}, { issuerPath: '/master' })
  const base = server.issuer
  const token = (await askForToken(base, server.registrar)).body['access_token']
  const { body: client } = await register(base, token, metadata)
  server.revokeTokens()
  expect((await register(base, token, metadata)).status).toBe(401)
  server.forget(String(client['client_id']))
  expect((await manage('GET', client)).status).toBe(401)
})
