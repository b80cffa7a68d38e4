import { RegistrationClient } from '@registrant/node'
import type { AuthorizationServer, RegistrationRequest, RegistrationResponse } from '@registrant/node'
import { clientProof as pageProof } from '@registrant/browser/keys'
import { clientProof, generateClientKeys } from '@registrant/node/keys'
import type { ClientProofOptions } from '@registrant/node/keys'
import { startOidcProvider } from '@registrant/test/servers'
import type { OidcProviderServer } from '@registrant/test/servers'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { ask } from './speak.ts'

const key = await generateClientKeys()
const issuer = 'https://as.example'
const server: AuthorizationServer = { issuer, token_endpoint: `${issuer}/token` }
const registration: RegistrationResponse = { client_id: 'orders', client_secret: 'a secret of more than 32 bytes: %+&' }

describe('what a RegistrationClient registered is proven at a real server', () => {
  let provider: OidcProviderServer
  let client: RegistrationClient

  beforeAll(async () => {
    provider = await startOidcProvider({ open: true })
    client = new RegistrationClient({ issuer: provider.issuer })
  })
  afterAll(() => provider.close())

  test.for<[string, Partial<ClientProofOptions>, RegistrationRequest]>([
    ['client_secret_basic', {}, {}],
    ['client_secret_post', {}, {}],
    ['client_secret_jwt', {}, {}],
    ['client_secret_jwt', {}, { token_endpoint_auth_signing_alg: 'HS256' }],
    ['private_key_jwt', { key }, { jwks: { keys: [key.publicJwk] } }],
    ['private_key_jwt', { key, audience: 'token_endpoint' }, { jwks: { keys: [key.publicJwk] } }],
  ])('by %s', async ([token_endpoint_auth_method, options, more]) => {
    const registered = await client.register({
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method,
      ...more,
    })
    const found = await client.discover()
    const { status, body } = await ask(found, await clientProof(registered, { server: found, ...options }))
    expect([status, body['token_type']]).toEqual([200, 'Bearer'])
    const wrong = registered.client_secret === undefined ? registered : { ...registered, client_secret: 'x'.repeat(64) }
    const proof = await clientProof(wrong, {
      server: found,
      ...options,
      ...(options.key && { key: await generateClientKeys() }),
    })
    expect((await ask(found, proof)).status).toBe(401)
  })

  test('by its redirect URI alone where it authenticates not at all', async () => {
    const registered = await client.register({
      redirect_uris: ['https://app.example/cb'],
      token_endpoint_auth_method: 'none',
    })
    const found = await client.discover()
    expect(await clientProof(registered, { server: found })).toEqual({ form: { client_id: registered.client_id } })
  })
})

test.each(['tls_client_auth', 'self_signed_tls_client_auth'])(
  'a client of %s is sent to the alias of the token endpoint',
  async (token_endpoint_auth_method) => {
    const endpoint = 'https://mtls.as.example/token'
    const about = { ...registration, token_endpoint_auth_method }
    expect(
      await clientProof(about, { server: { ...server, mtls_endpoint_aliases: { token_endpoint: endpoint } } }),
    ).toEqual({ form: { client_id: 'orders' }, endpoint })
    expect(await clientProof(about, { server })).toEqual({ form: { client_id: 'orders' } })
  },
)

describe('where the registration names no method', () => {
  const lists = (...token_endpoint_auth_methods_supported: string[]): AuthorizationServer => {
    return { ...server, token_endpoint_auth_methods_supported }
  }

  test('a secret goes as RFC 7591 has it, or as the server takes it', async () => {
    for (const known of [server, lists('client_secret_basic', 'client_secret_post'), lists('private_key_jwt')])
      expect(await clientProof(registration, { server: known })).toHaveProperty('headers.authorization')
    expect(await clientProof(registration, { server: lists('client_secret_post', 'none') })).toEqual({
      form: { client_id: 'orders', client_secret: registration.client_secret },
    })
  })

  test('a client without a secret authenticates not at all', async () => {
    expect(await clientProof({ client_id: 'orders' }, { server })).toEqual({ form: { client_id: 'orders' } })
  })
})

test('an assertion is signed by the algorithm that is registered, and addressed as the profile says', async () => {
  const about = {
    ...registration,
    token_endpoint_auth_method: 'client_secret_jwt',
    token_endpoint_auth_signing_alg: 'HS512',
  }
  const long = { ...about, client_secret: 'x'.repeat(64) }
  const profile = { name: 'In-house', tokenAudience: 'token_endpoint' } as const
  const { form } = await clientProof(long, { server, profile })
  const assertion = form?.['client_assertion'] ?? ''
  expect(decodeProtectedHeader(assertion).alg).toBe('HS512')
  expect(decodeJwt(assertion)).toMatchObject({ aud: server.token_endpoint, iss: 'orders', sub: 'orders' })
})

test('an assertion is signed by an algorithm that the server lists, where none is registered', async () => {
  const about = { ...registration, client_secret: 'x'.repeat(64), token_endpoint_auth_method: 'client_secret_jwt' }
  const list = ['RS256', 'HS384']
  const { form } = await clientProof(about, {
    server: { ...server, token_endpoint_auth_signing_alg_values_supported: list },
  })
  expect(decodeProtectedHeader(form?.['client_assertion'] ?? '').alg).toBe('HS384')
})

describe('what can’t be proven is said', () => {
  test.for<[RegistrationResponse, Partial<ClientProofOptions>, object]>([
    [
      { client_id: 'c', token_endpoint_auth_method: 'client_secret_basic' },
      {},
      { code: 'invalid-request', findings: [{ member: 'client_secret' }] },
    ],
    [
      { client_id: 'c', token_endpoint_auth_method: 'client_secret_jwt' },
      {},
      { code: 'invalid-request', findings: [{ member: 'client_secret' }] },
    ],
    [
      {
        client_id: 'c',
        client_secret: 's'.repeat(64),
        token_endpoint_auth_method: 'client_secret_jwt',
        token_endpoint_auth_signing_alg: 'RS256',
      },
      {},
      { code: 'unsupported' },
    ],
    [
      { client_id: 'c', token_endpoint_auth_method: 'private_key_jwt' },
      {},
      { code: 'invalid-request', findings: [{ member: 'key' }] },
    ],
    [
      { client_id: 'c', token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256' },
      { key },
      { code: 'invalid-request', findings: [{ member: 'alg' }] },
    ],
    [{ client_id: 'c', token_endpoint_auth_method: 'urn:example:own' }, {}, { code: 'unsupported' }],
  ])('%o', async ([about, options, expected]) => {
    expect(await failure(clientProof(about, { server, ...options }))).toMatchObject(expected)
  })
})

describe('a page', () => {
  test('proves what takes no secret and no certificate', async () => {
    expect(await pageProof({ client_id: 'page', token_endpoint_auth_method: 'none' }, { server })).toEqual({
      form: { client_id: 'page' },
    })
    const { form } = await pageProof(
      { client_id: 'page', token_endpoint_auth_method: 'private_key_jwt' },
      { server, key },
    )
    expect(decodeJwt(form?.['client_assertion'] ?? '')).toMatchObject({ iss: 'page', aud: issuer })
  })

  test.each([
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
    undefined,
  ])('does not know %s', async (token_endpoint_auth_method) => {
    const about = { ...registration, ...(token_endpoint_auth_method && { token_endpoint_auth_method }) }
    const error = await failure(pageProof(about, { server, key }))
    expect(error).toMatchObject({ code: 'unsupported' })
    expect(String(error)).not.toContain(registration.client_secret)
  })

  test('says that the key is missing', async () => {
    const about = { client_id: 'page', token_endpoint_auth_method: 'private_key_jwt' }
    expect(await failure(pageProof(about, { server }))).toMatchObject({ findings: [{ member: 'key' }] })
  })
})
