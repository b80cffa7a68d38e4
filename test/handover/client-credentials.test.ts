import { createServer } from 'node:http'

import { clientCredentials, memoryStore, RegistrationManager } from '@registrant/node'
import type { ManagerOptions, RegistrationRequest, RegistrationStore } from '@registrant/node'
import { oauth4webapi, openidClient, whenRejected } from '@registrant/node/handover'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { OidcProviderServer, ScriptedServer } from '@registrant/test/servers'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { gate } from '../manager/managed.ts'

let server: OidcProviderServer

beforeAll(async () => (server = await startOidcProvider({ secretLifetime: 3600 })))
afterAll(() => server.close())

const service: RegistrationRequest = {
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  scope: 'orders:read',
}

type Kept = Partial<Pick<ManagerOptions, 'keys' | 'forgetDelay' | 'onEvent'>>

/** A service's manager, over a store of its own. */
function manage(metadata: RegistrationRequest = {}, options: Kept = {}): RegistrationManager {
  return new RegistrationManager({
    issuer: server.issuer,
    accessToken: clientCredentials(server.registrar),
    application: 'orders',
    metadata: { ...service, ...metadata },
    store: memoryStore(),
    ...options,
  })
}

/** The same at a server of the test's own, where nobody pays. */
const manageAt = ({ issuer }: ScriptedServer): RegistrationManager =>
  new RegistrationManager({ issuer, application: 'orders', metadata: service, store: memoryStore() })

/** What a program on openid-client does for a token. */
async function byOpenidClient(manager: RegistrationManager): Promise<string> {
  const config = new client.Configuration(...(await openidClient(manager)))
  client.allowInsecureRequests(config)
  return (await client.clientCredentialsGrant(config, { scope: 'orders:read' })).access_token
}

/** What a program on oauth4webapi does for a token. */
async function byOauth4webapi(manager: RegistrationManager): Promise<string> {
  const { as, client: kept, clientAuth } = await oauth4webapi(manager)
  const parameters = new URLSearchParams({ scope: 'orders:read' })
  const insecure = { [oauth.allowInsecureRequests]: true }
  const response = await oauth.clientCredentialsGrantRequest(as, kept, clientAuth, parameters, insecure)
  return (await oauth.processClientCredentialsResponse(as, kept, response)).access_token
}

const programs = { 'openid-client': byOpenidClient, oauth4webapi: byOauth4webapi }

describe.each(Object.entries(programs))('a program on %s gets a token', (_, program) => {
  test.for<[string, RegistrationRequest, Kept]>([
    ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }, {}],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, {}],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }, {}],
    ['a key that the manager keeps', {}, { keys: {} }],
  ])('by %s', async ([, metadata, options]) => {
    await using manager = manage(metadata, options)
    expect(await program(manager)).toMatch(/^\S{20,}$/)
  })

  test('without a second discovery, and without registering again', async () => {
    await using manager = manage()
    await program(manager)
    const before = server.requests.length
    await program(manager)
    const asked = server.requests.slice(before).map(({ method, path }) => `${method} ${path}`)
    expect(asked).toEqual(['POST /token'])
  })

  test('again, without a restart, after the client was deleted at the server', async () => {
    await using manager = manage({}, { forgetDelay: 0 })
    await program(manager)
    const { client_id } = await manager.ensure()
    server.forget(client_id)

    const error = await program(manager).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(await whenRejected(manager, error)).toBe(true)
    expect(await program(manager)).toMatch(/^\S{20,}$/)
    expect((await manager.ensure()).client_id).not.toBe(client_id)
  })

  test('with a configuration that it keeps, once the secret is another', async () => {
    await using manager = manage()
    const config = new client.Configuration(...(await openidClient(manager)))
    client.allowInsecureRequests(config)
    await manager.rotate()
    expect((await client.clientCredentialsGrant(config)).access_token).toMatch(/^\S{20,}$/)
  })
})

test('a library is told neither the secret nor what manages the client', async () => {
  await using manager = manage()
  const { client_secret = '', registration_access_token = '' } = await manager.ensure()
  const told = JSON.stringify([await openidClient(manager), await oauth4webapi(manager)])
  expect(client_secret.length + registration_access_token.length).toBeGreaterThan(40)
  expect(told).not.toContain(client_secret)
  expect(told).not.toContain(registration_access_token)
})

test('a library is told no secret of a list of them either', async () => {
  const listed = { client_secret: 'secret-of-today', client_secrets: [{ value: 'secret-of-today', is_active: true }] }
  await using scripted = await startScriptedServer(
    { register: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...listed } }) },
    { open: true },
  )
  await using manager = manageAt(scripted)
  expect(await manager.ensure()).toMatchObject(listed)
  expect(JSON.stringify([await openidClient(manager), await oauth4webapi(manager)])).not.toContain('secret-of-today')
})

test.for([
  ['alone', {}],
  ['beside a standard one of null', { client_secret: null }],
  ["beside the standard's", { client_secret: 'secret-of-its-own' }],
] as const)(
  "credentials under a server's own names, %s, are neither kept nor handed on unasked",
  async ([, beside]) => {
    const own = { secret: 'secret-of-its-own', mgmt_token: 'token-of-its-own' }
    const aliases = { client_secret: 'secret', registration_access_token: 'mgmt_token' }
    await using scripted = await startScriptedServer(
      {
        register: (_, usual) => {
          const { client_secret: _secret, registration_access_token: _token, ...others } = Object(usual().body)
          return { ...usual(), body: { ...others, ...own, ...beside } }
        },
      },
      { open: true },
    )
    const values: string[] = []
    const inner = memoryStore()
    const store: RegistrationStore = {
      load: async (key) => inner.load(key),
      save: async (key, value, expected) => {
        values.push(value)
        return inner.save(key, value, expected)
      },
    }
    const options = {
      issuer: scripted.issuer,
      application: 'orders',
      metadata: { ...service, token_endpoint_auth_method: 'none' },
      profile: { name: 'in-house', aliases },
    }
    await using careful = new RegistrationManager({ ...options, store, keepSecret: false, keepManagementToken: false })
    const kept = await careful.ensure()
    const shown = JSON.stringify([values, kept, await openidClient(careful)])
    for (const secret of Object.values(own)) expect(shown).not.toContain(secret)
    await using manager = new RegistrationManager({ ...options, store: memoryStore() })
    expect(await manager.ensure()).toMatchObject({ client_secret: own.secret })
    expect(JSON.stringify(await openidClient(manager))).not.toContain(own.secret)
  },
)

test('a library reads who a user is where the server says that nothing of it is signed', async () => {
  const answers = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"sub":"user"}')
  })
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void answers.close())
  const userinfo_endpoint = `http://127.0.0.1:${Object(answers.address()).port}`
  const unsigned = { userinfo_signed_response_alg: 'none', introspection_signed_response_alg: 'none' }
  await using scripted = await startScriptedServer(
    {
      discovery: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), userinfo_endpoint } }),
      register: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...unsigned } }),
    },
    { open: true },
  )
  await using manager = manageAt(scripted)
  const config = new client.Configuration(...(await openidClient(manager)))
  client.allowInsecureRequests(config)
  expect(await client.fetchUserInfo(config, 'token', 'user')).toEqual({ sub: 'user' })
  const { as, client: kept } = await oauth4webapi(manager)
  const introspected = Response.json({ active: true })
  expect(await oauth.processIntrospectionResponse(as, kept, introspected)).toEqual({ active: true })
})

/** A challenge that says nothing of the client: whether it is about one, the server's metadata tell. */
const challenged = (url: string): object => ({
  status: 401,
  cause: [{ scheme: 'bearer', parameters: {} }],
  response: { url },
})

test('an error is judged within the patience of whoever waits, also where the server says nothing', async () => {
  await using scripted = await startScriptedServer({}, { open: true })
  const options = { issuer: scripted.issuer, application: 'orders', metadata: service, store: memoryStore() }
  await using first = new RegistrationManager(options)
  await first.ensure()
  const { opened, open } = gate()
  scripted.script({ discovery: async (_, usual) => opened.then(usual) })
  await using manager = new RegistrationManager({ ...options, timeout: 600_000 })
  await manager.ensure()
  expect(await whenRejected(manager, challenged(`${scripted.url}/token`))).toBe(false)
  open()
})

test('a challenge of an endpoint counts however the metadata spell its address', async () => {
  await using scripted = await startScriptedServer(
    {
      discovery: (_, usual) => {
        const body: { token_endpoint?: string } = Object(usual().body)
        const token_endpoint = body.token_endpoint?.replace('http://', 'HTTP://').replace('/token', '/./token')
        return { ...usual(), body: { ...body, token_endpoint } }
      },
    },
    { open: true },
  )
  await using manager = new RegistrationManager({
    issuer: scripted.issuer,
    application: 'orders',
    metadata: service,
    store: memoryStore(),
    forgetDelay: 0,
  })
  const { client_id } = await manager.ensure()
  scripted.forget(client_id)
  expect(await whenRejected(manager, challenged(`${scripted.url}/token`))).toBe(true)
})

test.for([
  ['no', undefined],
  ['an empty', ''],
])('a report with %s secret is about the client, and the server is asked about it', async ([, secret]) => {
  await using scripted = await startScriptedServer({}, { open: true })
  const { issuer } = scripted
  const options = { issuer, application: 'orders', metadata: service, store: memoryStore(), forgetDelay: 0 }
  await using manager = new RegistrationManager(options)
  const { client_id } = await manager.ensure()
  const rejected = { client_id, client_secret: secret }
  expect(await whenRejected(manager, { error: 'invalid_client' }, rejected)).toBe(false)
  scripted.forget(client_id)
  expect(await whenRejected(manager, { error: 'invalid_client' }, rejected)).toBe(true)
  expect((await manager.ensure()).client_id).not.toBe(client_id)
})

test('an error whose members throw is no rejection', async () => {
  await using manager = manage()
  const error = {
    get code(): string {
      throw new Error('not to be read')
    },
  }
  expect(await whenRejected(manager, error)).toBe(false)
})

test('a server tells its metadata to the manager once, and a manager without a registration tells them too', async () => {
  await using manager = manage()
  const before = server.requests.length
  const [one, other] = await Promise.all([manager.server(), manager.server()])
  expect(one).toMatchObject({ issuer: server.issuer, token_endpoint: `${server.url}/token` })
  expect(other).toEqual(one)
  expect(server.requests.slice(before).filter(({ path }) => path.includes('.well-known')).length).toBeLessThanOrEqual(2)
  expect((await manager.status()).state).toBe('absent')
})

test.for([
  [
    'authenticates by its certificate',
    { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'a.example' },
    {},
    'mtls',
  ],
  ['declares to use them', { use_mtls_endpoint_aliases: true }, {}, 'mtls'],
  ['has an option for that', {}, { useMtlsEndpointAliases: true }, 'mtls'],
  ['declares to use them, unless told not to', { use_mtls_endpoint_aliases: true }, { useMtlsEndpointAliases: false }],
  ['uses none of them', {}, {}],
] as const)(
  'the requests of a client go to the aliases for mutual TLS where it %s',
  async ([, members, options, alias]) => {
    const asked: unknown[] = []
    const answers = createServer((request, response) => {
      asked.push(request.url)
      const body = '{"access_token":"given","token_type":"bearer"}'
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    })
    await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void answers.close())
    const at = (name: string): string => `http://127.0.0.1:${Object(answers.address()).port}/${name}`
    const metadata = { token_endpoint: at('plain'), mtls_endpoint_aliases: { token_endpoint: at('mtls') } }
    const unsaid = { token_endpoint_auth_method: undefined, use_mtls_endpoint_aliases: undefined }
    // One server repeats what it was told, the other says little.
    for (const more of [{}, unsaid]) {
      await using scripted = await startScriptedServer(
        { register: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...more } }) },
        { open: true, metadata },
      )
      const settings = { issuer: scripted.issuer, application: 'orders', store: memoryStore(), ...options }
      await using manager = new RegistrationManager({ ...settings, metadata: { ...service, ...members } })
      await byOpenidClient(manager)
      await byOauth4webapi(manager)
    }
    expect(asked).toEqual(Array.from({ length: 4 }, () => `/${alias ?? 'plain'}`))
  },
)

test("a client of the application's own key is handed over, and what the server repeats says where it asks", async () => {
  const method = { token_endpoint_auth_method: 'private_key_jwt', use_mtls_endpoint_aliases: true }
  const mtls_endpoint_aliases = { token_endpoint: 'https://mtls.as.example/token' }
  await using scripted = await startScriptedServer({}, { open: true, metadata: { mtls_endpoint_aliases } })
  const settings = { issuer: scripted.issuer, application: 'orders', store: memoryStore() }
  const own = { ...service, ...method, jwks_uri: 'https://orders.example/jwks' }
  await using manager = new RegistrationManager({ ...settings, metadata: own })
  expect((await oauth4webapi(manager)).client).toMatchObject(method)
})
