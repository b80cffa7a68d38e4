// Managed keys that the server fetches itself, from where the application publishes them: oidc-provider keeps what it
// fetched for a minute, and looks for no key that it does not know.
import { memoryStore, RegistrationManager } from '@registrant/node'
import type { ClientProof, ManagerOptions, RegistrationEvent, RegistrationStore } from '@registrant/node'
import { startOidcProvider } from '@registrant/test/servers'
import { decodeProtectedHeader } from 'jose'
import { expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { keepIn } from '../support/dump.ts'
import { listen } from '../servers/test-server.ts'
import { ask } from './speak.ts'

const hour = 3_600_000
const day = 24 * hour

/** A server that fetches, an application that publishes what its manager says, and its replicas over one store. */
async function open(options: Partial<ManagerOptions> = {}) {
  const server = await startOidcProvider({ open: true, fetchDocument: (url) => fetch(url) })
  const store: RegistrationStore = memoryStore()
  const managers: RegistrationManager[] = []
  const events: RegistrationEvent[] = []
  let fetched = 0
  const published = await listen((_request, response) => {
    fetched++
    void managers[0]
      ?.status()
      .then(({ jwks }) => response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify(jwks)))
  })
  const start = (more: Partial<ManagerOptions> = {}): RegistrationManager => {
    const { server: _server, issuer = server.issuer, ...rest } = { ...options, ...more }
    const metadata = {
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      jwks_uri: `${published.url}/keys`,
    }
    const onEvent = keepIn(events)
    const manager = new RegistrationManager({
      issuer,
      application: 'orders',
      metadata,
      keys: {},
      store,
      onEvent,
      ...rest,
    })
    managers.push(manager)
    return manager
  }
  const token = { issuer: server.issuer, token_endpoint: `${server.url}/token` }
  return {
    server,
    start,
    events,
    fetched: () => fetched,
    /** What the server says to a proof. */
    ask: async (proof: ClientProof) => (await ask(token, proof)).status,
    /** The names of the keys that the server would fetch now. */
    published: async () => (await managers[0]?.status())?.jwks?.keys.map(({ kid }) => kid),
    async [Symbol.asyncDispose]() {
      for (const manager of managers) await manager.close()
      await published.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

const signerOf = ({ form }: ClientProof): string | undefined =>
  decodeProtectedHeader(form?.['client_assertion'] ?? '').kid

test('after a rotation the new key is published and the old one signs, until the server has looked again', async () => {
  await using app = await open()
  using clock = takeClock()
  const manager = app.start()
  const { client_id } = await manager.ensure()
  expect(app.server.registration(client_id)).toHaveProperty('jwks_uri')
  expect(app.server.registration(client_id)).not.toHaveProperty('jwks')
  const first = await manager.authentication()
  const old = signerOf(first)
  expect(await app.ask(first)).toBe(200)
  expect(app.fetched()).toBe(1)
  const requests = app.server.requests.length

  // A change of keys needs no update: the server is not asked for anything.
  expect((await manager.rotate()).client_id).toBe(client_id)
  expect(app.server.requests).toHaveLength(requests)
  const both = await app.published()
  expect(both).toHaveLength(2)
  expect(both).toContain(old)
  const proof = await manager.authentication()
  expect(signerOf(proof)).toBe(old)
  expect(await app.ask(proof)).toBe(200)
  expect(app.fetched()).toBe(1)
  const { waiting } = await manager.status()
  expect(waiting).toMatchObject([{ for: 'key' }])
  expect((waiting[0]?.until ?? 0) - Date.now()).toBeLessThanOrEqual(hour)

  clock.pass(hour - 60_000)
  const late = await manager.authentication()
  expect([signerOf(late), await app.ask(late)]).toEqual([old, 200])
  expect(app.events.some(({ type }) => type === 'renewed')).toBe(false)
  clock.pass(60_000)
  const fresh = await manager.authentication()
  expect(signerOf(fresh)).not.toBe(old)
  expect(both).toContain(signerOf(fresh))
  expect([await app.ask(fresh), await app.ask(await manager.authentication())]).toEqual([200, 200])
  expect(app.events.filter(({ type }) => type === 'renewed')).toHaveLength(1)
  expect((await manager.status()).waiting).toEqual([])

  // Whoever has not looked since signs with the old one.
  expect(await app.published()).toContain(old)
  clock.pass(hour)
  await manager.ensure()
  expect(await app.published()).toEqual([signerOf(fresh)])
  expect(await app.ask(await manager.authentication())).toBe(200)
  expect(app.server.clientIds()).toEqual([client_id])
})

test('all replicas sign with the same key, also those that start meanwhile, and nothing is interrupted', async () => {
  await using app = await open({ overlap: 10 * 60_000 })
  using clock = takeClock()
  const replicas = [app.start(), app.start()]
  const [{ client_id } = { client_id: '' }] = await Promise.all(replicas.map((manager) => manager.ensure()))
  const signers = async (): Promise<unknown[]> => {
    const proofs = await Promise.all(replicas.map((manager) => manager.authentication()))
    for (const proof of proofs) expect(await app.ask(proof)).toBe(200)
    return [...new Set(proofs.map(signerOf))]
  }
  const [old] = await signers()
  await Promise.all(replicas.map((manager) => manager.rotate()))
  expect(await app.published()).toHaveLength(2)
  expect(await signers()).toEqual([old])

  // One is killed and started again: what it would have done, the record says.
  await replicas.pop()?.close()
  clock.pass(5 * 60_000)
  replicas.push(app.start())
  expect(await signers()).toEqual([old])
  // Who asks again does not begin anew.
  await replicas[1]?.rotate()
  expect(await signers()).toEqual([old])
  clock.pass(5 * 60_000)
  const after = await signers()
  expect(after).toHaveLength(1)
  expect(after).not.toContain(old)
  replicas.push(app.start())
  expect(await signers()).toEqual(after)
  expect(app.server.clientIds()).toEqual([client_id])
})

test('whoever watches brings the key of a rotation into use in time, and a key that is old is followed by itself', async () => {
  await using app = await open({ overlap: 400, keys: { rotateAfter: 30 * day } })
  using clock = takeClock()
  const manager = app.start()
  const leaving = new AbortController()
  const watching = (async () => {
    for await (const { client_id } of manager.watch({ signal: leaving.signal })) expect(client_id).not.toBe('')
  })()
  const other = app.start()
  const old = signerOf(await other.authentication())
  clock.pass(31 * day)
  await other.ensure()
  expect(await app.published()).toHaveLength(2)
  await expect.poll(() => app.events.filter(({ type }) => type === 'renewed').length, { timeout: 20_000 }).toBe(1)
  expect(signerOf(await other.authentication())).not.toBe(old)
  leaving.abort()
  await watching
})

test('a client that cannot be updated goes on with another key, and is not replaced', async () => {
  await using app = await open({ keepManagementToken: false })
  using clock = takeClock()
  const manager = app.start()
  const { client_id } = await manager.ensure()
  const old = signerOf(await manager.authentication())
  expect((await manager.rotate()).client_id).toBe(client_id)
  clock.pass(hour)
  const fresh = await manager.authentication()
  expect(signerOf(fresh)).not.toBe(old)
  expect(await app.ask(fresh)).toBe(200)
  expect(app.server.clientIds()).toEqual([client_id])
})

test('another algorithm is declared when its key has been published for long enough, and what else is declared at once', async () => {
  await using app = await open()
  using clock = takeClock()
  const { client_id } = await app.start({ keys: { alg: 'ES256' } }).ensure()
  const registered = (): unknown => app.server.registration(client_id)
  const manager = app.start({ keys: { alg: 'PS256' } })
  const old = await manager.authentication()
  expect(await app.ask(old)).toBe(200)
  expect(decodeProtectedHeader(old.form?.['client_assertion'] ?? '').alg).toBe('ES256')
  expect(registered()).toMatchObject({ token_endpoint_auth_signing_alg: 'ES256' })
  expect(await app.published()).toHaveLength(2)
  const requests = app.server.requests.length
  await manager.ensure()
  expect(app.server.requests).toHaveLength(requests)

  clock.pass(hour)
  const fresh = await manager.authentication()
  expect(decodeProtectedHeader(fresh.form?.['client_assertion'] ?? '').alg).toBe('PS256')
  expect(registered()).toMatchObject({ token_endpoint_auth_signing_alg: 'PS256' })
  expect(await app.ask(fresh)).toBe(200)
  expect(app.server.clientIds()).toEqual([client_id])
})

test('without an overlap another key signs at once', async () => {
  await using app = await open({ overlap: 0 })
  const manager = app.start()
  await manager.ensure()
  const old = signerOf(await manager.authentication())
  await manager.rotate()
  expect(signerOf(await manager.authentication())).not.toBe(old)
})
