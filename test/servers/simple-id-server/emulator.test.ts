import { expect, test } from 'vitest'

import { startSimpleIdServer } from '../index.ts'
import type { SimpleIdServer, SimpleIdServerOptions } from '../index.ts'
import { askForToken, register } from '../speak.ts'
import type { Spoken } from '../speak.ts'
import { recordedJson } from './vectors.ts'

const redirect = { redirect_uris: ['https://a.example/cb'] }

async function registered(server: SimpleIdServer, metadata: object): Promise<Spoken['body']> {
  const token = (await askForToken(server.issuer, server.registrar)).body['access_token']
  const { status, body } = await register(server.issuer, token, metadata)
  expect(status).toBe(201)
  return body
}

async function manage(server: SimpleIdServer, client: Spoken['body'], init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${String(client['registration_access_token'])}` }
  return fetch(`${server.issuer}/register/${String(client['client_id'])}`, { headers, ...init })
}

test('the page shows all members but the one that came later', async () => {
  const [page, rc1] = [await recordedJson('response-page.json'), await recordedJson('response-rc1.json')]
  const members = Object.keys(Object(page))
  expect(members).toHaveLength(33)
  expect(Object.keys(Object(rc1)).filter((name) => name !== 'dpop_bound_access_tokens')).toEqual(members)
})

test('the server counts what is registered, knows its secrets, and can forget a client', async () => {
  await using server = await startSimpleIdServer({ realms: true })
  expect(server.issuer).toBe(`${server.url}/master`)
  const client = await registered(server, redirect)
  expect(server.clientIds()).toEqual([client['client_id']])
  expect(server.secrets()).toEqual(
    expect.arrayContaining([client['client_secret'], client['registration_access_token']]),
  )
  server.forget(String(client['client_id']))
  expect(server.clients()).toBe(0)
  expect((await manage(server, client)).status).toBe(404)
  expect(server.requests.map(({ method, status }) => [method, status])).toEqual([
    ['POST', 200],
    ['POST', 201],
    ['GET', 404],
  ])
})

test.each(['rc1', 'head'] as const)(
  'a registration with a name twice fails on %s and is kept all the same',
  async (version) => {
    await using server = await startSimpleIdServer({ version })
    const { body } = await askForToken(server.url, server.registrar)
    const metadata = { ...redirect, client_name: 'one', x: { client_name: 'two' } }
    const failed = await fetch(`${server.url}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${String(body['access_token'])}` },
      body: JSON.stringify(metadata),
    })
    expect([failed.status, await failed.text()]).toEqual([500, ''])
    expect(server.clients()).toBe(1)
  },
)

test('a database keeps the newer release from damaging a client, and splits what has a comma', async () => {
  const asked = { ...redirect, scope: 'openid', default_acr_values: ['a,b', ''] }
  for (const store of ['memory', 'ef'] as const) {
    await using server = await startSimpleIdServer({ version: 'head', store })
    const client = await registered(server, asked)
    const kept = store === 'memory' ? ['a,b', ''] : ['a', 'b']
    expect(await (await manage(server, client)).json()).toMatchObject({ scope: 'openid', default_acr_values: kept })
    expect((await manage(server, client, { method: 'PUT' })).status).toBe(400)
    const after = store === 'memory' ? { scope: '', redirect_uris: [] } : { scope: 'openid', ...redirect }
    expect(await (await manage(server, client)).json()).toMatchObject(after)
  }
})

const page = { origin: 'https://page.example' }

test.each<[string, SimpleIdServerOptions, string | null, RegExp]>([
  ['nothing in production', {}, null, /^$/],
  ['the headers of the request in development', { env: 'development' }, '*', /Authorization: Bearer secret/i],
  ['the headers, for no other origin without CORS', { env: 'development', cors: false }, null, /Bearer secret/],
])('a crash tells %s', async (_, options, origin, body) => {
  await using server = await startSimpleIdServer(options)
  const headers = { ...page, 'content-type': 'application/json', authorization: 'Bearer secret' }
  const crashed = await fetch(`${server.url}/register`, { method: 'POST', headers, body: '{"contacts":[]}' })
  expect(crashed.status).toBe(500)
  expect(crashed.headers.get('access-control-allow-origin')).toBe(origin)
  expect(await crashed.text()).toMatch(body)
  const preflight = { ...page, 'access-control-request-method': 'POST' }
  const asked = await fetch(`${server.url}/register`, { method: 'OPTIONS', headers: preflight })
  expect(asked.status).toBe(options.cors === false ? 405 : 204)
})
