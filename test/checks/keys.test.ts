import { createECDH } from 'node:crypto'

import { checkRequest } from '@registrant/node/checks'
import { generateClientKeys } from '@registrant/node/keys'
import { expect, test } from 'vitest'

import { good, jwks, publicKey } from './rows.ts'

const publicOf = async (alg: string): Promise<object> => (await generateClientKeys({ alg })).publicJwk
const [ec, rsa, ed] = await Promise.all(['ES256', 'RS256', 'Ed25519'].map(publicOf))

const signing = { ...good, token_endpoint_auth_method: 'private_key_jwt' }

/** What somebody without types may send. */
const published = (...keys: unknown[]): object => ({ ...signing, jwks: { keys } })
const found = (request: object): string[] => checkRequest(request).map(({ rule, level }) => `${rule} ${level}`)

/** A point of each curve, made elsewhere. */
function point(crv: string, curve: string): object {
  const pair = createECDH(curve)
  pair.generateKeys()
  const numbers = pair.getPublicKey().subarray(1)
  const half = numbers.length / 2
  const [x, y] = [numbers.subarray(0, half), numbers.subarray(half)].map((it) => it.toString('base64url'))
  return { kty: 'EC', crv, x, y }
}

test.each<[what: string, key: object | undefined]>([
  ['ES256', ec],
  // As workers export it: with every member there is.
  ['ES256 with undefined members', { ...ec, d: undefined, p: undefined, k: undefined }],
  ['RS256', rsa],
  ['Ed25519', ed],
  ['P-256', point('P-256', 'prime256v1')],
  ['P-384', point('P-384', 'secp384r1')],
  ['P-521', point('P-521', 'secp521r1')],
  ['secp256k1', point('secp256k1', 'secp256k1')],
  ['a kind that is new', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AQ' }],
  ['a kind that is a word of the language', { kty: 'constructor', alg: 'toString' }],
  ['a curve that is new', { kty: 'EC', crv: 'P-1', x: 'AQ', y: 'Ag' }],
  ['operations that go with its use', { ...publicKey, key_ops: ['verify'] }],
])('a key that a server can use is sent: %s', (_, key) => {
  expect(found(published(key))).toEqual([])
})

test.each<[what: string, key: unknown]>([
  ['no kind', { ...publicKey, kty: undefined }],
  ['an empty kind', { ...publicKey, kty: '' }],
  ['EC without y', { ...publicKey, y: undefined }],
  ['EC without a curve', { ...publicKey, crv: undefined }],
  ['x that is not base64url', { ...publicKey, x: '***' }],
  ['x with padding', { ...publicKey, x: `${publicKey.x}=` }],
  ['a number of no whole bytes', { ...publicKey, x: 'AAAAA' }],
  ['x of another length', { ...publicKey, crv: 'P-384' }],
  ['a point of another curve of that length', { ...publicKey, crv: 'secp256k1' }],
  ['y of another key', { ...publicKey, y: publicKey.x }],
  ['a curve of another kind', { ...publicKey, crv: 'Ed25519' }],
  ['OKP without x', { kty: 'OKP', crv: 'Ed25519' }],
  ['OKP of half the length', { kty: 'OKP', crv: 'Ed25519', x: publicKey.x.slice(0, 22) }],
  ['RSA without e', { ...rsa, e: undefined }],
  ['RSA without n', { ...rsa, n: undefined }],
  ['RSA of 1024 bits', { kty: 'RSA', e: 'AQAB', n: `4${'A'.repeat(170)}` }],
  ['use sig, key_ops encrypt', { ...publicKey, key_ops: ['encrypt'] }],
  ['use enc, key_ops verify', { ...publicKey, use: 'enc', key_ops: ['verify'] }],
  ['an algorithm of another curve', { ...publicKey, alg: 'ES384' }],
  ['an algorithm of another kind', { ...rsa, alg: 'ES256' }],
  ['an algorithm of secrets', { ...rsa, alg: 'HS256' }],
  ['an algorithm of another use', { ...publicKey, use: 'sig', alg: 'ECDH-ES' }],
])('a key that no server can use is refused: %s', (_, key) => {
  expect(found(published(publicKey, key))).toContain('R34 MUST')
})

test.each<[what: string, key: unknown]>([
  ['for encryption', { ...rsa, use: 'enc', alg: 'RSA-OAEP' }],
  ['for key agreement', { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' }],
  ['whose operations sign nothing', { ...publicKey, use: undefined, key_ops: ['deriveBits'] }],
])('private_key_jwt with nothing but a key %s is refused', (_, key) => {
  expect(found(published(key))).toContain('R14 MUST')
})

test('private_key_jwt needs a key of the algorithm that is declared', () => {
  const by = (alg: string): string[] => found({ ...signing, jwks, token_endpoint_auth_signing_alg: alg })
  expect(by('ES256')).toEqual([])
  expect(by('RS256')).toEqual(['R14 MUST'])
})

test('what is no key at all is no key', () => {
  expect(found(published(publicKey, null))).toEqual(['type MUST'])
})

test.each(['request_object_signing_alg', 'backchannel_authentication_request_signing_alg'])(
  '%s is worth nothing without a public key that verifies',
  (member) => {
    const by = (alg: string, more?: object): string[] => found({ ...good, [member]: alg, ...more })
    expect(by('RS256')).toContain('R15 SHOULD')
    expect(by('RS256', { jwks })).toContain('R15 SHOULD')
    expect(by('ES256', { jwks })).toEqual([])
    expect(by('RS256', { jwks_uri: 'https://app.example/keys' })).toEqual([])
  },
)
