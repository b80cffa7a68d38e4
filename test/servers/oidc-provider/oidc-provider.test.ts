import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, expect, test, vi } from 'vitest'

import { startOidcProvider, startOidcProviderProcess } from '../index.ts'
import { askForToken, manage, register } from '../speak.ts'

const pageRequest = {
  grant_types: ['client_credentials'],
  scope: 'openid profile',
  redirect_uris: ['https://tmp.com'],
}

const shown = vi.spyOn(console, 'warn')
const told = vi.spyOn(console, 'info')

afterEach(() => {
  expect(shown).not.toHaveBeenCalled()
  expect(told).not.toHaveBeenCalled()
})

test('a token with scope register authorizes a registration, and nothing else does', async () => {
  await using server = await startOidcProvider()
  const token = (await askForToken(server.url, server.registrar)).body['access_token']
  const scopeless = (await askForToken(server.url, { ...server.registrar, scope: '' })).body['access_token']

  expect((await register(server.url, undefined, pageRequest)).status).toBe(401)
  expect((await register(server.url, 'made-up', pageRequest)).status).toBe(401)
  expect(scopeless).toBeTypeOf('string')
  expect((await register(server.url, scopeless, pageRequest)).status).toBe(401)
  expect(server.clients()).toBe(0)

  const { status, body } = await register(server.url, token, pageRequest)
  expect(status).toBe(201)
  expect(body).toMatchObject({ ...pageRequest, response_types: [] })
  expect(server.clientIds()).toEqual([body['client_id']])
  expect(server.secrets()).toEqual(
    expect.arrayContaining([token, body['client_secret'], body['registration_access_token']]),
  )
  expect(server.requests.at(-1)).toMatchObject({ method: 'POST', path: '/register', status: 201 })
})

test('a client can be read, updated and deleted, and an update rotates its token only where that is on', async () => {
  for (const rotation of [true, false]) {
    await using server = await startOidcProvider({ open: true, rotation })
    const { body: client } = await register(server.url, undefined, pageRequest)
    expect((await manage('GET', client)).body).toEqual(client)

    const changed = { ...pageRequest, client_id: client['client_id'], scope: 'openid' }
    const { status, body: updated } = await manage('PUT', client, changed)
    expect(status).toBe(200)
    expect(updated['scope']).toBe('openid')
    expect(updated['registration_access_token'] !== client['registration_access_token']).toBe(rotation)

    expect((await manage('DELETE', updated)).status).toBe(204)
    expect((await manage('GET', updated)).status).toBe(401)
    expect(server.clients()).toBe(0)
  }
})

test('a secret has the lifetime that was set, and an update starts it anew only where that is on', async () => {
  for (const renewSecretOnUpdate of [true, false]) {
    await using server = await startOidcProvider({ open: true, secretLifetime: 1000, renewSecretOnUpdate })
    const { body: client } = await register(server.url, undefined, pageRequest)
    const end = Number(client['client_secret_expires_at'])
    expect(end - Number(client['client_id_issued_at'])).toBeGreaterThanOrEqual(1000)
    await vi.waitUntil(() => Date.now() / 1000 >= end - 999, { timeout: 5000, interval: 50 })
    const { body } = await manage('PUT', client, { ...pageRequest, client_id: client['client_id'] })
    expect(Number(body['client_secret_expires_at']) > end).toBe(renewSecretOnUpdate)
  }
})

test('an open server answers pages of every origin', async () => {
  await using server = await startOidcProvider({ open: true })
  const origin = { origin: 'https://spa.example' }
  const asked = { ...origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
  const preflight = await fetch(`${server.url}/register`, { method: 'OPTIONS', headers: asked })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
  const document = await fetch(`${server.url}/.well-known/openid-configuration`, { headers: origin })
  expect(document.headers.get('access-control-allow-origin')).not.toBeNull()
})

test('a client that the server forgot is unknown there', async () => {
  await using server = await startOidcProvider({ open: true })
  const { body: client } = await register(server.url, undefined, pageRequest)
  server.forget(String(client['client_id']))
  expect(server.clients()).toBe(0)
  expect((await manage('GET', client)).status).toBe(401)
})

test('in a process of its own it behaves the same and tells what happened', async () => {
  await using server = await startOidcProviderProcess({ rotation: false })
  const token = (await askForToken(server.url, server.registrar)).body['access_token']
  const { body: client } = await register(server.url, token, pageRequest)
  expect(await server.clients()).toBe(1)
  expect(await server.secrets()).toContain(client['client_secret'])
  expect(await server.requests()).toContainEqual(expect.objectContaining({ path: '/register', status: 201 }))
  await server.forget(String(client['client_id']))
  expect(await server.clientIds()).toEqual([])
})

test('what is issued is written to the list of the run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canaries-'))
  vi.stubEnv('REGISTRANT_CANARIES', folder)
  try {
    await using server = await startOidcProvider({ open: true })
    await register(server.url, undefined, pageRequest)
    const written = (await readFile(join(folder, `${process.pid}.txt`), 'utf8')).trim().split('\n')
    expect(server.secrets().length).toBeGreaterThan(1)
    expect(written).toEqual(server.secrets())
  } finally {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  }
})
