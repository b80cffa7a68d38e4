import { clientCredentials, RegistrationClient } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const calls = ['discovery', 'token', 'register', 'read', 'update', 'delete'] as const

/** Where a redirect may lead; the client believes that it speaks https to `as.example`. */
const targets = {
  'the same origin': 'https://as.example/elsewhere;held=HELD?code=HELD#HELD',
  'another origin': 'https://evil.example/elsewhere;held=HELD?code=HELD#HELD',
  'the same host in clear': 'http://as.example/elsewhere;held=HELD?code=HELD#HELD',
}
const rows = calls.flatMap((call) =>
  [301, 302, 303, 307, 308].flatMap((status) =>
    Object.entries(targets).map(([target, location]) => [status, call, target, location] as const),
  ),
)

describe('a redirect is refused, and neither a token nor a secret nor metadata go where it points to', () => {
  test.for(rows)('%i at %s to %s', async ([status, call, , location]) => {
    await using server = await startScriptedServer(
      {},
      {
        open: call !== 'token',
        metadata: {
          issuer: 'https://as.example',
          registration_endpoint: 'https://as.example/register',
          token_endpoint: 'https://as.example/token',
        },
      },
    )
    const asked: string[] = []
    const client = new RegistrationClient({
      issuer: 'https://as.example',
      ...(call === 'token' && { accessToken: clientCredentials(server.registrar) }),
      fetch: async (input, init) => {
        if (typeof input !== 'string') throw new Error('an address is what is asked for')
        asked.push(input)
        return fetch(input.replace('https://as.example', server.url), init)
      },
    })
    const metadata = { redirect_uris: ['https://app.example/cb'] }
    const current = {
      ...metadata,
      client_id: 'c',
      registration_access_token: 'management-token',
      registration_client_uri: 'https://as.example/register/c',
    }
    server.script({ [call]: { status, headers: { location } } })
    const error = await failure(
      {
        discovery: () => client.discover(),
        token: () => client.register(metadata),
        register: () => client.register(metadata),
        read: () => client.read(current),
        update: () => client.update(current, {}),
        delete: () => client.delete(current),
      }[call](),
    )
    const atStake = call !== 'discovery' && call !== 'token'
    expect(error).toMatchObject({ code: 'policy', rule: 'redirect', outcome: atStake ? 'unknown' : 'not-sent' })
    if (call !== 'discovery') expect(error.message).toContain(location.split(';')[0])
    expect(error.message).not.toContain('HELD')
    expect(asked.filter((url) => url.includes('/elsewhere'))).toEqual([])
    expect(asked.every((url) => url.startsWith('https://as.example/'))).toBe(true)
    expect(server.requestsTo(call)).toHaveLength(call === 'discovery' ? 2 : 1)
  })

  test('nor is one that a fetch of the caller has followed all the same', async () => {
    await using server = await startScriptedServer({ other: { body: { client_id: 'from elsewhere' } } })
    server.script({ register: { status: 303, headers: { location: '/elsewhere' } } })
    const client = new RegistrationClient({
      server: { issuer: server.issuer, registration_endpoint: `${server.url}/register` },
      fetch: (input, init) => fetch(input, { ...init, redirect: 'follow' }),
    })
    expect(await failure(client.register({ redirect_uris: ['https://app.example/cb'] }))).toMatchObject({
      rule: 'redirect',
      outcome: 'unknown',
    })
  })
})

describe('a registration that may have been carried out is not sent again where the endpoints have changed since', () => {
  const metadata = { redirect_uris: ['https://app.example/cb'] }
  const follow: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'follow' })
  test.for([
    ['308 that a fetch of the caller has followed', 308, 'registration_endpoint', follow],
    ['303', 303, 'registration_endpoint', fetch],
    ['308, with the same registration endpoint', 308, 'token_endpoint', fetch],
    ['404, with the same registration endpoint', 404, 'token_endpoint', fetch],
  ] as const)('%s', async ([, status, member, fetch]) => {
    let moved = {}
    await using server = await startScriptedServer(
      { discovery: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...moved } }) },
      { open: true },
    )
    const client = new RegistrationClient({ issuer: server.issuer, fetch })
    await client.discover()
    moved = { [member]: `${server.url}/moved` }
    server.script({ register: [{ status, headers: { location: '/moved' } }] })
    expect(await failure(client.register(metadata))).toMatchObject({ outcome: status === 404 ? 'refused' : 'unknown' })
    expect(server.requestsTo('register')).toHaveLength(1)
    expect(server.requests.filter(({ method, path }) => method === 'POST' && path === '/moved')).toHaveLength(
      fetch === follow ? 1 : 0,
    )
  })

  test.for([301, 302, 307, 308, 404, 405, 410])('and is where a %i says that it was not', async (status) => {
    let moved = {}
    await using server = await startScriptedServer(
      { discovery: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...moved } }) },
      { open: true },
    )
    const client = new RegistrationClient({ issuer: server.issuer })
    await client.discover()
    moved = { registration_endpoint: `${server.url}/register?v=2` }
    server.script({ register: [{ status, headers: { location: '/register?v=2' } }] })
    await client.register(metadata)
    expect(server.clients()).toBe(1)
  })

  test('and is where only the address for clients with a certificate has moved', async () => {
    let path = '/register?v=1'
    const aliases = (url: string): object => ({ mtls_endpoint_aliases: { registration_endpoint: `${url}${path}` } })
    await using server = await startScriptedServer(
      { discovery: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...aliases(server.url) } }) },
      { open: true },
    )
    const client = new RegistrationClient({ issuer: server.issuer, useMtlsEndpointAliases: true })
    await client.discover()
    path = '/register?v=2'
    server.script({ register: [{ status: 404 }] })
    await client.register(metadata)
    expect(server.requestsTo('register')).toHaveLength(2)
    expect(server.clients()).toBe(1)
  })
})
