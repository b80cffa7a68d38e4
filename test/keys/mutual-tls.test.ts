import { RegistrationClient, clientCredentials } from '@registrant/node'
import { readServer } from '@registrant/node/exchange'
import { clientSecretJwt, generateClientKeys, privateKeyJwt, tlsClientAuth } from '@registrant/node/keys'
import { hydra } from '@registrant/node/profiles'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeJwt } from 'jose'
import * as undici from 'undici'

import { throwawayAuthority } from '../support/authority.ts'
import type { Identity } from '../support/authority.ts'
import { failure } from '../support/failure.ts'

const authority = await throwawayAuthority()
const grant = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'register' }
const opened: undici.Agent[] = []

afterAll(() => Promise.all(opened.map((agent) => agent.close())))

/** What a Node application writes: a fetch that presents a certificate. */
function fetchAs(identity: Partial<Identity>): typeof fetch {
  const dispatcher = new undici.Agent({ connect: { ...identity, ca: authority.ca } })
  opened.push(dispatcher)
  return async (input, init) => {
    const { url, method, headers, body, signal } = new Request(input, init)
    const sent = { method, headers: Object.fromEntries(headers), body, signal, redirect: 'manual' } as const
    const answer = await undici.fetch(url, { ...sent, duplex: 'half', dispatcher })
    const { status } = answer
    return new Response(answer.body && (await answer.arrayBuffer()), {
      status,
      headers: Object.fromEntries(answer.headers),
    })
  }
}

describe('a client certificate', () => {
  let server: Awaited<ReturnType<typeof startOidcProvider>>

  beforeAll(async () => {
    const tls = { ...(await authority.server()), ca: authority.ca }
    const client = { ...grant, token_endpoint_auth_method: 'tls_client_auth' as const }
    const clients = [{ ...client, client_id: 'registers', tls_client_auth_san_dns: 'registers.example' }]
    server = await startOidcProvider({ tls, clients })
  })
  afterAll(() => server.close())

  const registeringWith = (identity: Partial<Identity>): RegistrationClient =>
    new RegistrationClient({
      issuer: server.issuer,
      accessToken: clientCredentials({ clientId: 'registers', scope: 'register', authentication: tlsClientAuth() }),
      fetch: fetchAs(identity),
    })

  test('pays for a registration at a real server (RFC 8705 section 2.1), and proves the client that it made', async () => {
    const identity = await authority.client('registers.example')
    const orders = {
      ...grant,
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'orders.example',
    }
    const { client_id } = await registeringWith(identity).register(orders)
    expect(server.clientIds()).toEqual([client_id])

    const accessToken = clientCredentials({ clientId: client_id, scope: 'register', authentication: tlsClientAuth() })
    const asOrders = fetchAs(await authority.client('orders.example'))
    const another = new RegistrationClient({ issuer: server.issuer, accessToken, fetch: asOrders })
    await another.register({ redirect_uris: ['https://app.example/cb'] })
    expect(server.clients()).toBe(2)
  })

  test('of another name, of another authority, or none at all, is refused', async () => {
    const before = server.clients()
    const foreign = await throwawayAuthority('Another authority')
    const wrong = [await authority.client('orders.example'), await foreign.client('registers.example'), {}]
    for (const identity of wrong) {
      const refused = await failure(registeringWith(identity).register({ redirect_uris: ['https://app.example/cb'] }))
      expect(refused).toMatchObject({ status: 401, error: 'invalid_client', outcome: 'refused' })
    }
    expect(server.clients()).toBe(before)
  })
})

test('the token request goes to the alias for mutual TLS where the server has one (RFC 8705 section 5)', async () => {
  await using alias = await startScriptedServer()
  const metadata = { mtls_endpoint_aliases: { token_endpoint: `${alias.issuer}/token` } }
  await using server = await startScriptedServer({}, { open: true, metadata })
  const accessToken = clientCredentials({ clientId: 'registers', authentication: tlsClientAuth() })
  await failure(new RegistrationClient({ issuer: server.issuer, accessToken }).register({ grant_types: [] }))
  expect(server.requestsTo('token')).toEqual([])
  expect(alias.requestsTo('token').map(({ body }) => body)).toEqual([
    'grant_type=client_credentials&client_id=registers',
  ])
})

describe('a server with aliases for mutual TLS (RFC 8705 section 5)', () => {
  const certified = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'app.example' }
  const request = { redirect_uris: ['https://app.example/callback'], ...certified }
  const accessToken = clientCredentials({ clientId: 'registerClient', authentication: tlsClientAuth() })

  /** The server, and its other self that asks for certificates. */
  async function startBoth() {
    const token = { body: { access_token: 'paid', token_type: 'Bearer' } }
    const alias = await startScriptedServer({ token }, { open: true })
    const aliases = { token_endpoint: `${alias.issuer}/token`, registration_endpoint: `${alias.issuer}/register` }
    const server = await startScriptedServer({ token }, { open: true, metadata: { mtls_endpoint_aliases: aliases } })
    const close = async (): Promise<void> => void (await Promise.all([alias.close(), server.close()]))
    return { alias, server, [Symbol.asyncDispose]: close }
  }

  test.each([
    ['whose payer has a certificate', { accessToken }, {}],
    ['whose options say so', { useMtlsEndpointAliases: true }, {}],
    [
      'whose options say so, and whose payer has a secret',
      { useMtlsEndpointAliases: true, accessToken: clientCredentials({ clientId: 'c', clientSecret: 's' }) },
      {},
    ],
    ['whose metadata say so', {}, { use_mtls_endpoint_aliases: true }],
  ])('is asked there alone by a client %s, and manages it there', async (_, options, members) => {
    await using both = await startBoth()
    const { alias, server } = both
    const client = new RegistrationClient({ issuer: server.issuer, ...options })
    const registration = await client.register({ ...request, ...members })
    expect(registration.registration_client_uri).toMatch(`${alias.issuer}/`)
    await client.update(await client.read(registration), { client_name: 'Orders' })
    await client.delete(registration)
    expect(server.requests.map(({ endpoint }) => endpoint)).toEqual(['discovery'])
    const paid = 'accessToken' in options ? ['token'] : []
    expect(alias.requests.map(({ endpoint }) => endpoint)).toEqual([...paid, 'register', 'read', 'update', 'delete'])
  })

  test.each([
    ['without a certificate', {}, {}],
    ['that was told not to', { useMtlsEndpointAliases: false }, { use_mtls_endpoint_aliases: true }],
  ])('is not asked there by a client %s', async (_, options, members) => {
    await using both = await startBoth()
    const { alias, server } = both
    await new RegistrationClient({ issuer: server.issuer, ...options }).register({ ...request, ...members })
    expect(alias.requests).toEqual([])
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('may manage a client at any alias, and nowhere else', async () => {
    await using both = await startBoth()
    await using elsewhere = await startScriptedServer()
    const { alias, server } = both
    const client = new RegistrationClient({ issuer: server.issuer })
    const at = (origin: string) => ({
      client_id: 'c',
      registration_access_token: 't',
      registration_client_uri: `${origin}/register/c`,
    })
    await failure(client.read(at(alias.url)))
    expect(alias.requestsTo('read')).toHaveLength(1)
    expect(await failure(client.read(at(elsewhere.url)))).toMatchObject({ rule: 'management-address' })
    expect(elsewhere.requests).toEqual([])
  })
})

test('an alias that is nearer than its server is left out, and so is one that is no address', () => {
  const issuer = 'https://as.example'
  const aliases = {
    token_endpoint: 'http://127.0.0.1/token',
    registration_endpoint: 7,
    userinfo_endpoint: 'https://mtls.as.example',
  }
  const answer = {
    status: 200,
    headers: new Headers(),
    body: JSON.stringify({ issuer, mtls_endpoint_aliases: aliases }),
  }
  const reading = readServer(answer, { request: { method: 'GET', url: issuer, headers: {} }, issuer })
  expect(reading?.value.mtls_endpoint_aliases).toEqual({ userinfo_endpoint: 'https://mtls.as.example' })
  expect(reading?.deviations).toHaveLength(2)
})

test('a payer with a certificate asks at no alias where the options say so', async () => {
  await using server = await startScriptedServer({ token: { body: { access_token: 'x' } } }, { open: true })
  const { issuer } = server
  const metadata = {
    issuer,
    registration_endpoint: `${issuer}/register`,
    token_endpoint: `${issuer}/token`,
    mtls_endpoint_aliases: { token_endpoint: `${issuer}/elsewhere` },
  }
  const accessToken = clientCredentials({ clientId: 'registers', authentication: tlsClientAuth() })
  await new RegistrationClient({ server: metadata, accessToken, useMtlsEndpointAliases: false }).register({
    redirect_uris: ['https://app.example/cb'],
  })
  expect(server.requestsTo('token')).toHaveLength(1)
})

test('a payer addresses its assertion as the profile of the server says', async () => {
  await using server = await startScriptedServer({ token: { body: { access_token: 'x' } } }, { open: true })
  const { issuer } = server
  const key = await generateClientKeys()
  for (const authentication of [privateKeyJwt({ key }), clientSecretJwt('s'.repeat(32))]) {
    const accessToken = clientCredentials({ clientId: 'registers', authentication })
    await new RegistrationClient({ issuer, accessToken, profile: hydra }).register({
      redirect_uris: ['https://app.example/cb'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
    })
  }
  const assertions = server
    .requestsTo('token')
    .map(({ body }) => new URLSearchParams(body).get('client_assertion') ?? '')
  expect(assertions.map((assertion) => decodeJwt(assertion).aud)).toEqual([`${issuer}/token`, `${issuer}/token`])
})
