import { clientCredentials, memoryStore, RegistrationClient, RegistrationManager } from '@registrant/node'
import { generateClientKeys, privateKeyJwt } from '@registrant/node/keys'
import { startTestServer } from '@registrant/node/testing'
import type { TestServer, TestServerOptions } from '@registrant/node/testing'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const metadata = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'client_secret_basic' }

type Starts = (options?: TestServerOptions & { rotate?: 'never' | 'update' }) => Promise<TestServer>

const engines: [string, Starts][] = [
  ['scripted', (options) => startTestServer(options)],
  ['oidc-provider', (options) => startTestServer({ engine: 'oidc-provider', ...options })],
]

describe.each(engines)('a test server that is %s', (_, start) => {
  test('lets everybody register, and tells what it saw and issued', async () => {
    await using server = await start()
    const client = new RegistrationClient({ issuer: server.issuer })
    const { client_id, client_secret } = await client.register(metadata)
    expect(server.clientIds()).toEqual([client_id])
    expect(server.registration(client_id)).toMatchObject({ client_id })
    expect(server.secrets()).toContain(client_secret)
    expect(server.requestsTo('register')).toMatchObject([{ method: 'POST', path: '/register', status: 201 }])
  })

  test('or only who has a token, as the registrar gets one', async () => {
    await using server = await start({ open: false })
    const { issuer, registrar } = server
    expect(await failure(new RegistrationClient({ issuer }).register(metadata))).toMatchObject({ status: 401 })
    await new RegistrationClient({ issuer, accessToken: clientCredentials(registrar) }).register(metadata)
    expect(server.clients()).toBe(1)
  })

  test('asks a client that it does not know to prove itself as that did (RFC 6749 section 5.2)', async () => {
    await using server = await start()
    const authorization = `Basic ${Buffer.from('nobody:secret').toString('base64')}`
    const body = new URLSearchParams({ grant_type: 'client_credentials' })
    const answer = await fetch(`${server.issuer}/token`, { method: 'POST', headers: { authorization }, body })
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'invalid_client' }])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="/)
  })

  test('forgets one client, or all', async () => {
    await using server = await start()
    const client = new RegistrationClient({ issuer: server.issuer })
    const registered = [
      await client.register(metadata),
      await client.register(metadata),
      await client.register(metadata),
    ]
    server.forget(registered[0]?.client_id)
    expect(server.clientIds()).toEqual(registered.slice(1).map(({ client_id }) => client_id))
    server.forget()
    expect(server.clients()).toBe(0)
  })

  test('is unavailable for as many requests as it is told to, and names when to come back', async () => {
    await using server = await start()
    const client = new RegistrationClient({ issuer: server.issuer })
    server.unavailable('register', { retryAfter: 7, times: 1 })
    expect(await failure(client.register(metadata))).toMatchObject({ status: 503, retryAfter: 7000 })
    await client.register(metadata)
    server.unavailable('register')
    expect(await failure(client.register(metadata))).toMatchObject({ status: 503 })
    expect(await failure(client.register(metadata))).toMatchObject({ status: 503 })
    server.recover()
    await client.register(metadata)
    expect(server.clients()).toBe(2)
  })

  test.each(['before', 'after', 'middle'] as const)('loses an answer %s it has acted', async (when) => {
    await using server = await start()
    const client = new RegistrationClient({ issuer: server.issuer })
    server.loseAnswers('register', { when, times: 1 })
    expect((await failure(client.register(metadata))).outcome).not.toBe('refused')
    expect(server.clients()).toBe(when === 'before' ? 0 : 1)
  })

  test('rotates management tokens, lets secrets end, and manages nobody, where it is told to', async () => {
    await using rotating = await start({ rotate: 'update', secretLifetime: 600 })
    const client = new RegistrationClient({ issuer: rotating.issuer })
    const registered = await client.register(metadata)
    const updated = await client.update(registered, { client_name: 'Orders' })
    expect(updated.registration_access_token).not.toBe(registered.registration_access_token)
    expect(registered.client_secret_expires_at).toBeGreaterThan(Date.now() / 1000 + 500)

    await using unmanaged = await start({ management: false })
    const other = new RegistrationClient({ issuer: unmanaged.issuer })
    const unchanging = await other.register(metadata)
    expect((await failure(other.update(unchanging, { client_name: 'Orders' }))).outcome).not.toBe('accepted')
    expect((await failure(other.delete(unchanging))).outcome).not.toBe('accepted')
    expect(unmanaged.clients()).toBe(1)
  })

  test.each(['none', 'private_key_jwt'])('knows a living client of %s, and no other', async (method) => {
    await using server = await start()
    const declared = {
      ...metadata,
      token_endpoint_auth_method: method,
      grant_types: ['authorization_code', 'refresh_token'],
    }
    const events: string[] = []
    await using manager = new RegistrationManager({
      issuer: server.issuer,
      application: 'orders',
      metadata: declared,
      ...(method === 'private_key_jwt' && { keys: {} }),
      store: memoryStore(),
      forgetDelay: 0,
      onEvent: ({ type }) => events.push(type),
    })
    const registered = await manager.ensure()
    const { token_endpoint = '' } = await manager.server()
    const errorOf = async (changed: Record<string, string> = {}): Promise<unknown> => {
      const { form } = await manager.authentication()
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', ...form, ...changed })
      return Object(await (await fetch(token_endpoint, { method: 'POST', body })).json()).error
    }
    expect(await errorOf()).toBe('invalid_grant')
    expect(await manager.reportRejected(registered)).toMatchObject({ client_id: registered.client_id })
    expect(events).not.toContain('replaced')
    if (method === 'private_key_jwt') {
      const foreign = await privateKeyJwt({ key: await generateClientKeys() })({
        clientId: registered.client_id,
        server: await manager.server(),
      })
      expect(await errorOf(foreign.form)).toBe('invalid_client')
    }
    server.forget()
    expect(await errorOf()).toBe('invalid_client')
  })

  test('takes a manager through its life', async () => {
    await using server = await start()
    const options = { issuer: server.issuer, application: 'orders', metadata, store: memoryStore(), forgetDelay: 0 }
    await using manager = new RegistrationManager(options)
    const first = await manager.ensure()
    server.forget()
    expect((await manager.reportRejected(first)).client_id).not.toBe(first.client_id)
    await manager.delete()
    expect(server.clients()).toBe(0)
  })
})

test.each([
  [null, 'options'],
  ['oidc-provider', 'options'],
  [{ engine: 'oidcProvider' }, 'engine'],
])('a test server that is started with %j is refused by the name of the option', async (given, member) => {
  expect(await failure(Reflect.apply(startTestServer, undefined, [given]))).toMatchObject({
    code: 'invalid-request',
    findings: [{ member }],
  })
})
