import type { WebCryptoKey } from '../store.ts'
import { platform } from '../platform.ts'
import { base64url } from './base64url.ts'

/** What makes a key the one that it is, by its type, in the order in which it is hashed (RFC 7638 section 3.2). */
const essential: Readonly<Record<string, string>> = {
  EC: 'crv kty x y',
  OKP: 'crv kty x',
  RSA: 'e kty n',
  AKP: 'alg kty pub',
}

/** A key as a JWK, as the platform exports it, without what it may be used for. */
export async function jwkOf(key: WebCryptoKey): Promise<{ kty: string; [member: string]: unknown }> {
  const { kty = '', alg, ext: _, key_ops: __, ...members } = await platform.exportKey(key)
  return { ...members, kty, ...(kty === 'AKP' && { alg }) }
}

/** The name of a key that is the same everywhere: its thumbprint (RFC 7638) with SHA-256. */
export async function thumbprintOf(jwk: { kty: string; [member: string]: unknown }): Promise<string> {
  const members = essential[jwk.kty]?.split(' ').map((member) => [member, jwk[member]]) ?? []
  return base64url(await platform.sha256(JSON.stringify(Object.fromEntries(members))))
}
