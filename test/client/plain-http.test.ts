import { memoryStore, RegistrationClient, RegistrationManager } from '@registrant/node'
import type { RegistrationEvent } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const metadata = { redirect_uris: ['https://app.example/cb'] }
const issuer = 'http://keycloak:8080'

test('plain http beyond this machine is refused, and the error names the option', async () => {
  const error = await failure(new RegistrationClient({ issuer }).register(metadata))
  expect(error).toMatchObject({ rule: 'insecure-address', outcome: 'not-sent' })
  expect(error.message).toContain("allowHttp: ['http://keycloak:8080']")
})

test('the error names the option only where plain http is the reason', async () => {
  await using server = await startScriptedServer()
  const registration_endpoint = `${server.issuer.replace('//', '//user@')}/register`
  const error = await failure(
    new RegistrationClient({ server: { issuer: server.issuer, registration_endpoint } }).register(metadata),
  )
  expect(error).toMatchObject({ rule: 'insecure-address', outcome: 'not-sent' })
  expect(error.message).not.toContain('allowHttp')
})

test('an origin that is allowed by name is asked, and each request there is a warning', async () => {
  await using server = await startScriptedServer(
    {},
    {
      open: true,
      metadata: {
        issuer,
        registration_endpoint: `${issuer}/register`,
        token_endpoint: `${issuer}/token`,
      },
    },
  )
  const events: RegistrationEvent[] = []
  const client = new RegistrationClient({
    issuer,
    allowHttp: [issuer],
    fetch: (input, init) => fetch(typeof input === 'string' ? input.replace(issuer, server.url) : input, init),
    onEvent: (event) => events.push(event),
  })
  const { client_id } = await client.register(metadata)
  const management = { registration_access_token: 'token', registration_client_uri: `${issuer}/register/${client_id}` }
  expect(await failure(client.read({ client_id, ...management }))).toMatchObject({ status: 401 })
  expect(events.filter(({ type }) => type === 'warning')).toHaveLength(server.requests.length)
  const elsewhere = { ...management, registration_client_uri: 'http://other:8080/c' }
  const error = await failure(client.read({ client_id, ...elsewhere }))
  expect(error).toMatchObject({ rule: 'management-address', outcome: 'not-sent' })
})

test('a manager asks there whether a client is still known', async () => {
  await using server = await startScriptedServer(
    {},
    {
      open: true,
      metadata: { issuer, registration_endpoint: `${issuer}/register`, token_endpoint: `${issuer}/token` },
    },
  )
  const manager = new RegistrationManager({
    issuer,
    allowHttp: [issuer],
    application: 'a',
    metadata: { ...metadata, token_endpoint_auth_method: 'client_secret_basic' },
    store: memoryStore(),
    fetch: (input, init) => fetch(typeof input === 'string' ? input.replace(issuer, server.url) : input, init),
  })
  const registration = await manager.ensure()
  expect(await manager.reportRejected(registration)).toEqual(registration)
  expect(server.requestsTo('token').length).toBeGreaterThan(0)
})

test('what is no exact origin is refused when it is given', () => {
  for (const origin of ['http://keycloak:8080/', 'keycloak:8080', 'http://*', 'http://KEYCLOAK'])
    expect(() => new RegistrationClient({ issuer, allowHttp: [origin] })).toThrow(/allowHttp/)
})
