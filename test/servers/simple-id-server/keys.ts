import { exportJWK, generateKeyPair } from 'jose'
import type { CryptoKey, JWK } from 'jose'

export const kid = 'rsa-1'

export interface Keys {
  privateKey: CryptoKey
  publicKey: CryptoKey
  jwk: JWK
}

let keys: Promise<Keys> | undefined

/** The pair that signs every access token of this process: making one takes long, and no test compares servers by it. */
export function signingKeys(): Promise<Keys> {
  keys ??= generate()
  return keys
}

async function generate(): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  return { privateKey, publicKey, jwk: { alg: 'RS256', kid, use: 'sig', ...(await exportJWK(publicKey)) } }
}
