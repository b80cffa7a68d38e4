import { clientCredentials, memoryStore, NotSupportedError, StoreError } from '@registrant/core'
import type { ManagerOptions, TokenSource } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest, ScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, payer, start } from './managed.ts'

const { profile } = payer
const renamed = { ...metadata, client_name: 'orders 2' }

/** Gets a token of the client's own, as the docs say. */
const ownToken: TokenSource = ({ registered, ...context }) => {
  if (registered === undefined) throw new Error('Nobody said which client it is')
  return clientCredentials({ clientId: registered.client_id, authentication: registered.proof })(context)
}

/** Who a token request is of, by its Basic header or by its form. */
const clientOf = ({ headers: { authorization = '' }, body }: ScriptedRequest): string =>
  new URLSearchParams(body).get('client_id') ?? atob(authorization.slice(6)).split(':')[0] ?? ''

/** A server where a client is managed by an access token of its own, which `grants` counts. */
async function startOwnTokenServer(): Promise<ScriptedServer & { grants: string[] }> {
  const grants: string[] = []
  const server = await startScriptedServer({
    token: (request: ScriptedRequest, usual: () => Answer) => {
      const client = clientOf(request)
      if (server.registration(client) === undefined) return usual()
      grants.push(client)
      return { body: { access_token: `of-${client}`, token_type: 'Bearer', expires_in: 60 } }
    },
    update: ({ headers, body, path }) => {
      const client = path.split('/').at(-1) ?? ''
      if (headers.authorization !== `Bearer of-${client}`) return { status: 401, body: { error: 'invalid_token' } }
      return { body: Object.assign(server.registration(client) ?? {}, JSON.parse(body)) }
    },
  })
  return Object.assign(server, { grants })
}

const declarations: [method: string, options: Partial<ManagerOptions>][] = [
  ['client_secret_basic', { metadata: renamed }],
  ['client_secret_post', { metadata: renamed }],
  ['private_key_jwt', { metadata: renamed, keys: { alg: 'ES256' } }],
]

for (const [method, options] of declarations)
  test(`updateAccessToken is told which client is updated, and what proves it, of ${method}`, async () => {
    await using server = await startOwnTokenServer()
    const store = memoryStore()
    const of = (name: string): Partial<ManagerOptions> => ({
      ...options,
      profile,
      updateAccessToken: ownToken,
      metadata: { ...metadata, client_name: name, token_endpoint_auth_method: method },
    })
    const { client_id } = await start(server, store, of('orders 1')).manager.ensure()
    const { manager } = start(server, store, of('orders 2'))
    expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(server.grants).toEqual([client_id])
    const asked = server.requestsTo('token').filter((request) => clientOf(request) === client_id)
    expect(asked).toHaveLength(1)
  })

test('a token of one client is not used for another', async () => {
  await using server = await startOwnTokenServer()
  const store = new OpenStore()
  const options = { profile, updateAccessToken: ownToken }
  const { manager } = start(server, store, options)
  const first = await manager.ensure()
  const changed = start(server, store, { ...options, metadata: renamed })
  await changed.manager.ensure()
  await changed.manager.forget()
  const second = await changed.manager.ensure()
  expect(second.client_id).not.toBe(first.client_id)
  await changed.manager.rotate().catch(() => undefined)
  expect(server.grants).toEqual([first.client_id, second.client_id])
})

for (const how of ['the answer to its deletion was lost', 'an operator has deleted it'])
  test(`delete() comes to its end where ${how}, and the client gets no token of its own any more`, async () => {
    using clock = takeClock()
    await using server = await startOwnTokenServer()
    const { manager } = start(server, memoryStore(), { profile, updateAccessToken: ownToken })
    const { client_id } = await manager.ensure()
    const isLost = how.startsWith('the answer')
    if (!isLost) server.forget(client_id)
    server.script({
      read: () => {
        const body = server.registration(client_id)
        return body ? { body } : { status: 401, body: { error: 'invalid_token' } }
      },
      delete: () => {
        server.forget(client_id)
        return { lost: 'before' }
      },
    })
    if (isLost) expect(await failure(manager.delete())).toMatchObject({ code: 'transport' })
    // The token has ended by then.
    clock.pass(120_000)
    await manager.delete()
    expect(await manager.status()).toMatchObject({ state: 'deleted' })
  })

test('the proof of a client that was replaced is refused, since its secret is not kept, and it is listed', async () => {
  using clock = takeClock()
  await using server = await startOwnTokenServer()
  const refused: unknown[] = []
  const { manager, told } = start(server, memoryStore(), {
    profile: { ...profile, cannot: { update: 'It does not.' } },
    updateAccessToken: (context) =>
      Promise.resolve(ownToken(context)).catch((error: unknown) => {
        refused.push(context.registered?.client_id, error)
        throw error
      }),
    overlap: 0,
  })
  const first = await manager.ensure()
  await manager.rotate()
  clock.pass(60_000)
  expect(await manager.sweep()).toEqual([expect.objectContaining({ client_id: first.client_id })])
  expect(told()).toContain('orphan')
  expect(refused.slice(0, 2)).toEqual([first.client_id, expect.objectContaining({ code: 'unsupported' })])
})

const noSuchThing = () => Promise.reject(new NotSupportedError('unsupported', 'No such thing'))

/** Asks for a token as somebody of whom the token endpoint says something else. */
const askAs =
  (clientId: string): TokenSource =>
  (context) =>
    clientCredentials({ clientId, clientSecret: 'its secret' })(context)

const failing: [what: string, options: Partial<ManagerOptions>][] = [
  ['updateAccessToken finds that the server has no such thing', { updateAccessToken: noSuchThing }],
  ['updateAccessToken was set up wrongly', { updateAccessToken: askAs('') }],
  ['updateAccessToken is refused for its scope', { updateAccessToken: askAs('out of scope') }],
  ['updateAccessToken finds no token endpoint', { updateAccessToken: askAs('nobody') }],
  [
    'updateAccessToken brings a token that nobody can send',
    { updateAccessToken: () => ({ access_token: 'token', token_type: 'mac' }) },
  ],
  ['dpop can not sign', { updateAccessToken: 'for-updates', dpop: noSuchThing }],
  ['encodeBody can not encode', { updateAccessToken: 'for-updates', encodeBody: noSuchThing }],
]

for (const [what, options] of failing)
  test(`where ${what}, the client stays, and is updated once that is mended`, async () => {
    using clock = takeClock()
    await using server = await startScriptedServer({
      token: (request: ScriptedRequest, usual: () => Answer) =>
        clientOf(request) === 'out of scope'
          ? { status: 400, body: { error: 'invalid_scope' } }
          : clientOf(request) === 'nobody'
            ? { status: 405 }
            : usual(),
      update: ({ body }) => ({ body: { ...first, ...Object(JSON.parse(body)) } }),
    })
    const store = memoryStore()
    const first = await start(server, store, { profile }).manager.ensure()
    const { manager, told } = start(server, store, { profile, ...options, metadata: renamed })
    for (let n = 0; n < 5; n++) {
      expect(await manager.ensure()).toEqual(first)
      clock.pass(30 * 60_000)
    }
    expect(told()).not.toContain('unmanageable')
    expect(await manager.status()).toMatchObject({ manageable: true, replaced: [] })
    const mended = start(server, store, { profile, updateAccessToken: 'for-updates', metadata: renamed })
    expect(await mended.manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
    expect(server.requestsTo('register')).toHaveLength(1)
  })

const withoutToken: [what: string, updateAccessToken: TokenSource][] = [
  ['is not to be had', noSuchThing],
  ['comes from a service that is down', () => Promise.reject(new Error('The vault is sealed'))],
]

for (const [what, updateAccessToken] of withoutToken)
  test(`where a token for updates ${what}, a secret is renewed by a registration before it ends`, async () => {
    using clock = takeClock()
    await using server = await startScriptedServer({}, { secretLifetime: 86_400 })
    const { manager } = start(server, memoryStore(), { profile, updateAccessToken })
    const first = await manager.ensure()
    for (let hours = 0; hours < 23; hours++) {
      clock.pass(3_600_000)
      await manager.ensure()
    }
    expect((await manager.ensure()).client_id).not.toBe(first.client_id)
    expect(server.requestsTo('register')).toHaveLength(2)
  })

for (const [what, updateAccessToken] of withoutToken)
  for (const name of ['orders 1', 'orders 2'])
    test(`where a token for updates ${what}, a client whose secret has ended is replaced at once, as ${name}`, async () => {
      using clock = takeClock()
      await using server = await startScriptedServer({}, { secretLifetime: 86_400 })
      const store = memoryStore()
      const of = (client_name: string): Partial<ManagerOptions> => ({
        profile,
        updateAccessToken,
        metadata: { ...metadata, client_name },
      })
      const first = await start(server, store, of('orders 1')).manager.ensure()
      clock.pass(2 * 86_400_000)
      const { client_id } = await start(server, store, of(name)).manager.ensure()
      expect(client_id).not.toBe(first.client_id)
    })

for (const status of [404, 405, 410])
  test(`a token endpoint that answers ${status} denies no client that is to be looked at`, async () => {
    using clock = takeClock()
    await using server = await startScriptedServer({
      token: (request, usual) => (clientOf(request) === 'manager' ? { status } : usual()),
    })
    const { manager, told } = start(server, memoryStore(), {
      profile,
      updateAccessToken: askAs('manager'),
      forgetDelay: 0,
    })
    await manager.ensure()
    for (let times = 0; times < 4; times++) {
      await failure(manager.read())
      clock.pass(60_000)
    }
    expect(await manager.status()).toMatchObject({ manageable: true, suspect: false })
    expect(told()).not.toContain('unmanageable')
  })

const configured: [what: string, source: TokenSource][] = [
  ['was set up wrongly', askAs('')],
  ['fails as a store does', () => Promise.reject(new StoreError('store-unavailable', 'No vault'))],
]

for (const [what, source] of configured)
  for (const option of ['accessToken', 'updateAccessToken'])
    test(`an ${option} that ${what} is not asked again and again, and no start fails for it`, async () => {
      await using server = await startScriptedServer()
      const store = memoryStore()
      const { client_id } = await start(server, store).manager.ensure()
      let asked = 0
      const counted: TokenSource = (context) => {
        asked++
        return source(context)
      }
      const cannot = option === 'accessToken' ? { cannot: { update: 'It does not.' } } : {}
      const { manager } = start(server, store, {
        profile: { ...profile, ...cannot },
        [option]: counted,
        metadata: renamed,
      })
      for (let times = 0; times < 20; times++) expect(await manager.ensure()).toMatchObject({ client_id })
      expect(asked).toBeLessThan(5)
    })

test('a client whose proof the manager does not hold gets no token of its own, and stays', async () => {
  await using server = await startOwnTokenServer()
  const store = memoryStore()
  const declared = { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' }
  const { client_id } = await start(server, store, { profile, metadata: declared }).manager.ensure()
  const { manager, events } = start(server, store, {
    profile,
    updateAccessToken: ownToken,
    metadata: { ...declared, client_name: 'orders 2' },
  })
  expect(await manager.ensure()).toMatchObject({ client_id })
  expect(events).toContainEqual(expect.objectContaining({ type: 'drift', message: expect.stringContaining('holds') }))
  expect(server.requestsTo('update')).toHaveLength(0)
  expect(server.requestsTo('register')).toHaveLength(1)
})
