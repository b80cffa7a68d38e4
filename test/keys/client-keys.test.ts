import { generateKeyPairSync } from 'node:crypto'

import { NotSupportedError } from '@registrant/node'
import {
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  dpop,
  generateClientKeys,
  privateKeyJwt,
  signSoftwareStatement,
} from '@registrant/node/keys'
import { calculateJwkThumbprint } from 'jose'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

test.for(['ES256', 'ES512', 'EdDSA', 'PS256', 'RS384'])(
  'a key pair for %s is named by its thumbprint and publishes no secret',
  async (alg) => {
    const keys = await generateClientKeys({ alg })
    expect(keys.alg).toBe(alg)
    expect(keys.kid).toBe(await calculateJwkThumbprint(keys.publicKey))
    expect(keys.publicJwk).toMatchObject({ kid: keys.kid, alg, use: 'sig' })
    const told = Object.keys(keys.publicJwk)
    expect(told.filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].includes(member))).toEqual([])
  },
)

test('a private key leaves the platform only where that was asked for', async () => {
  const kept = await generateClientKeys()
  expect(kept.privateKey.extractable).toBe(false)
  await expect(crypto.subtle.exportKey('jwk', kept.privateKey)).rejects.toThrow()
  const { privateKey } = await generateClientKeys({ extractable: true })
  expect(await crypto.subtle.exportKey('jwk', privateKey)).toHaveProperty('d')
})

test('two pairs are never the same', async () => {
  const [one, two] = await Promise.all([generateClientKeys(), generateClientKeys()])
  expect(one.kid).not.toBe(two.kid)
})

test.for(['none', 'HS256', 'made-up'])('there are no key pairs for %s', async (alg) => {
  expect(await failure(generateClientKeys({ alg }))).toBeInstanceOf(NotSupportedError)
})

test.for(['RSA-OAEP', 'ECDH-ES', 'HS256', 'none'])('no keys are made that sign by %s', async (alg) => {
  expect(await failure(generateClientKeys({ alg }))).toMatchObject({ code: 'unsupported', outcome: 'not-sent' })
})

test('what is no key is refused at once, and by an error of ours', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { publicJwk } = await generateClientKeys()
  const encrypting = { ...publicJwk, d: publicJwk.x, alg: 'RSA-OAEP' }
  const keys = [privateKey, Buffer.from('key'), { keys: [publicJwk] }, { privateKey, publicKey }, 'PEM', {}, encrypting]
  for (const key of keys) await refused(() => Reflect.apply(privateKeyJwt, undefined, [{ key }]))
  for (const pair of [undefined, {}, { privateKey, publicKey }, { privateKey: publicJwk, publicKey: publicJwk }])
    await refused(() => Reflect.apply(dpop, undefined, [{ keys: pair }]))
  await refused(() => Reflect.apply(dpop, undefined, []))
})

test('a secret that is missing is refused at once, and never sent as a text', async () => {
  for (const by of [clientSecretBasic, clientSecretPost, clientSecretJwt])
    for (const secret of [undefined, '']) await refused(() => Reflect.apply(by, undefined, [secret]))
})

test.for<[what: string, claims: unknown]>([
  ['nothing', undefined],
  ['keys that are no list', { iss: 'https://publisher.example', jwks: { keys: {} } }],
])('no software statement is signed of %s', async ([, claims]) => {
  const key = await generateClientKeys()
  await refused(() => Reflect.apply(signSoftwareStatement, undefined, [claims, { key }]))
})

async function refused(made: () => unknown): Promise<void> {
  expect(await failure((async () => made())())).toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
}
