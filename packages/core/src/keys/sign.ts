import type { JWK } from 'jose'

import type { Jwk } from '../model/jwk.ts'
import type { WebCryptoKey } from '../store.ts'
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
  const { CompactSign } = await joseSigning()
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }), ...header })
    .sign(isJwk(key) ? copyOf(key) : key)
}

/** jose freezes a JWK that it signs with, and it is not ours. */
function copyOf(jwk: Jwk): JWK {
  return JSON.parse(JSON.stringify(jwk))
}
