import { RegistrationClient, RegistrationManager, clientCredentials, memoryStore } from '@registrant/core'
import { updatedMetadata } from '@registrant/core/exchange'
import type { RegistrationRequest, RegistrationResponse } from '@registrant/core'
import { expect, onTestFinished, test } from 'vitest'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { jwks } from '../checks/rows.ts'

interface Request {
  method: string | undefined
  path: string | undefined
  authorization: string | undefined
  type: string | undefined
  body: string
}

/** A server that answers registrations and updates with what `answer` makes of what it was sent. */
async function server(answer: (sent: Record<string, unknown>) => object = (sent) => sent) {
  const requests: Request[] = []
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += String(part)))
    request.on('end', () => {
      const { method, url, headers } = request
      requests.push({ method, path: url, authorization: headers.authorization, type: headers['content-type'], body })
      response.setHeader('content-type', 'application/json')
      if (url === '/token') {
        response.end('{"access_token":"issued","token_type":"Bearer"}')
        return
      }
      const sent: Record<string, unknown> = body.startsWith('{') ? JSON.parse(body) : {}
      const management = { registration_access_token: 'rat', registration_client_uri: `${base}/register/c1` }
      response.statusCode = method === 'POST' ? 201 : 200
      response.end(JSON.stringify({ ...answer(sent), client_id: 'c1', ...management }))
    })
  })
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void http.close())
  // A TCP server has an address that is no string.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const metadata = { issuer: base, registration_endpoint: `${base}/register`, token_endpoint: `${base}/token` }
  const last = (): Request => requests.at(-1) ?? expect.fail('nothing was sent')
  return { server: metadata, requests, last, sent: (): unknown => JSON.parse(last().body) }
}

const jwks_uri = 'https://app.example/keys'
const [old, fresh] = [['https://old.example/cb'], ['https://new.example/cb']]
const declared = { client_name: 'one', redirect_uris: old, scope: 'read write', token_endpoint_auth_method: 'none' }

test.each<[what: string, answered: object, changes: object, requested: RegistrationRequest | undefined, sent: object]>([
  ['an empty key set is none', { jwks: {}, jwks_uri }, {}, undefined, { jwks_uri }],
  ['nor does one with an empty list travel', { jwks: { keys: [] }, jwks_uri }, {}, undefined, { jwks_uri }],
  ['nor does one whose list is null, as Go writes it', { jwks: { keys: null }, jwks_uri }, {}, undefined, { jwks_uri }],
  ['nor one that says null alone', { jwks: { keys: null } }, {}, undefined, {}],
  ['declared keys that are answered so travel', { jwks: { keys: null } }, {}, { jwks }, { jwks }],
  ['keys that the server fetched stay', { jwks, jwks_uri }, {}, { jwks_uri }, { jwks_uri }],
  ['keys that were declared travel without the address', { jwks, jwks_uri }, {}, { jwks }, { jwks }],
  ['keys that are declared now push the address out', { jwks_uri }, { jwks }, undefined, { jwks }],
  ['an address that is declared now pushes the keys out', { jwks }, { jwks_uri }, undefined, { jwks_uri }],
  [
    'declared keys travel when the address beside them is taken out',
    { jwks, jwks_uri },
    { jwks_uri: null },
    { jwks },
    { jwks },
  ],
  [
    'a declared address travels when the keys beside it are taken out',
    { jwks, jwks_uri },
    { jwks: null },
    { jwks_uri },
    { jwks_uri },
  ],
  [
    'an address that nobody declared travels when its keys are taken out',
    { jwks, jwks_uri },
    { jwks: null },
    undefined,
    { jwks_uri },
  ],
  ['declared keys that are taken out take their address with them', { jwks, jwks_uri }, { jwks: null }, { jwks }, {}],
  ['declared keys that were answered as an empty set travel', { jwks: { keys: [] } }, {}, { jwks }, { jwks }],
  [
    'declared keys that were answered as an empty object travel, whatever address came',
    { jwks: {}, jwks_uri },
    {},
    { jwks },
    { jwks },
  ],
  ['what was taken out takes its echo with it', { jwks, jwks_uri }, { jwks_uri: null }, undefined, {}],
  [
    'an algorithm that the server chose for a method stays where the method changes',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256' },
    { token_endpoint_auth_method: 'client_secret_jwt' },
    undefined,
    { token_endpoint_auth_method: 'client_secret_jwt' },
  ],
  [
    'it travels with the method that it was chosen for',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256' },
    { token_endpoint_auth_method: 'private_key_jwt', client_name: 'two' },
    undefined,
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256', client_name: 'two' },
  ],
  [
    'an algorithm that needs the secret stays where the method changes',
    { token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'HS256' },
    { token_endpoint_auth_method: 'none' },
    undefined,
    { token_endpoint_auth_method: 'none' },
  ],
  [
    'it travels where the new method has a secret, too',
    { token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'HS256' },
    { token_endpoint_auth_method: 'client_secret_post' },
    undefined,
    { token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: 'HS256' },
  ],
  [
    'a key wrap that needs the secret stays, too',
    { token_endpoint_auth_method: 'client_secret_basic', id_token_encrypted_response_alg: 'A128KW' },
    { token_endpoint_auth_method: 'private_key_jwt' },
    undefined,
    { token_endpoint_auth_method: 'private_key_jwt' },
  ],
  [
    'one that needs none travels',
    { token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'RS256' },
    { token_endpoint_auth_method: 'none' },
    undefined,
    { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'RS256' },
  ],
  [
    'response types that the server chose stay where the grant types change',
    { grant_types: ['authorization_code'], response_types: ['code'] },
    { grant_types: ['client_credentials'] },
    undefined,
    { grant_types: ['client_credentials'] },
  ],
  [
    'they travel with the same grant types in another order',
    { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
    { grant_types: ['refresh_token', 'authorization_code'] },
    undefined,
    { grant_types: ['refresh_token', 'authorization_code'], response_types: ['code'] },
  ],
  [
    'an encryption that the server chose stays where its algorithm is taken out',
    { id_token_encrypted_response_alg: 'RSA-OAEP', id_token_encrypted_response_enc: 'A128CBC-HS256' },
    { id_token_encrypted_response_alg: null },
    { id_token_encrypted_response_alg: 'RSA-OAEP' },
    {},
  ],
  [
    'addresses after logout that follow the redirect URIs stay',
    { redirect_uris: old, post_logout_redirect_uris: old },
    { redirect_uris: fresh },
    undefined,
    { redirect_uris: fresh },
  ],
  [
    'declared ones travel',
    { redirect_uris: old, post_logout_redirect_uris: old },
    { redirect_uris: fresh },
    { post_logout_redirect_uris: old },
    { redirect_uris: fresh, post_logout_redirect_uris: old },
  ],
  [
    'what the server chose travels',
    { id_token_signed_response_alg: 'ES256' },
    {},
    {},
    { id_token_signed_response_alg: 'ES256' },
  ],
  [
    'what the answer left out travels',
    {},
    { client_name: 'two' },
    { scope: 'read' },
    { scope: 'read', client_name: 'two' },
  ],
  ['null takes out what was asked for', {}, { scope: null }, { scope: 'read' }, {}],
  [
    'a text in a language replaces the one whose tag the server spells otherwise',
    { 'client_name#fr-CA': 'un' },
    { 'client_name#fr-ca': 'deux' },
    undefined,
    { 'client_name#fr-ca': 'deux' },
  ],
  ['null takes out that one too', { 'client_name#fr-CA': 'un' }, { 'client_name#fr-ca': null }, undefined, {}],
  [
    'a text that is declared in another spelling of its tag travels in that alone',
    { 'client_name#fr-ca': 'un' },
    { 'client_name#fr-ca': null, 'client_name#fr-CA': 'deux' },
    { 'client_name#fr-ca': 'un' },
    { 'client_name#fr-CA': 'deux' },
  ],
  [
    'a text that was declared travels under the tag that it was declared with',
    { 'client_name#fr-ca': 'un' },
    { client_name: 'two' },
    { 'client_name#fr-CA': 'un' },
    { 'client_name#fr-CA': 'un', client_name: 'two' },
  ],
  ['what a vendor answers stays', { realm: 'r' }, {}, undefined, {}],
])('an update: %s', (_, answered, changes, requested, sent) => {
  expect(updatedMetadata({ client_id: 'c1', ...answered }, changes, undefined, requested)).toEqual(sent)
})

const clearing = { name: 'clears by the empty value', clears: 'empty', derived: ['scope'] } as const

test('a member is cleared by its empty value where the profile says so, also one that no answer says', async () => {
  const it = await server(() => ({ redirect_uris: old, contacts: ['a@b.example'] }))
  const client = new RegistrationClient({ server: it.server, profile: clearing })
  const changes = { contacts: null, logo_uri: null, require_auth_time: null }
  await client.update(await client.register({ redirect_uris: old, client_name: 'one' }), changes)
  const rest = { client_id: 'c1', redirect_uris: old, client_name: 'one' }
  expect(it.sent()).toEqual({ ...rest, contacts: [], logo_uri: '', require_auth_time: false })
})

const aliases = { client_name: 'clientLabel' }
const accepts = ['redirect_uris', 'clientLabel', 'clientLabel#']
const labelled = { name: 'has a name of its own', aliases, accepts, unknownMembers: 'refused' } as const

test.for<[what: string, changes: object, sent: object]>([
  ['a change', { client_name: 'two' }, { clientLabel: 'two', 'clientLabel#fr': 'un' }],
  ["a change by the server's own name", { clientLabel: 'two' }, { clientLabel: 'two', 'clientLabel#fr': 'un' }],
  ['a change in a language', { 'client_name#fr': 'deux' }, { clientLabel: 'one', 'clientLabel#fr': 'deux' }],
  ['what is taken out', { client_name: null }, { 'clientLabel#fr': 'un' }],
  ['a change of something else', { redirect_uris: fresh }, { clientLabel: 'one', 'clientLabel#fr': 'un' }],
])('of a member that the server calls otherwise, %s reaches it', async ([, changes, sent]) => {
  const it = await server()
  const client = new RegistrationClient({ server: it.server, profile: labelled })
  const first = { redirect_uris: old, client_name: 'one', 'client_name#fr': 'un' }
  const registered = await client.register(first)
  expect(registered).toMatchObject(first)
  const rest = { client_id: 'c1', redirect_uris: old }
  for (const current of [registered, structuredClone(registered)]) {
    await client.update(current, changes)
    expect(it.sent()).toEqual({ ...rest, ...('redirect_uris' in changes && changes), ...sent })
  }
})

test("a member that the server derives may be named in its profile by the server's own name", () => {
  const current = { client_id: 'c1', client_name: 'made up', clientLabel: 'made up' }
  for (const derived of [['client_name'], ['clientLabel']])
    expect(updatedMetadata(current, { scope: 'read' }, { ...labelled, derived })).toEqual({ scope: 'read' })
})

test('a member that the server derives travels as it was declared, or not at all', () => {
  const current = { client_id: 'c1', scope: 'read profile' }
  expect(updatedMetadata(current, {}, clearing)).toEqual({})
  expect(updatedMetadata(current, {}, clearing, { scope: 'read' })).toEqual({ scope: 'read' })
})

test('after answers that say nothing, what was registered and changed goes along with each further change', async () => {
  const it = await server(() => ({}))
  const client = new RegistrationClient({ server: it.server })
  const registered = await client.register(declared)
  const once = await client.update(await client.read(registered), { client_name: 'two' })
  await client.update(once, { scope: 'read' })
  expect(it.sent()).toEqual({ ...declared, client_id: 'c1', client_name: 'two', scope: 'read' })
})

test('an update adds no redirect URI that was registered before, also where the answer to that said nothing of it', async () => {
  let kept: unknown[] = []
  const { server: metadata } = await server(({ redirect_uris }) => {
    const isFirst = kept.length === 0
    kept = [...kept, ...(Array.isArray(redirect_uris) ? redirect_uris : [])]
    return isFirst ? {} : { redirect_uris: kept }
  })
  const client = new RegistrationClient({ server: metadata })
  const registration = await client.register({ ...declared, redirect_uris: old })
  const updated = await client.update(registration, { redirect_uris: fresh })
  expect(updated.redirect_uris).toEqual([...old, ...fresh])
  kept.push('https://other.example/cb')
  await expect(client.update(updated, { redirect_uris: fresh })).rejects.toMatchObject({ rule: 'redirect-uri-added' })
})

test('what nobody remembers and no answer says is not taken out by an update: it is refused before it is sent', async () => {
  const it = await server()
  const client = new RegistrationClient({ server: it.server })
  const bare: RegistrationResponse = {
    client_id: 'c1',
    registration_access_token: 'rat',
    registration_client_uri: `${it.server.registration_endpoint}/c1`,
  }
  await expect(client.update(bare, { client_name: 'two' })).rejects.toMatchObject({
    code: 'invalid-request',
    findings: [{ rule: 'sparse', message: expect.stringContaining('Pass the whole metadata') }],
  })
  expect(it.requests).toEqual([])
  await client.update(bare, declared)
  expect(it.sent()).toEqual({ ...declared, client_id: 'c1' })
})

test('a foreign client_id in the changes is refused, the own one is taken', async () => {
  const it = await server()
  const client = new RegistrationClient({ server: it.server })
  const registered = await client.register(declared)
  const changes = { client_id: 'c2', client_name: 'two' }
  await expect(client.update(registered, changes)).rejects.toMatchObject({ findings: [{ rule: 'R20' }] })
  expect(it.requests).toHaveLength(1)
  const own = { client_id: 'c1', client_name: 'two' }
  await expect(client.update(registered, own)).resolves.toMatchObject({ client_name: 'two' })
})

test('a registration with jwks_uri is sent without an empty jwks', async () => {
  const it = await server()
  await new RegistrationClient({ server: it.server }).register({ ...declared, jwks: { keys: [] }, jwks_uri })
  expect(it.sent()).toEqual({ ...declared, jwks_uri })
})

test('encodeBody makes the body of an update too, and is told which it is', async () => {
  const it = await server()
  const client = new RegistrationClient({
    server: it.server,
    encodeBody: (metadata, { operation }) => ({
      contentType: 'application/jwt',
      body: `${operation} ${JSON.stringify(metadata)}`,
    }),
  })
  const registered = await client.register(declared)
  await client.update(registered, { client_name: 'two' })
  const [kind, body = ''] = it.last().body.split(/ (.*)/)
  expect([it.last().type, kind]).toEqual(['application/jwt', 'update'])
  expect(JSON.parse(body)).toEqual({ ...declared, client_name: 'two', client_id: 'c1' })
})

const byAccessToken = {
  name: 'managed by access tokens',
  managementAuthorization: 'access-token',
  managementUri: '{registration_endpoint}/{client_id}',
} as const

test('updateAccessToken authorizes updates where access tokens do, and registrations keep their own', async () => {
  const it = await server()
  const client = new RegistrationClient({
    server: it.server,
    profile: byAccessToken,
    accessToken: 'for-registering',
    updateAccessToken: () => ({ access_token: 'for-updates', scheme: 'SSWS' }),
  })
  await client.update(await client.register(declared), { client_name: 'two' })
  expect(it.requests.map(({ authorization }) => authorization)).toEqual(['Bearer for-registering', 'SSWS for-updates'])
})

test('an access token is sent under its own scheme, as it is', async () => {
  const it = await server()
  const accessToken = () => ({ access_token: 'dXNlcjpwYXNz', scheme: 'Basic' })
  await new RegistrationClient({ server: it.server, accessToken }).register(declared)
  expect(it.last().authorization).toBe('Basic dXNlcjpwYXNz')
})

test.each([null, ''])('a scheme that is %j is none: the token is sent as a bearer token', async (scheme) => {
  const it = await server()
  const accessToken = () => Object({ access_token: 'token', scheme })
  await new RegistrationClient({ server: it.server, accessToken }).register(declared)
  expect(it.last().authorization).toBe('Bearer token')
})

test.each(['mac', 'DPoP', 'N_A'])(
  'a token of the type %s, which nobody here can use, is never sent',
  async (token_type) => {
    const it = await server()
    const accessToken = () => ({ access_token: 'token', token_type })
    const registering = new RegistrationClient({ server: it.server, accessToken }).register(declared)
    await expect(registering).rejects.toMatchObject({ code: 'unsupported', outcome: 'not-sent' })
    expect(it.requests).toEqual([])
  },
)

test('a token that is given as a string is kept like one in an object', async () => {
  const it = await server()
  let asked = 0
  const client = new RegistrationClient({ server: it.server, accessToken: () => `token-${++asked}` })
  await client.register(declared)
  await client.register(declared)
  expect(it.last().authorization).toBe('Bearer token-1')
})

test('clientCredentials asks for an audience, resources and whatever else a server wants', async () => {
  const it = await server()
  const accessToken = clientCredentials({
    clientId: 'registrar',
    clientSecret: 'secret',
    audience: 'https://as.example/api',
    resource: ['https://a.example', 'https://b.example'],
    parameters: { tenant: 't1' },
  })
  await new RegistrationClient({ server: it.server, accessToken }).register(declared)
  const form = new URLSearchParams(it.requests[0]?.body)
  expect(form.get('audience')).toBe('https://as.example/api')
  expect(form.getAll('resource')).toEqual(['https://a.example', 'https://b.example'])
  expect(form.get('tenant')).toBe('t1')
})

test.each<[said: string, kept: RegistrationRequest, shown: object]>([
  ['as it was', { client_uri: 'https://retired.example/' }, { client_uri: 'https://retired.example/' }],
  ['in another order', { scope: 'orders admin' }, { scope: 'admin orders' }],
  [
    'as a list in another order',
    { contacts: ['a@app.example', 'b@app.example'] },
    { contacts: ['b@app.example', 'a@app.example'] },
  ],
  ['and that are keys', { jwks }, { jwks }],
])(
  'what the server keeps though it is no longer declared, and says %s, counts as applied, and is told once as drift',
  async (_, kept, shown) => {
    const { scope: _scope, ...rest } = declared
    const it = await server((sent) => ({ ...sent, ...shown }))
    const store = memoryStore()
    const told: object[] = []
    const start = (metadata: RegistrationRequest) =>
      new RegistrationManager({
        server: it.server,
        application: 'a',
        store,
        metadata,
        onEvent: (event) => told.push(event),
      })
    await start({ ...rest, ...kept }).ensure()
    await start(rest).ensure()
    await start(rest).ensure()
    expect(it.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1)
    const message = expect.stringContaining(Object.keys(kept).join())
    expect(told).toContainEqual(expect.objectContaining({ type: 'drift', reason: 'kept', message }))
    expect(told).not.toContainEqual(expect.objectContaining({ type: 'updated' }))
  },
)
