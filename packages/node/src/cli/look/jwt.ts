import { createPublicKey } from 'node:crypto'

import type { CompactVerifyResult, JWTPayload, ProtectedHeaderParameters } from 'jose'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { createLocalJWKSet } from 'jose/jwks/local'
import { compactVerify } from 'jose/jws/compact/verify'
import { decodeJwt } from 'jose/jwt/decode'

import { UsageError } from '../command.ts'

/** Header and claims, before anybody has verified them. */
export function decoded(jwt: string): { header: ProtectedHeaderParameters; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) }
  } catch {
    throw new UsageError('This is no signed JWT in compact form: three parts with dots between them. Give one.')
  }
}

/** Whether the key in this text, which was read from that path, made the signature. */
export async function isVerified(jwt: string, text: string, path: string): Promise<boolean> {
  try {
    await verify(jwt, text.trim())
    return true
  } catch (error) {
    if (Object(error).code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') return false
    throw new UsageError(
      `${path} holds no key for this signature: give a JWK, a JWK Set, a PEM public key or certificate, or a client secret.`,
    )
  }
}

function verify(jwt: string, text: string): Promise<CompactVerifyResult> {
  if (text.startsWith('-----BEGIN')) return compactVerify(jwt, createPublicKey(text))
  if (!text.startsWith('{')) return compactVerify(jwt, new TextEncoder().encode(text))
  const content: { keys?: object[] } = JSON.parse(text)
  return compactVerify(jwt, createLocalJWKSet(Object.assign({ keys: content.keys ? [] : [content] }, content)))
}
