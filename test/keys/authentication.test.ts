import { InvalidRequestError, RegistrationClient, clientCredentials } from '@registrant/node'
import type { AuthorizationServer, ClientProof } from '@registrant/node'
import {
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  generateClientKeys,
  none,
  privateKeyJwt,
  tlsClientAuth,
} from '@registrant/node/keys'
import { startOidcProvider } from '@registrant/test/servers'
import type { OidcProviderServer } from '@registrant/test/servers'
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, exportSPKI, generateSecret, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ask, askAs } from './speak.ts'

const keys = await generateClientKeys()
const secret = 'a client secret of more than 32 bytes: %+&'
const grant = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'register' }
let provider: OidcProviderServer
let server: AuthorizationServer

beforeAll(async () => {
  provider = await startOidcProvider({
    clients: [
      {
        client_id: 'with-key',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [keys.publicJwk] },
        ...grant,
      },
      { client_id: 'with-post', token_endpoint_auth_method: 'client_secret_post', client_secret: secret, ...grant },
      { client_id: 'with:basic', token_endpoint_auth_method: 'client_secret_basic', client_secret: secret, ...grant },
      { client_id: 'with-jwt', token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret, ...grant },
    ],
  })
  server = await new RegistrationClient({ issuer: provider.issuer }).discover()
})

afterAll(() => provider.close())

const assertionIn = ({ form }: ClientProof): string => form?.['client_assertion'] ?? ''

describe('at a real server', () => {
  test.for([
    ['with-key', privateKeyJwt({ key: keys })],
    ['with-key', privateKeyJwt({ key: keys, audience: 'token_endpoint' })],
    ['with-key', privateKeyJwt({ key: keys.privateKey })],
    ['with-post', clientSecretPost(secret)],
    ['with:basic', clientSecretBasic(secret)],
    ['with-jwt', clientSecretJwt(secret)],
    ['with-jwt', clientSecretJwt(secret, { audience: 'token_endpoint' })],
  ] as const)('the client %s pays for a registration', async ([clientId, authentication]) => {
    const before = provider.clients()
    const accessToken = clientCredentials({ clientId, scope: 'register', authentication })
    const client = new RegistrationClient({ issuer: provider.issuer, accessToken })
    const { client_id } = await client.register({ redirect_uris: ['https://app.example/cb'] })
    expect(provider.clientIds()).toContain(client_id)
    expect(provider.clients()).toBe(before + 1)
  })

  test('an assertion is good once', async () => {
    const proof = await privateKeyJwt({ key: keys })({ clientId: 'with-key', server })
    expect((await ask(server, proof)).status).toBe(200)
    const again = await ask(server, proof)
    expect(again).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('an assertion that is meant for another server is refused', async () => {
    const elsewhere = { ...server, issuer: 'https://elsewhere.example' }
    const proof = await privateKeyJwt({ key: keys })({ clientId: 'with-key', server: elsewhere })
    expect(await ask(server, proof)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('an assertion of another key, or for another client, is refused', async () => {
    const other = await generateClientKeys()
    expect((await askAs('with-key', privateKeyJwt({ key: other }), server)).status).toBe(401)
    expect((await askAs('with-key', privateKeyJwt({ key: other, kid: keys.kid }), server)).status).toBe(401)
    expect((await askAs('with-jwt', privateKeyJwt({ key: keys }), server)).status).toBe(401)
  })

  test('an assertion is refused once it has expired, and when its algorithm is none or symmetric', async () => {
    const proof = await privateKeyJwt({ key: keys })({ clientId: 'with-key', server })
    const claims = decodeJwt(assertionIn(proof))
    const forged = async (client_assertion: string) =>
      (await ask(server, { form: { ...proof.form, client_assertion } })).status
    const sign = (changed: object, alg: string, key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT({ ...claims, jti: crypto.randomUUID(), ...changed })
        .setProtectedHeader({ alg, kid: keys.kid })
        .sign(key)

    expect(await forged(await sign({}, 'ES256', keys.privateKey))).toBe(200)
    const past = Number(claims.iat) - 120
    expect(await forged(await sign({ iat: past, exp: past + 60 }, 'ES256', keys.privateKey))).toBe(401)
    expect(await forged(new UnsecuredJWT({ ...claims, jti: crypto.randomUUID() }).encode())).toBe(401)
    const spki = new TextEncoder().encode(await exportSPKI(keys.publicKey))
    expect(await forged(await sign({}, 'HS256', spki))).toBe(401)
  })
})

describe('an assertion', () => {
  test('says who it is from and for, lives a minute and is never the same twice (RFC 7523 section 3)', async () => {
    const authenticate = privateKeyJwt({ key: keys })
    const [one, two] = [await authenticate({ clientId: 'me', server }), await authenticate({ clientId: 'me', server })]
    expect(one.form).toMatchObject({
      client_id: 'me',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    const { iat = 0, exp = 0, jti, ...claims } = decodeJwt(assertionIn(one))
    expect(claims).toEqual({ iss: 'me', sub: 'me', aud: server.issuer })
    expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(5)
    expect(exp - iat).toBe(60)
    expect(jti).toMatch(/^[\w-]{20,}$/)
    expect(jti).not.toBe(decodeJwt(assertionIn(two)).jti)
    expect(decodeProtectedHeader(assertionIn(one))).toEqual({
      alg: 'ES256',
      kid: keys.kid,
      typ: 'client-authentication+jwt',
    })
  })

  test('it is called what the option typ says, for servers that want another word', async () => {
    const prove = privateKeyJwt({ key: keys, typ: 'JWT' })
    const { form } = await prove({ clientId: 'me', server })
    expect(decodeProtectedHeader(form?.['client_assertion'] ?? '')).toMatchObject({ typ: 'JWT' })
  })

  test('is addressed to the token endpoint where that is asked for, and fails where there is none', async () => {
    const authenticate = privateKeyJwt({ key: keys, audience: 'token_endpoint' })
    expect(decodeJwt(assertionIn(await authenticate({ clientId: 'me', server }))).aud).toBe(server.token_endpoint)
    await expect(authenticate({ clientId: 'me', server: { issuer: server.issuer } })).rejects.toThrow('token_endpoint')
  })

  test.for([
    ['ES256', 'ES256'],
    ['ES384', 'ES384'],
    ['ES512', 'ES512'],
    ['EdDSA', 'EdDSA'],
    ['RS256', 'RS256'],
    ['PS384', 'PS384'],
  ])('is signed with %s by a key that is for it, as a CryptoKey as well as a JWK', async ([alg = '']) => {
    const pair = await generateClientKeys({ alg, extractable: true })
    const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey)
    const { kty = '', ...rest } = jwk
    for (const key of [pair, pair.privateKey, { kty, ...rest, alg, kid: 'mine' }]) {
      const proof = await privateKeyJwt({ key })({ clientId: 'me', server })
      expect(decodeProtectedHeader(assertionIn(proof)).alg).toBe(alg)
    }
  })

  test.for(['HS256', 'HS384', 'HS512'] as const)('is signed with a secret by %s', async (alg) => {
    const proof = await clientSecretJwt(secret, { alg })({ clientId: 'me', server })
    const verified = await jwtVerify(assertionIn(proof), new TextEncoder().encode(secret), { algorithms: [alg] })
    expect(verified.payload).toMatchObject({ iss: 'me', sub: 'me', aud: server.issuer })
    expect(JSON.stringify(proof)).not.toContain(secret)
  })

  test('is not signed with what is no private key, or by no algorithm, or by one that is for secrets', async () => {
    const symmetric = await generateSecret('HS256')
    const { kty = '', ...rest } = await crypto.subtle.exportKey('jwk', keys.publicKey)
    const wrong = [
      { key: keys.publicKey },
      { key: { kty, ...rest } },
      { key: { kty: 'oct', k: 'c2VjcmV0' } },
      { key: keys, alg: 'none' },
      { key: keys, alg: 'HS256' },
      { key: keys.publicKey, alg: 'HS256' },
      { key: keys, alg: 'RS256' },
      ...(symmetric instanceof Uint8Array ? [] : [{ key: symmetric }]),
    ]
    expect(wrong).toHaveLength(8)
    for (const options of wrong) expect(() => privateKeyJwt(options)).toThrow(InvalidRequestError)
    expect(() => clientSecretJwt('')).toThrow(InvalidRequestError)
  })

  test('leaves the JWK that it was signed with as it was', async () => {
    const { privateKey } = await generateClientKeys({ extractable: true })
    const { kty = '', ...rest } = await crypto.subtle.exportKey('jwk', privateKey)
    const jwk = { kty, ...rest }
    await privateKeyJwt({ key: jwk })({ clientId: 'me', server })
    expect(Object.isFrozen(jwk)).toBe(false)
    expect(Object.isFrozen(rest.key_ops)).toBe(false)
  })
})

test('without a secret the identifier travels alone', async () => {
  expect(await none()({ clientId: 'me', server })).toEqual({ form: { client_id: 'me' } })
  expect(await tlsClientAuth()({ clientId: 'me', server })).toEqual({ form: { client_id: 'me' } })
})
