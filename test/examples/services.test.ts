// The recipes of docs/examples that are services: each runs as it stands there.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { memoryStore, RegistrationManager } from '@registrant/node'
import type { RegistrationManager as Manager } from '@registrant/node'
import { startOidcProvider, startScriptedServer, startSimpleIdServer } from '@registrant/test/servers'
import { expect, test, vi } from 'vitest'

import { buildService } from '../../docs/examples/fastify/service.ts'
import { managerAt } from '../../docs/examples/keycloak/main.ts'
import { mayRepeat, register } from '../../docs/examples/library/index.ts'
import type { Send } from '../../docs/examples/library/index.ts'
import { rotate, withKey, withSecret } from '../../docs/examples/rotation/rotate.ts'
import { walk } from '../../docs/examples/simple-id-server/main.ts'
import { ask } from '../keys/speak.ts'
import { failure } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'

const service = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }

test('the Fastify service has its client before it listens, and goes on when the server has forgotten it', async () => {
  await using server = await startOidcProvider({ open: true })
  const manager = new RegistrationManager({
    issuer: server.issuer,
    application: 'orders',
    metadata: service,
    store: memoryStore(),
    forgetDelay: 0,
  })
  const app = await buildService(manager)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  expect(server.clients()).toBe(1)
  const orders = async (): Promise<number> => (await fetch(`${url}/orders`)).status
  expect(await orders()).toBe(200)
  server.forget()
  expect(await orders()).toBe(200)
  expect(server.clients()).toBe(1)
  await app.close()
  expect(await failure(manager.ensure())).toMatchObject({ code: 'closed' })
})

test.each([
  ['a secret', withSecret],
  ['a key', withKey],
])(
  'what proves a client by %s is renewed without an interruption, and another replica hears of it',
  async (_, make) => {
    await using server = await startOidcProvider({ open: true })
    const store = memoryStore()
    const as = { issuer: server.issuer, token_endpoint: `${server.url}/token` }
    await using manager: Manager = make({ issuer: server.issuer, store })
    await using replica: Manager = make({ issuer: server.issuer, store })
    const old = await manager.authentication()
    await replica.ensure()
    const info = vi.spyOn(console, 'info').mockReturnValue()
    await rotate(manager)
    expect(info).toHaveBeenCalledWith('renewed:', expect.any(String))
    info.mockRestore()
    const fresh = await replica.authentication()
    expect(fresh).not.toEqual(old)
    for (const proof of [old, fresh, await manager.authentication()]) expect((await ask(as, proof)).status).toBe(200)
  },
)

test.each(['rc1', 'head'] as const)(
  'the steps at SimpleIdServer %s end with a client that is gone',
  async (version) => {
    await using server = await startSimpleIdServer({ version, realms: true })
    const lines: string[] = []
    const info = vi.spyOn(console, 'info').mockImplementation((...said) => void lines.push(said.join(' ')))
    const { clientId, clientSecret } = server.registrar
    await walk(server.issuer, { clientId, clientSecret })
    info.mockRestore()
    expect(lines).toEqual([
      expect.stringMatching(/^registered: \S+$/),
      'read: https://orders.example/callback',
      'deleted',
    ])
    expect(server.clients()).toBe(0)
  },
)

test('the service at Keycloak needs its initial access token once', async () => {
  await using server = await startScriptedServer(
    {
      register: ({ headers }, usual) =>
        headers.authorization === 'Bearer made by an administrator' ? usual() : { status: 401 },
    },
    { open: true, rotate: 'update' },
  )
  await using folder = await temporaryDirectory()
  const [token, store] = [join(folder.path, 'token'), join(folder.path, 'store')]
  await writeFile(token, 'made by an administrator\n')
  const { client_id } = await managerAt(server.issuer, { token, store }).ensure()
  await rm(token)
  await using again = managerAt(server.issuer, { token, store })
  expect((await again.ensure()).client_id).toBe(client_id)
  expect((await again.read()).client_id).toBe(client_id)
  expect(server.clients()).toBe(1)
})

test('the library sends no private key', async () => {
  const send: Send = () => expect.unreachable('it was sent')
  const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
  const jwks = { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }
  const refused = register(server, { redirect_uris: ['https://app.example/cb'], jwks }, { send })
  await expect(refused).rejects.toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
})

test('the library registers with an HTTP of its own, and says what may be sent again', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const as = { issuer: server.issuer, registration_endpoint: `${server.url}/register` }
  const send: Send = async (url, init) => {
    const answer = await fetch(url, init)
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }
  const { client_id } = await register(as, { ...service, client_name: 'Orders' }, { send })
  expect(server.registration(client_id)).toMatchObject({ client_name: 'Orders' })
  server.script({ register: { status: 400, body: { error: 'invalid_client_metadata' } } })
  const refused = await failure(register(as, service, { send }))
  expect([refused.code, mayRepeat(refused)]).toEqual(['server-refused', true])
  server.script({ register: { status: 201, body: 'a page' } })
  expect(mayRepeat(await failure(register(as, service, { send })))).toBe(false)
})
