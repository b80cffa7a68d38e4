// The parts of jose in use, each imported by its own entry point: that way a process loads a third of the files.
import { CompactSign } from 'jose/jws/compact/sign'
import type { JWK } from 'jose'

import type { WebCryptoKey } from '../store.ts'

export { generateKeyPair } from 'jose/key/generate/keypair'

/** The protected header of a signature. */
export interface SignatureHeader {
  alg: string
  [member: string]: unknown
}

/** Signs a text in UTF-8: a compact JWS (RFC 7515 section 7.1). */
export const compactJws = (
  text: string,
  header: SignatureHeader,
  key: WebCryptoKey | JWK | Uint8Array,
): Promise<string> => new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ ...header }).sign(key)
