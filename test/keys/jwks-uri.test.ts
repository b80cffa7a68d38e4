// Managed keys that the server fetches itself, from where the application publishes them.
import { memoryStore, RegistrationManager } from '@registrant/node'
import { startOidcProvider } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { listen } from '../servers/test-server.ts'
import { ask } from './speak.ts'

test('oidc-provider fetches the managed keys by jwks_uri, and both of them are published after a rotation', async () => {
  await using server = await startOidcProvider({ open: true, fetchDocument: (url) => fetch(url) })
  const fetched: string[] = []
  const published = await listen((request, response) => {
    fetched.push(request.url ?? '')
    response.setHeader('cache-control', 'max-age=0')
    void manager
      .status()
      .then(({ jwks }) => response.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify(jwks)))
  })
  const manager = new RegistrationManager({
    issuer: server.issuer,
    application: 'orders',
    metadata: {
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      jwks_uri: `${published.url}/keys`,
    },
    keys: {},
    store: memoryStore(),
  })
  const { client_id } = await manager.ensure()
  expect(server.registration(client_id)).toMatchObject({ jwks_uri: `${published.url}/keys` })
  expect(server.registration(client_id)).not.toHaveProperty('jwks')
  const as = { issuer: server.issuer, token_endpoint: `${server.url}/token` }
  const old = await manager.authentication()
  expect(await ask(as, old)).toMatchObject({ status: 200 })
  expect(fetched).toContain('/keys')
  const [first] = (await manager.status()).jwks?.keys ?? []
  await manager.rotate()
  // The server keeps for a minute what it fetched: the old key is still among what it will fetch next.
  const { keys } = await (await fetch(`${published.url}/keys`)).json()
  expect(keys).toHaveLength(2)
  expect(keys).toContainEqual(first)
  expect(server.clientIds()).toEqual([client_id])
  await manager.close()
  await published.close()
})
