import type { JWK } from 'jose'

import type { Jwk } from '../model/jwk.ts'
import { platform } from '../platform.ts'
import type { WebCryptoKey } from '../store.ts'
import { base64url } from './base64url.ts'
import { joseSigning } from './load.ts'
import { isJwk } from './signing-key.ts'

/** A key that was judged, and what names it in the header of what it signs. */
export interface Signer {
  key: WebCryptoKey | Jwk | Uint8Array
  alg: string
  kid?: string | undefined
}

/** Signs claims as a JWT (RFC 7519). */
export async function sign(claims: object, { key, alg, kid }: Signer, header: object = {}): Promise<string> {
  const named = { alg, ...(kid === undefined ? {} : { kid }), ...header }
  if (alg === 'ES256' && !isJwk(key) && 'algorithm' in key) return signedByPlatform(claims, key, named)
  const { CompactSign } = await joseSigning()
  return new CompactSign(bytesOf(claims)).setProtectedHeader(named).sign(isJwk(key) ? copyOf(key) : key)
}

/**
 * A key of the platform and of the default kind signs without jose, so that a page need not load it: an ECDSA signature of
 * Web Crypto is what RFC 7518 section 3.4 demands.
 */
async function signedByPlatform(claims: object, key: WebCryptoKey, header: object): Promise<string> {
  const input = [header, claims].map((part) => base64url(bytesOf(part))).join('.')
  return `${input}.${base64url(await platform.sign(key, input))}`
}

const bytesOf = (part: object): Uint8Array => new TextEncoder().encode(JSON.stringify(part))

/** jose freezes a JWK that it signs with, and it is not ours. */
function copyOf(jwk: Jwk): JWK {
  return JSON.parse(JSON.stringify(jwk))
}
