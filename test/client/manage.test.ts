import { RegistrationClient } from '@registrant/node'
import type { RegistrationEvent, RegistrationResponse } from '@registrant/node'
import { dpop, generateClientKeys } from '@registrant/node/keys'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'

import { keepIn } from '../support/dump.ts'
import { failure } from '../support/failure.ts'

const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'orders', contacts: ['ops@app.example'] }
const clientOf = (server: ScriptedServer, onEvent?: (event: RegistrationEvent) => void): RegistrationClient =>
  new RegistrationClient({ issuer: server.issuer, onEvent })

async function registered(server: ScriptedServer): Promise<[RegistrationClient, RegistrationResponse]> {
  const client = clientOf(server)
  return [client, await client.register(metadata)]
}

describe('an update', () => {
  test('sends what the server last returned with the changes laid over it, and the client_id', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    const updated = await client.update(current, { client_name: 'orders 2', contacts: null })
    const sent: unknown = JSON.parse(server.requestsTo('update')[0]?.body ?? '')
    expect(sent).toEqual({
      client_id: current.client_id,
      client_name: 'orders 2',
      grant_types: ['authorization_code'],
      redirect_uris: metadata.redirect_uris,
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    })
    expect(updated.client_name).toBe('orders 2')
    expect(updated.contacts).toBeUndefined()
  })

  test('never sends the four members of RFC 7592 section 2.2 nor the secret, even when asked to', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    // What a caller without types, or with a whole response in hand, might pass.
    const whole: object = { ...current, client_name: 'renamed' }
    await client.update(current, whole)
    const sent: unknown = JSON.parse(server.requestsTo('update')[0]?.body ?? '')
    for (const member of [
      'registration_access_token',
      'registration_client_uri',
      'client_secret_expires_at',
      'client_id_issued_at',
      'client_secret',
    ]) {
      expect(sent).not.toHaveProperty(member)
    }
    expect(sent).toMatchObject({ client_id: current.client_id, client_name: 'renamed' })
  })

  test('brings the rotated management token back, and the next update uses it', async () => {
    await using server = await startScriptedServer({}, { open: true, rotate: 'update' })
    const [client, current] = await registered(server)
    const first = await client.update(current, { client_name: 'one' })
    expect(first.registration_access_token).not.toBe(current.registration_access_token)
    const second = await client.update(first, { client_name: 'two' })
    expect(second.client_name).toBe('two')
  })

  test('carries over what the answer leaves out of the credentials', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ update: { body: { client_id: current.client_id, client_name: 'bare' } } })
    const updated = await client.update(current, { client_name: 'bare' })
    expect(updated).toEqual({
      client_id: current.client_id,
      client_name: 'bare',
      client_secret: current.client_secret,
      client_secret_expires_at: 0,
      client_id_issued_at: current.client_id_issued_at,
      registration_access_token: current.registration_access_token,
      registration_client_uri: current.registration_client_uri,
    })
  })

  test('that gets a new secret without an expiry does not invent one', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ update: { body: { client_id: current.client_id, client_secret: 'a-new-secret' } } })
    const updated = await client.update(current, { client_name: 'x' })
    expect(updated.client_secret).toBe('a-new-secret')
    expect(updated.client_secret_expires_at).toBeUndefined()
  })

  test('is never repeated when its answer is lost', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ update: { lost: 'after' } })
    expect(await failure(client.update(current, { client_name: 'x' }))).toMatchObject({
      code: 'transport',
      outcome: 'unknown',
    })
    expect(server.requestsTo('update')).toHaveLength(1)
  })
})

describe('a read', () => {
  test('returns what the server holds, with a rotated token', async () => {
    await using server = await startScriptedServer({}, { open: true, rotate: 'read' })
    const [client, current] = await registered(server)
    const read = await client.read(current)
    expect(read.client_name).toBe('orders')
    expect(read.registration_access_token).toBe(server.registration(current.client_id)?.registration_access_token)
    expect(read.registration_access_token).not.toBe(current.registration_access_token)
  })

  test('of another client than asked for is refused', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ read: { body: { client_id: 'somebody-else', registration_access_token: 't' } } })
    expect(await failure(client.read(current))).toMatchObject({ code: 'policy', rule: 'client-id-changed' })
  })
})

describe('a deletion', () => {
  test.for([200, 202, 204])('resolves on %s', async (status) => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ delete: { status } })
    await expect(client.delete(current)).resolves.toBeUndefined()
  })

  test.for([401, 404])('is not taken for done on %s: the address may be wrong', async (status) => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ delete: { status } })
    expect(await failure(client.delete(current))).toMatchObject({ code: 'server-refused', status, outcome: 'refused' })
    expect(server.clients()).toBe(1)
  })

  const page = '<!doctype html><title>Sign in</title><script>var oidc = {"client_id":"proxy"}</script>'
  const error = '{"error":"invalid_token","client_id":"c1"}'
  test.for([
    ['a page whose script names a client', 'text/html', page, 'unknown'],
    ['an OAuth error that names a client', 'application/json', error, 'refused'],
    ['an OAuth error that calls itself a text', 'text/plain', error, 'refused'],
    ['an OAuth error of no type', '', error, 'refused'],
  ] as const)('that is answered with %s is not taken for done', async ([, type, body, outcome]) => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ delete: { status: 200, headers: { 'content-type': type }, body } })
    expect(await failure(client.delete(current))).toMatchObject({ code: 'unexpected-answer', outcome })
  })

  test.for(['{"error":null,"client_id":"c1"}', '{"deleted":true}', '[]', 'deleted', ''])(
    'that is answered with %o is done',
    async (body) => {
      await using server = await startScriptedServer({}, { open: true })
      const [client, current] = await registered(server)
      server.script({ delete: { status: 200, headers: { 'content-type': 'text/plain' }, body } })
      await expect(client.delete(current)).resolves.toBeUndefined()
    },
  )

  test('that is answered with 500 may or may not have happened', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    server.script({ delete: { status: 500 } })
    expect(await failure(client.delete(current))).toMatchObject({ status: 500, outcome: 'unknown' })
  })
})

describe('a management address', () => {
  test('on another origin is never sent a token; the registration is kept and cannot be managed', async () => {
    await using elsewhere = await startScriptedServer()
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          const answer = usual()
          return { ...answer, body: { ...Object(answer.body), registration_client_uri: `${elsewhere.url}/register/x` } }
        },
      },
      { open: true },
    )
    const events: RegistrationEvent[] = []
    const client = clientOf(server, keepIn(events))
    const current = await client.register(metadata)
    expect(current.client_id).toBe(server.clientIds()[0])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'deviation',
        deviation: expect.objectContaining({ rule: 'management-address', member: 'registration_client_uri' }),
      }),
    )
    expect(current.registration_client_uri).toBe(`${elsewhere.url}/register/x`)
    for (const call of [client.read(current), client.update(current, {}), client.delete(current)]) {
      expect(await failure(call)).toMatchObject({ code: 'policy', rule: 'management-address', outcome: 'not-sent' })
    }
    expect(elsewhere.requests).toHaveLength(0)
    const trusting = new RegistrationClient({ issuer: server.issuer, allowedOrigins: [elsewhere.url] })
    await failure(trusting.read(current))
    expect(elsewhere.requests).toHaveLength(1)
  })

  test('on an origin that the caller allows is used', async () => {
    await using elsewhere = await startScriptedServer({ read: { body: { client_id: 'c', client_name: 'there' } } })
    await using server = await startScriptedServer()
    const client = new RegistrationClient({ issuer: server.issuer, allowedOrigins: [elsewhere.url] })
    const read = await client.read({
      client_id: 'c',
      registration_access_token: 'management-token',
      registration_client_uri: `${elsewhere.url}/register/c`,
    })
    expect(read.client_name).toBe('there')
    expect(elsewhere.requests).toHaveLength(1)
  })

  test.for([
    ['https://user:pw@as.example/register/x', 'user info'],
    ['https://as.example/register/x#part', 'fragment'],
    ['http://as.example/register/x', 'https'],
    ['ftp://as.example/register/x', 'https'],
    ['https://evil.example/register/x', 'origin'],
  ] as const)('%s is never contacted (%s)', async ([uri, why]) => {
    const contacted: unknown[] = []
    const client = new RegistrationClient({
      server: { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' },
      fetch: (input) => {
        contacted.push(input)
        return Promise.reject(new TypeError('no network in this test'))
      },
    })
    const error = await failure(
      client.read({ client_id: 'x', registration_access_token: 'management-token', registration_client_uri: uri }),
    )
    expect(error).toMatchObject({ code: 'policy', rule: 'management-address' })
    expect(error.message).toContain(why)
    expect(contacted).toHaveLength(0)
  })

  test('that is relative is resolved at the registration endpoint', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const [client, current] = await registered(server)
    const relative = { ...current, registration_client_uri: `/register/${current.client_id}` }
    expect((await client.read(relative)).client_name).toBe('orders')
  })
})

describe('management by an access token', () => {
  const profile = { name: 'own', managementAuthorization: 'access-token' } as const
  const refusal = { status: 401, body: { error: 'invalid_token' } }

  test('asks once more with another token after a refusal, and says then that the token is at fault', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const { issuer } = server
    const current = await new RegistrationClient({ issuer }).register(metadata)
    let asked = 0
    const client = new RegistrationClient({ issuer, profile, accessToken: () => `token-${++asked}` })
    const body = { ...current, client_name: 'Orders' }
    server.script({
      read: [refusal, { body: { ...current } }, refusal, refusal],
      update: [refusal, { body }],
      delete: [refusal, { status: 204 }],
    })
    expect(await client.read(current)).toMatchObject({ client_id: current.client_id })
    expect(await client.update(current, { client_name: 'Orders' })).toMatchObject({ client_name: 'Orders' })
    expect(await failure(client.read(current))).toMatchObject({
      status: 401,
      message: expect.stringContaining('get a new one'),
    })
    await client.delete(current)
    const sent = server.requests.map(({ headers }) => headers.authorization).filter((it) => it?.includes('token-'))
    expect(sent).toEqual([1, 2, 2, 3, 3, 4, 5, 6].map((n) => `Bearer token-${n}`))
  })

  test('repeats nothing where there is no other token', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const { issuer } = server
    const current = await new RegistrationClient({ issuer }).register(metadata)
    const client = new RegistrationClient({ issuer, profile, accessToken: 'the-only-one' })
    server.script({ read: refusal })
    expect(await failure(client.read(current))).toMatchObject({ status: 401 })
    expect(server.requestsTo('read')).toHaveLength(1)
  })

  test('proves the possession of a token that is bound to a key', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const { issuer } = server
    const current = await new RegistrationClient({ issuer }).register(metadata)
    const bound = { access_token: 'bound-to-a-key', token_type: 'DPoP' }
    const keys = await generateClientKeys()
    const client = new RegistrationClient({ issuer, profile, dpop: dpop({ keys }), accessToken: () => bound })
    server.script({ read: { body: { ...current } }, update: { body: { ...current } }, delete: { status: 204 } })
    await client.read(current)
    await client.update(current, { client_name: 'Orders' })
    await client.delete(current)
    for (const endpoint of ['read', 'update', 'delete'] as const) {
      const [request] = server.requestsTo(endpoint)
      expect(request?.headers.authorization).toBe('DPoP bound-to-a-key')
      expect(decodeJwt(String(request?.headers['dpop']))).toMatchObject({
        htm: request?.method,
        ath: expect.any(String),
      })
    }
  })
})
