// A page's manager and what it does with secrets; that takes no browser.
import { PolicyError, RegistrationManager } from '@registrant/browser'
import type { ManagerOptions, RegistrationEvent } from '@registrant/browser'
import { startScriptedServer } from '@registrant/test/servers'
import type { Script, ScriptedServer, Scripts } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { OpenStore } from '../manager/managed.ts'
import { keepIn } from '../support/dump.ts'
import { failure } from '../support/failure.ts'

const metadata = { redirect_uris: ['https://app.example/callback'] }

interface Visit {
  manager: RegistrationManager
  events: RegistrationEvent[]
}

/** A page that is opened over what an earlier one may have stored. */
function visit(server: ScriptedServer, store: OpenStore, options: Partial<ManagerOptions> = {}): Visit {
  const events: RegistrationEvent[] = []
  const { server: _server, issuer: _issuer, ...rest } = options
  const onEvent = keepIn(events)
  const manager = new RegistrationManager({
    issuer: server.issuer,
    application: 'page',
    metadata,
    store,
    onEvent,
    ...rest,
  })
  return { manager, events }
}

/** A server that lays these members over its answer to a registration. */
const answering = (members: object): Scripts => ({
  register: (_, usual) => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), ...members } }
  },
})

const secret = 'secret-that-nobody-asked-for'
const needless = answering({ client_secret: secret, client_secret_expires_at: 0 })
const insisting = answering({ token_endpoint_auth_method: 'client_secret_basic', client_secret: secret })

const sentTo = (server: ScriptedServer): unknown => JSON.parse(server.requestsTo('register')[0]?.body ?? '')

async function secretsIn(server: ScriptedServer, store: OpenStore): Promise<string[]> {
  const { value } = await store.peek()
  return [secret, ...server.secrets()].filter((it) => value.includes(it))
}

describe('a page declares', () => {
  test('that it does not authenticate, where its metadata name no method', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await visit(server, new OpenStore()).manager.ensure()
    expect(sentTo(server)).toEqual({ ...metadata, token_endpoint_auth_method: 'none' })
  })

  test('the method that its metadata name, as it is', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const jwks_uri = 'https://app.example/jwks'
    const declared = { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks_uri }
    await visit(server, new OpenStore(), { metadata: declared }).manager.ensure()
    expect(sentTo(server)).toEqual(declared)
  })

  test('with managed keys, what these bring', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const registration = await visit(server, new OpenStore(), { keys: {} }).manager.ensure()
    expect(registration).toMatchObject({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{}] } })
  })
})

describe('a secret that the server gives', () => {
  test('to a client that does not authenticate is dropped, with an event, and is nowhere in the store', async () => {
    await using server = await startScriptedServer(needless, { open: true })
    const store = new OpenStore()
    const { manager, events } = visit(server, store)
    const registration = await manager.ensure()
    expect(registration).toMatchObject({ client_id: server.clientIds()[0], token_endpoint_auth_method: 'none' })
    expect(registration).not.toHaveProperty('client_secret')
    expect(await secretsIn(server, store)).toEqual([])
    const deviation = expect.objectContaining({ rule: 'secret-for-public-client' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'deviation', deviation }))
  })

  test('to a client that has to authenticate with it is refused: the client is deleted, and nothing of it is stored', async () => {
    await using server = await startScriptedServer(insisting, { open: true })
    const store = new OpenStore()
    const { manager } = visit(server, store)
    const error = await failure(manager.ensure())
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({
      rule: 'secret-not-kept',
      message: expect.stringContaining('none or private_key_jwt'),
    })
    expect(server.requestsTo('delete')).toHaveLength(1)
    expect(server.clients()).toBe(0)
    expect(await secretsIn(server, store)).toEqual([])
    expect(await manager.status()).toMatchObject({ state: 'absent', orphans: [] })
    // Every visit would make another client: the next ones wait.
    expect(Object.values(Object((await store.peek()).record['setbacks']))).toMatchObject([{ count: 1, final: true }])
  })

  test('is kept and handed out when the page says so, and no code of the page proves a client with it', async () => {
    await using server = await startScriptedServer(insisting, { open: true })
    const store = new OpenStore()
    const options = { unsafeKeepSecret: true }
    const { manager } = visit(server, store, options)
    expect(await manager.ensure()).toMatchObject({ client_secret: secret })
    expect(await visit(server, store, options).manager.ensure()).toMatchObject({ client_secret: secret })
    expect(server.requestsTo('register')).toHaveLength(1)
    expect(await failure(manager.authentication())).toMatchObject({ code: 'unsupported' })
  })
})

/** An answer to somebody who keeps no secret, of a server that wants one from now on. */
const needsSecret: Script = (_, usual) => {
  const answer = usual()
  const wanted = {
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: 'of no use',
    client_secret_expires_at: 1,
  }
  return { ...answer, body: { ...Object(answer.body), ...wanted } }
}

describe('the management token', () => {
  const changed = { metadata: { ...metadata, client_name: 'Orders' } }

  test('is not kept, so a changed declaration registers anew', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const store = new OpenStore()
    const { client_id: old, ...rest } = await visit(server, store).manager.ensure()
    expect(rest).not.toHaveProperty('registration_access_token')
    expect(await secretsIn(server, store)).toEqual([])
    const { manager, events } = visit(server, store, changed)
    const { client_id } = await manager.ensure()
    expect(events).toContainEqual(expect.objectContaining({ type: 'replaced', old, client_id }))
    expect(server.clientIds()).toEqual([old, client_id])
    expect(await secretsIn(server, store)).toEqual([])
  })

  test('is kept when the page says so, and a changed declaration is an update of the same client', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const store = new OpenStore()
    const options = { keepManagementToken: true }
    const first = await visit(server, store, options).manager.ensure()
    expect(await secretsIn(server, store)).toEqual([first.registration_access_token])
    const second = await visit(server, store, { ...options, ...changed }).manager.ensure()
    expect(second).toMatchObject({ client_id: first.client_id, client_name: 'Orders' })
    expect(server.clientIds()).toEqual([first.client_id])
  })

  test('that comes with an update which is refused, since it would need a secret, is the one that is kept', async () => {
    await using server = await startScriptedServer({ update: needsSecret }, { open: true, rotate: 'update' })
    const store = new OpenStore()
    const first = await visit(server, store, { keepManagementToken: true }).manager.ensure()
    const renamed = { ...metadata, client_name: 'Page' }
    const second = visit(server, store, { keepManagementToken: true, metadata: renamed })
    expect(await failure(second.manager.ensure())).toMatchObject({ name: 'PolicyError', rule: 'secret-not-kept' })
    const held = server.registration(first.client_id)?.registration_access_token
    expect(held).not.toBe(first.registration_access_token)
    expect((await store.peek()).record).toMatchObject({
      registration: { client_id: first.client_id, registration_access_token: held },
    })
    // Of the secret nothing is kept, not even when it ends; and the client can still be deleted.
    expect(await second.manager.status()).not.toHaveProperty('secretExpiresAt', expect.any(Number))
    server.script({ read: needsSecret })
    await second.manager.delete()
    expect(server.clients()).toBe(0)
  })

  test('is kept although the store fails once when it comes with a refused update', async () => {
    await using server = await startScriptedServer({ update: needsSecret }, { open: true, rotate: 'update' })
    const store = new OpenStore()
    const { client_id } = await visit(server, store, { keepManagementToken: true }).manager.ensure()
    const renamed = { ...metadata, client_name: 'Page' }
    let fails = 0
    store.beforeSave = () => {
      if (server.requestsTo('update').length === 1 && fails++ === 0) throw new Error('The disk is busy')
    }
    const { manager } = visit(server, store, { keepManagementToken: true, metadata: renamed })
    expect(await failure(manager.ensure())).toMatchObject({ name: 'PolicyError' })
    expect(fails).toBe(2)
    const held = server.registration(client_id)?.registration_access_token
    expect((await store.peek()).record).toMatchObject({ registration: { registration_access_token: held } })
  })

  test('is not kept of a client either that is refused and could not be deleted', async () => {
    await using server = await startScriptedServer({ ...insisting, delete: { status: 503 } }, { open: true })
    const store = new OpenStore()
    const { manager } = visit(server, store)
    expect(await failure(manager.ensure())).toBeInstanceOf(PolicyError)
    expect((await manager.status()).orphans).toMatchObject([{ client_id: server.clientIds()[0] }])
    expect(await secretsIn(server, store)).toEqual([])
  })
})
