import { NotSupportedError } from '@registrant/node'
import { generateClientKeys } from '@registrant/node/keys'
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
