import { RegistrationClient, clientCredentials } from '@registrant/node'
import type { ClientAuthentication, RegistrationRequest, TokenSource } from '@registrant/node'
import { simpleIdServer } from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test, vi } from 'vitest'

import { failure } from '../support/failure.ts'

const metadata: RegistrationRequest = { redirect_uris: ['https://app.example/cb'] }

describe('the access token for registering', () => {
  test('is requested once for twenty concurrent registrations', async () => {
    await using server = await startScriptedServer()
    const client = new RegistrationClient({ issuer: server.issuer, accessToken: clientCredentials(server.registrar) })
    const registered = await Promise.all(Array.from({ length: 20 }, () => client.register(metadata)))
    expect(new Set(registered.map(({ client_id }) => client_id)).size).toBe(20)
    expect(server.requestsTo('token')).toHaveLength(1)
    expect(server.requestsTo('discovery')).toHaveLength(1)
  })

  test('is kept for later registrations until ten seconds before it expires', async () => {
    await using lasting = await startScriptedServer({}, { tokenLifetime: 3600 })
    await using short = await startScriptedServer({}, { tokenLifetime: 10 })
    for (const [server, requests] of [
      [lasting, 1],
      [short, 3],
    ] as const) {
      const client = new RegistrationClient({ issuer: server.issuer, accessToken: clientCredentials(server.registrar) })
      for (let round = 0; round < 3; round++) await client.register(metadata)
      expect(server.requestsTo('token')).toHaveLength(requests)
    }
  })

  test('that the server refuses with 401 is renewed once, and the registration repeated with the new one', async () => {
    await using server = await startScriptedServer()
    const client = new RegistrationClient({ issuer: server.issuer, accessToken: clientCredentials(server.registrar) })
    await client.register(metadata)
    server.revokeTokens()
    await client.register(metadata)
    expect(server.clients()).toBe(2)
    expect(server.requestsTo('token')).toHaveLength(2)
    expect(server.requestsTo('register').map(({ status }) => status)).toEqual([201, 401, 201])
  })

  test('that the server refuses with 403 is not sent again by the next call', async () => {
    for (const error of ['insufficient_scope', undefined]) {
      await using server = await startScriptedServer({ register: [{ status: 403, body: { error } }] }, { open: true })
      let asked = 0
      const accessToken: TokenSource = () => ({ access_token: `token-${++asked}`, expires_in: 3600 })
      const client = new RegistrationClient({ issuer: server.issuer, accessToken })
      expect(await failure(client.register(metadata))).toMatchObject({ status: 403 })
      await client.register(metadata)
      await client.register(metadata)
      expect(server.requestsTo('register').map(({ headers }) => headers.authorization)).toEqual([
        'Bearer token-1',
        'Bearer token-2',
        'Bearer token-2',
      ])
    }
  })

  test('that is refused like the one before is tried by the next call first: a node that is late may know it by then', async () => {
    const refused = { status: 401, body: { error: 'invalid_token' } }
    await using server = await startScriptedServer({ register: [refused, refused] }, { open: true })
    let asked = 0
    const client = new RegistrationClient({ issuer: server.issuer, accessToken: () => `token-${++asked}` })
    expect(await failure(client.register(metadata))).toMatchObject({ status: 401 })
    await client.register(metadata)
    expect(server.requestsTo('register').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-2',
    ])
  })

  test('is never renewed in a loop', async () => {
    await using server = await startScriptedServer({ register: { status: 401, body: { error: 'invalid_token' } } })
    const client = new RegistrationClient({ issuer: server.issuer, accessToken: clientCredentials(server.registrar) })
    expect(await failure(client.register(metadata))).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(server.requestsTo('token')).toHaveLength(2)
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test.for(simpleIdServer.refusedTokenCodes ?? [])(
    'that SimpleIdServer refuses with 400 %s is renewed once, where its profile is chosen',
    async (error) => {
      await using server = await startScriptedServer({ register: [{ status: 400, body: { error } }] })
      const options = { issuer: server.issuer, accessToken: clientCredentials(server.registrar) }
      await new RegistrationClient({ ...options, profile: simpleIdServer }).register(metadata)
      expect(server.requestsTo('token')).toHaveLength(2)

      server.script({ register: [{ status: 400, body: { error: 'invalid_client_metadata' } }] })
      const refused = await failure(new RegistrationClient({ ...options, profile: simpleIdServer }).register(metadata))
      expect(refused).toMatchObject({ status: 400, error: 'invalid_client_metadata', outcome: 'refused' })
      expect(server.requestsTo('token')).toHaveLength(3)
    },
  )

  test('is requested again once when twenty concurrent registrations are refused', async () => {
    await using server = await startScriptedServer()
    const client = new RegistrationClient({ issuer: server.issuer, accessToken: clientCredentials(server.registrar) })
    await client.register(metadata)
    server.revokeTokens()
    await Promise.all(Array.from({ length: 20 }, () => client.register(metadata)))
    expect(server.clients()).toBe(21)
    expect(server.requestsTo('token')).toHaveLength(2)
  })

  test('may be a string, which is sent as it is and cannot be renewed', async () => {
    await using server = await startScriptedServer({ register: { status: 401 } })
    const client = new RegistrationClient({ issuer: server.issuer, accessToken: 'an-initial-access-token' })
    expect(await failure(client.register(metadata))).toMatchObject({ status: 401 })
    expect(server.requestsTo('register').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer an-initial-access-token',
    ])
  })

  test('may come from a function, which is told the token that was refused', async () => {
    await using server = await startScriptedServer({ register: [{ status: 401 }] }, { open: true })
    const told: (string | undefined)[] = []
    const accessToken: TokenSource = ({ refused }) => {
      told.push(refused)
      return `token-${told.length}`
    }
    await new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata)
    expect(told).toEqual([undefined, 'token-1'])
    expect(server.requestsTo('register').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ])
  })

  test('that can be used once is requested for each registration and never sent twice', async () => {
    await using server = await startScriptedServer({ register: [undefined, undefined, { status: 401 }] })
    const profile = { name: 'single use', singleUseToken: true }
    const client = new RegistrationClient({
      issuer: server.issuer,
      profile,
      accessToken: clientCredentials(server.registrar),
    })
    await Promise.all([client.register(metadata), client.register(metadata)])
    await failure(client.register(metadata))
    const sent = server.requestsTo('register').map(({ headers }) => headers.authorization)
    expect(new Set(sent).size).toBe(3)
    expect(sent).toHaveLength(3)
  })

  test('is written Bearer whatever the server calls its type', async () => {
    await using server = await startScriptedServer({
      token: (_, usual) => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), token_type: 'bearer' } }
      },
    })
    await new RegistrationClient({ issuer: server.issuer, accessToken: clientCredentials(server.registrar) }).register(
      metadata,
    )
    expect(server.requestsTo('register')[0]?.headers.authorization).toMatch(/^Bearer /)
  })

  test.for<[string, object]>([
    ['a BigInt for its life', { expires_in: 5n }],
    ['an object for its life', { expires_in: {} }],
    ['a symbol for its type', { token_type: Symbol('type') }],
    ['a symbol for its scheme', { scheme: Symbol('scheme') }],
    ['an object for its scheme', { scheme: {} }],
  ])('with %s is named, and nothing is sent', async ([, beside]) => {
    await using server = await startScriptedServer({}, { open: true })
    const accessToken: TokenSource = () => Object({ access_token: 'token', ...beside })
    const error = await failure(new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(error.message).toContain('The token source must return a token')
    expect(server.requestsTo('register')).toHaveLength(0)
  })

  test.for([
    ['null', null],
    ['a text', '3600'],
  ])('is kept where its life is %s, as token endpoints write it', async ([, expires_in]) => {
    await using server = await startScriptedServer({}, { open: true })
    const accessToken = vi.fn<TokenSource>(() => Object({ access_token: 'token', token_type: null, expires_in }))
    const client = new RegistrationClient({ issuer: server.issuer, accessToken })
    for (let round = 0; round < 2; round++) await client.register(metadata)
    expect(accessToken).toHaveBeenCalledTimes(1)
  })

  test('is left out where none is configured', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await new RegistrationClient({ issuer: server.issuer }).register(metadata)
    expect(server.requestsTo('register')[0]?.headers.authorization).toBeUndefined()
  })
})

describe('client credentials', () => {
  test('travel in the form by client_secret_post', async () => {
    await using server = await startScriptedServer()
    const accessToken = clientCredentials({ ...server.registrar, authentication: 'client_secret_post' })
    await new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata)
    const [request] = server.requestsTo('token')
    expect(request?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'registerClient',
      client_secret: 'password',
      scope: 'register',
    })
  })

  test('are form-encoded before they become HTTP Basic', async () => {
    await using server = await startScriptedServer({ token: { body: { access_token: 'x' } } }, { open: true })
    const accessToken = clientCredentials({
      clientId: 'a:b',
      clientSecret: 'p%ss word+:&é',
      authentication: 'client_secret_basic',
    })
    await new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata)
    const [, basic = ''] = server.requestsTo('token')[0]?.headers.authorization?.split(' ') ?? []
    expect(Buffer.from(basic, 'base64').toString()).toBe('a%3Ab:p%25ss+word%2B%3A%26%C3%A9')
    expect(server.requestsTo('token')[0]?.body).toBe('grant_type=client_credentials')
  })

  test('that are refused say so, and nothing is registered', async () => {
    await using server = await startScriptedServer()
    const accessToken = clientCredentials({ ...server.registrar, clientSecret: 'wrong-secret' })
    const error = await failure(new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata))
    expect(error).toMatchObject({
      name: 'ServerRefusedError',
      status: 401,
      error: 'invalid_client',
      outcome: 'refused',
    })
    expect(error.message).not.toContain('wrong-secret')
    expect(server.requestsTo('register')).toHaveLength(0)
  })
})

test('a secret that is not set never travels in place of the proof that was asked for', async () => {
  await using server = await startScriptedServer({ token: { body: { access_token: 'x' } } }, { open: true })
  const proof: ClientAuthentication = () => ({ form: { client_id: 'registrar', client_assertion: 'signed' } })
  const options = { clientId: 'registrar', clientSecret: process.env['NOT_SET'], authentication: proof }
  const accessToken = clientCredentials(options)
  await new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata)
  const [request] = server.requestsTo('token')
  expect(request?.headers.authorization).toBeUndefined()
  expect(new URLSearchParams(request?.body).get('client_assertion')).toBe('signed')
})

test('a secret beside another proof, or beside a method that sends none, is refused at once', () => {
  const payer = { clientId: 'registrar', clientSecret: 'its secret' }
  const proof: ClientAuthentication = () => ({ form: { client_id: 'registrar' } })
  expect(() => clientCredentials({ ...payer, authentication: proof })).toThrow(/clientSecret: Leave it out/)
  for (const authentication of ['private_key_jwt', 'client_secret_jwt', 'none']) {
    const given: object = { ...payer, authentication }
    expect(() => Reflect.apply(clientCredentials, undefined, [given])).toThrow(/authentication: It must be/)
  }
})

test('what the parameters of a token request say is sent where no option says otherwise', async () => {
  await using server = await startScriptedServer({ token: { body: { access_token: 'x' } } }, { open: true })
  const parameters = { audience: 'https://api.example', scope: 'register', resource: 'https://r.example' }
  for (const more of [{}, { scope: 'clients' }]) {
    const accessToken = clientCredentials({ clientId: 'registrar', clientSecret: 'its secret', parameters, ...more })
    await new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata)
  }
  const sent = server.requestsTo('token').map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
  expect(sent).toEqual([
    { ...parameters, grant_type: 'client_credentials' },
    { ...parameters, grant_type: 'client_credentials', scope: 'clients' },
  ])
})

test('a secret travels in the way that the server lists, where nobody said how', async () => {
  const metadataOf = (...methods: string[]) => ({ metadata: { token_endpoint_auth_methods_supported: methods } })
  await using byForm = await startScriptedServer({}, metadataOf('client_secret_post', 'none'))
  await using byHeader = await startScriptedServer({}, metadataOf('client_secret_post', 'client_secret_basic'))
  for (const { issuer, registrar } of [byForm, byHeader])
    await new RegistrationClient({ issuer, accessToken: clientCredentials(registrar) }).register(metadata)
  expect(byForm.requestsTo('token')[0]?.headers.authorization).toBeUndefined()
  expect(byHeader.requestsTo('token')[0]?.headers.authorization).toMatch(/^Basic /)
})

test('functions that prove a client or a key are given a signal, which aborts when time is over', async () => {
  await using server = await startScriptedServer()
  const { issuer, registrar } = server
  const { clientId } = registrar
  for (const proves of ['authentication', 'dpop'] as const) {
    let given: AbortSignal | undefined
    const own = async ({ signal }: { signal?: AbortSignal | undefined }): Promise<never> => {
      given = signal
      return new Promise(() => undefined)
    }
    const payer = proves === 'dpop' ? registrar : { clientId, authentication: own }
    const accessToken = clientCredentials(payer)
    const dpop = proves === 'dpop' ? own : undefined
    const client = new RegistrationClient({ issuer, accessToken, dpop, timeout: 500 })
    expect(await failure(client.register(metadata))).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    await expect.poll(() => given?.aborted).toBe(true)
  }
})
