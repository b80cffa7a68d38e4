// The tests of a user's project outside the workspace: one file for each runner, which differ in where `test` is from.

/** What `startTestServer()` promises, in both engines; the assertions are Node's own in each runner. */
const code = (runner) => `import assert from 'node:assert/strict'
import { memoryStore, RegistrationManager } from '@registrant/node'
import { openidClient, whenRejected } from '@registrant/node/handover'
import { startTestServer } from '@registrant/node/testing'
import { test } from '${runner}'

const manage = (issuer, metadata) =>
  new RegistrationManager({ issuer, application: 'orders', metadata, store: memoryStore(), forgetDelay: 0 })

test('the service goes on with another client when the server forgot the first', async () => {
  await using server = await startTestServer()
  await using manager = manage(server.issuer, { redirect_uris: ['https://orders.example/callback'] })
  const first = await manager.ensure()
  server.forget(first.client_id)
  const second = await manager.reportRejected(first)
  assert.notEqual(second.client_id, first.client_id)
  assert.deepEqual(server.clientIds(), [second.client_id])
})

test('a certified server issues a token to a kept client, and again after it forgot the client', async () => {
  await using server = await startTestServer({ engine: 'oidc-provider', scopes: ['orders:read'] })
  const metadata = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'orders:read' }
  await using manager = manage(server.issuer, { ...metadata, token_endpoint_auth_method: 'client_secret_basic' })
  const token = async () => {
    const [as, client_id, , authenticate] = await openidClient(manager)
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders:read' })
    const headers = new Headers()
    await authenticate(as, { client_id }, body, headers)
    const answer = await fetch(as.token_endpoint, { method: 'POST', headers, body })
    return answer.json()
  }
  assert.equal((await token()).scope, 'orders:read')
  server.forget()
  const refusal = await token()
  assert.equal(refusal.error, 'invalid_client')
  assert.equal(await whenRejected(manager, refusal), true)
  assert.equal((await token()).scope, 'orders:read')
  assert.equal(server.clients(), 1)
})
`

/** The files of the project, by name. */
export const testFiles = { 'orders.test.mjs': code('vitest'), 'orders.node.mjs': code('node:test') }

/** How each runner is asked; one that finds no test in its file fails. */
export const runs = [
  ['vitest', ['run', 'orders.test.mjs', '--testTimeout', '30000']],
  ['node', ['--test', '--test-timeout', '30000', 'orders.node.mjs']],
]
