import { RegistrationManager } from '@registrant/browser'
import { memoryStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

/** What a page's program may have left out, and passes all the same. */
const leftOut = {
  server: undefined,
  instance: undefined,
  generation: undefined,
  profile: undefined,
  keys: undefined,
  keepSecret: undefined,
  unsafeKeepSecret: undefined,
  allowedOrigins: undefined,
  timeout: undefined,
  lease: undefined,
  overlap: undefined,
  forgetDelay: undefined,
  fetch: undefined,
  onEvent: undefined,
}

describe('a page’s manager that is given options which are undefined', () => {
  const metadata = { redirect_uris: ['https://app.example/cb'] }

  test('updates its client, where it keeps the management token', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const options = { ...leftOut, issuer: server.issuer, application: 'page', store: memoryStore() }
    const first = await new RegistrationManager({ ...options, metadata, keepManagementToken: true }).ensure()
    const renamed = { ...metadata, client_name: 'Page' }
    const manager = new RegistrationManager({ ...options, metadata: renamed, keepManagementToken: true })
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'Page' })
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('deletes a client that can be used with a secret only', async () => {
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          const answer = usual()
          return { ...answer, body: { ...Object(answer.body), token_endpoint_auth_method: 'client_secret_basic' } }
        },
      },
      { open: true },
    )
    const options = { ...leftOut, issuer: server.issuer, application: 'page', store: memoryStore() }
    const manager = new RegistrationManager({ ...options, metadata })
    expect(await failure(manager.ensure())).toMatchObject({ code: 'policy' })
    expect(server.clients()).toBe(0)
    expect(await manager.status()).toMatchObject({ state: 'absent', orphans: [] })
  })
})

test.for([null, []])('a page’s manager refuses metadata that are no object: %o', async (metadata) => {
  await using server = await startScriptedServer({}, { open: true })
  const options = Object({ issuer: server.issuer, application: 'page', store: memoryStore(), metadata })
  expect(() => new RegistrationManager(options)).toThrow(
    expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining('metadata') }),
  )
})
