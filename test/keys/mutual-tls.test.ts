import { RegistrationClient, clientCredentials } from '@registrant/node'
import { tlsClientAuth } from '@registrant/node/keys'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
