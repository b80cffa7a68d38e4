import { createHash } from 'node:crypto'

import { RegistrationClient, clientCredentials } from '@registrant/node'
import type { RegistrationEvent } from '@registrant/node'
import { dpop, generateClientKeys, none, privateKeyJwt } from '@registrant/node/keys'
import { simpleIdServer } from '@registrant/node/profiles'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest } from '@registrant/test/servers'
import { EmbeddedJWK, calculateJwkThumbprint, decodeJwt, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'

import { keepIn } from '../support/dump.ts'
import { failure } from '../support/failure.ts'
import { ask } from './speak.ts'

const keys = await generateClientKeys()
const metadata = { redirect_uris: ['https://app.example/cb'] }

const proofIn = ({ headers }: ScriptedRequest): string => String(headers['dpop'])
const claimsIn = (request: ScriptedRequest) => decodeJwt(proofIn(request))
const challenge = (status: number, nonce: string): Answer => ({
  status,
  headers: { 'dpop-nonce': nonce, ...(status === 401 && { 'www-authenticate': 'DPoP error="use_dpop_nonce"' }) },
  ...(status === 400 && { body: { error: 'use_dpop_nonce' } }),
})

describe('a proof', () => {
  test('is for one method, one address without its query, and one token (RFC 9449 section 4.2)', async () => {
    const prove = dpop({ keys })
    const url = 'https://as.example/register?tenant=1#top'
    const proof = await prove({
      method: 'POST',
      url,
      accessToken: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
      nonce: 'n',
    })
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' })
    const { iat = 0, exp = 0, jti, ...claims } = payload
    // The access token and its hash are those of RFC 9449 section 7.1.
    const ath = 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'
    expect(claims).toEqual({ htm: 'POST', htu: 'https://as.example/register', ath, nonce: 'n' })
    expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(5)
    expect(exp - iat).toBe(120)
    expect(Object.keys(protectedHeader.jwk ?? {}).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
    expect(await calculateJwkThumbprint(protectedHeader.jwk ?? {})).toBe(keys.kid)
    expect(decodeJwt(await prove({ method: 'POST', url })).jti).not.toBe(jti)
  })

  test('needs no more than a pair of keys of the platform', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign', 'verify'])
    const proof = await dpop({ keys: pair })({ method: 'GET', url: 'https://as.example/' })
    expect((await jwtVerify(proof, EmbeddedJWK)).protectedHeader.alg).toBe('ES384')
  })
})

describe('with the option dpop', () => {
  test('token and registration requests carry proofs, and the token goes under the scheme DPoP', async () => {
    const bound = (_: ScriptedRequest, usual: () => Answer): Answer => {
      const answer = usual()
      return { ...answer, body: { ...Object(answer.body), token_type: 'DPoP' } }
    }
    await using server = await startScriptedServer({ token: bound })
    const accessToken = clientCredentials(server.registrar)
    const client = new RegistrationClient({ issuer: server.issuer, accessToken, dpop: dpop({ keys }) })
    const registered = await client.register(metadata)

    const [token] = server.requestsTo('token')
    const [registration] = server.requestsTo('register')
    if (token === undefined || registration === undefined) throw new Error('two requests were made')
    expect(claimsIn(token)).toMatchObject({ htm: 'POST', htu: `${server.issuer}/token` })
    expect(claimsIn(token)).not.toHaveProperty('ath')
    const [scheme, sent = ''] = registration.headers.authorization?.split(' ') ?? []
    expect(scheme).toBe('DPoP')
    const ath = createHash('sha256').update(sent).digest('base64url')
    expect(claimsIn(registration)).toMatchObject({ htm: 'POST', htu: `${server.issuer}/register`, ath })
    expect(server.requestsTo('discovery').every(({ headers }) => headers['dpop'] === undefined)).toBe(true)

    // RFC 7592 section 1.2: the token that manages a registration is a bearer token.
    await client.read(registered)
    const [read] = server.requestsTo('read')
    expect(read?.headers).toMatchObject({ authorization: `Bearer ${registered.registration_access_token}` })
    expect(read?.headers).not.toHaveProperty('dpop')
  })

  test('a token that turns out to be bound to no key is sent as what it is, and that is told', async () => {
    await using server = await startScriptedServer()
    const events: RegistrationEvent[] = []
    const accessToken = clientCredentials(server.registrar)
    const options = {
      issuer: server.issuer,
      accessToken,
      onEvent: keepIn(events),
    }
    await new RegistrationClient({ ...options, dpop: dpop({ keys }) }).register(metadata)
    const [registration] = server.requestsTo('register')
    expect(registration?.headers.authorization).toMatch(/^Bearer /)
    expect(registration?.headers).not.toHaveProperty('dpop')
    expect(events).toContainEqual(
      expect.objectContaining({ deviation: expect.objectContaining({ rule: 'token-not-bound' }) }),
    )
  })

  test('a bound token goes to SimpleIdServer under the only scheme that its registration endpoint knows', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const options = { issuer: server.issuer, profile: simpleIdServer, dpop: dpop({ keys }) }
    const accessToken = () => ({ access_token: 'bound-token', token_type: 'DPoP' })
    await new RegistrationClient({ ...options, accessToken }).register(metadata)
    expect(server.requestsTo('register').map(({ headers }) => headers.authorization)).toEqual(['Bearer bound-token'])
  })

  test('without it a token that calls itself DPoP is not sent (RFC 6749 section 7.1)', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const accessToken = () => ({ access_token: 'some-token', token_type: 'DPoP' })
    const registering = new RegistrationClient({ issuer: server.issuer, accessToken }).register(metadata)
    await expect(registering).rejects.toMatchObject({ code: 'unsupported', outcome: 'not-sent' })
    expect(server.requestsTo('register')).toEqual([])
  })
})

describe('a nonce', () => {
  const bound = { accessToken: 'a-bound-token', dpop: dpop({ keys }) }

  test('that the server asks for is answered once, and kept for what follows', async () => {
    await using server = await startScriptedServer({ register: [challenge(401, 'first')] }, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer, ...bound })
    await client.register(metadata)
    await client.register(metadata)
    expect(server.requestsTo('register').map(({ status }) => status)).toEqual([401, 201, 201])
    expect(server.requestsTo('register').map((request) => claimsIn(request)['nonce'])).toEqual([
      undefined,
      'first',
      'first',
    ])
    expect(new Set(server.requestsTo('register').map((request) => claimsIn(request).jti)).size).toBe(3)
    expect(server.clients()).toBe(2)
  })

  test('that the token endpoint asks for is answered once', async () => {
    await using server = await startScriptedServer({ token: [challenge(400, 'for-the-token')] })
    const accessToken = clientCredentials(server.registrar)
    await new RegistrationClient({ issuer: server.issuer, accessToken, dpop: dpop({ keys }) }).register(metadata)
    const nonces = server.requestsTo('token').map((request) => claimsIn(request)['nonce'])
    expect(nonces).toEqual([undefined, 'for-the-token'])
  })

  test('that the token endpoint asks for again and again ends in the refusal', async () => {
    await using server = await startScriptedServer({ token: challenge(400, 'never-enough') })
    const accessToken = clientCredentials(server.registrar)
    const client = new RegistrationClient({ issuer: server.issuer, accessToken, dpop: dpop({ keys }) })
    expect(await failure(client.register(metadata))).toMatchObject({ status: 400, error: 'use_dpop_nonce' })
    expect(server.requestsTo('token')).toHaveLength(2)
  })

  test('that comes with any answer replaces the one before', async () => {
    const renewed = (_: ScriptedRequest, usual: () => Answer): Answer => ({
      ...usual(),
      headers: { 'dpop-nonce': 'newest' },
    })
    await using server = await startScriptedServer({ register: [challenge(401, 'old'), renewed] }, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer, ...bound })
    await client.register(metadata)
    await client.register(metadata)
    expect(server.requestsTo('register').map((request) => claimsIn(request)['nonce'])).toEqual([
      undefined,
      'old',
      'newest',
    ])
  })

  test('of one origin is not told to another', async () => {
    await using elsewhere = await startScriptedServer({}, { open: true })
    await using server = await startScriptedServer(
      { discovery: { ...challenge(401, 'not-yours'), status: 404 } },
      { open: true },
    )
    const metadataOf = { issuer: server.issuer, registration_endpoint: `${elsewhere.issuer}/register` }
    const client = new RegistrationClient({ server: metadataOf, ...bound })
    await client.register(metadata)
    expect(elsewhere.requestsTo('register').map((request) => claimsIn(request)['nonce'])).toEqual([undefined])
  })

  test.for([400, 401])('that is asked for again and again (%i) ends in the refusal', async (status) => {
    await using server = await startScriptedServer({ register: challenge(status, 'never-enough') }, { open: true })
    const refused = await failure(new RegistrationClient({ issuer: server.issuer, ...bound }).register(metadata))
    expect(refused).toMatchObject({ status, error: 'use_dpop_nonce', outcome: 'refused' })
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('that never comes is waited for as long as its caller waits', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const caller = new AbortController()
    const client = new RegistrationClient({
      issuer: server.issuer,
      accessToken: 'an-initial-access-token',
      timeout: 3_600_000,
      dpop: () => {
        caller.abort()
        return new Promise(() => undefined)
      },
    })
    const error = await failure(client.register(metadata, { signal: caller.signal }))
    expect(error).toMatchObject({ code: 'aborted', outcome: 'not-sent' })
    expect(server.requestsTo('register')).toEqual([])
  })

  test('does not make a token that registers once be used twice', async () => {
    await using server = await startScriptedServer({ register: challenge(401, 'again') }, { open: true })
    const profile = { name: 'single use', singleUseToken: true }
    await failure(new RegistrationClient({ issuer: server.issuer, profile, ...bound }).register(metadata))
    expect(server.requestsTo('register')).toHaveLength(1)
  })
})

describe('at a real server', () => {
  test.for(['plain', 'nonce'] as const)('a bound token registers (%s)', async (kind) => {
    await using server = await startOidcProvider({ dpop: kind })
    const accessToken = clientCredentials(server.registrar)
    const client = new RegistrationClient({ issuer: server.issuer, accessToken, dpop: dpop({ keys }) })
    const { client_id } = await client.register(metadata)
    await client.register(metadata)
    expect(server.clientIds()).toContain(client_id)
    const statuses = server.requests.filter(({ method }) => method === 'POST').map(({ path, status }) => [path, status])
    const challenged = [
      ['/token', 400],
      ['/token', 200],
      ['/register', 401],
      ['/register', 201],
      ['/register', 201],
    ]
    expect(statuses).toEqual(kind === 'nonce' ? challenged : challenged.filter(([, status]) => Number(status) < 300))
  })

  test('a nonce is answered with another assertion, since the first was good once', async () => {
    const client = {
      client_id: 'with-key',
      token_endpoint_auth_method: 'private_key_jwt' as const,
      jwks: { keys: [keys.publicJwk] },
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: 'register',
    }
    await using server = await startOidcProvider({ dpop: 'nonce', clients: [client] })
    const authentication = privateKeyJwt({ key: keys })
    const accessToken = clientCredentials({ clientId: 'with-key', scope: 'register', authentication })
    await new RegistrationClient({ issuer: server.issuer, accessToken, dpop: dpop({ keys }) }).register(metadata)
    expect(server.clients()).toBe(1)
  })

  test('a bound token is refused with the proof of another key, and without a proof', async () => {
    await using server = await startOidcProvider({ dpop: 'plain' })
    let token: string | undefined
    const source = clientCredentials(server.registrar)
    const accessToken: typeof source = async (context) => {
      const got = await source(context)
      token = typeof got === 'string' ? got : got.access_token
      return got
    }
    await new RegistrationClient({ issuer: server.issuer, accessToken, dpop: dpop({ keys }) }).register(metadata)
    const stolen = { issuer: server.issuer, accessToken: token }
    expect(await failure(new RegistrationClient(stolen).register(metadata))).toMatchObject({ status: 401 })
    const other = dpop({ keys: await generateClientKeys() })
    const refused = await failure(new RegistrationClient({ ...stolen, dpop: other }).register(metadata))
    expect(refused).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
    expect(server.clients()).toBe(1)
  })

  test('a proof for another token, with another nonce, or that was used before, is refused', async () => {
    await using server = await startOidcProvider({ dpop: 'plain' })
    const source = clientCredentials(server.registrar)
    const altered = (change: object) => (context: Parameters<ReturnType<typeof dpop>>[0]) =>
      dpop({ keys })({ ...context, ...(context.accessToken && change) })
    const refusalOf = async (prove: ReturnType<typeof dpop>) =>
      failure(new RegistrationClient({ issuer: server.issuer, accessToken: source, dpop: prove }).register(metadata))
    expect(await refusalOf(altered({ accessToken: 'another token' }))).toMatchObject({ error: 'invalid_dpop_proof' })
    expect(await refusalOf(altered({ url: `${server.url}/elsewhere` }))).toMatchObject({ error: 'invalid_dpop_proof' })
    expect(await refusalOf(altered({ method: 'PUT' }))).toMatchObject({ error: 'invalid_dpop_proof' })

    const as = await new RegistrationClient({ issuer: server.issuer }).discover()
    const { clientId, clientSecret, scope } = server.registrar
    const form = { client_id: clientId, client_secret: clientSecret, scope }
    const url = String(as.token_endpoint)
    const proof = await dpop({ keys })({ method: 'POST', url })
    expect(await ask(as, { form }, { dpop: proof })).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
    expect((await ask(as, { form }, { dpop: proof })).status).toBe(400)
    const guessed = await dpop({ keys })({ method: 'POST', url, nonce: 'guessed' })
    expect(await ask(as, { form }, { dpop: guessed })).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
  })

  test('a client that declared bound tokens gets none without a proof', async () => {
    await using server = await startOidcProvider({ dpop: 'plain', open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    const bound = {
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_post',
      dpop_bound_access_tokens: true,
    }
    const { client_id, client_secret = '' } = await client.register(bound)
    const as = await client.discover()
    const form = { client_id, client_secret }
    expect((await ask(as, { form })).status).toBe(400)
    const proof = await dpop({ keys })({ method: 'POST', url: String(as.token_endpoint) })
    expect(await ask(as, { form }, { dpop: proof })).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
    expect((await ask(as, await none()({ clientId: client_id, server: as }), { dpop: proof })).status).toBe(401)
  })
})
