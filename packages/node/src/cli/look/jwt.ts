import { createPublicKey, createSecretKey } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'

import type { CompactVerifyResult, JWTPayload, ProtectedHeaderParameters } from 'jose'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { compactVerify } from 'jose/jws/compact/verify'
import { decodeJwt } from 'jose/jwt/decode'

import { UsageError } from '../command.ts'

/** Header and claims of a JWT, without verification. */
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
    if (isOfAnotherKey(error)) return false
    throw new UsageError(
      `${path} holds no key for this signature: give a JWK, a JWK Set, a PEM public key or certificate, or a client secret.`,
    )
  }
}

async function verify(jwt: string, text: string): Promise<CompactVerifyResult> {
  if (text.startsWith('-----BEGIN')) return compactVerify(jwt, createPublicKey(text))
  if (!text.startsWith('{')) return compactVerify(jwt, new TextEncoder().encode(text))
  const content: JsonWebKey & { keys?: JsonWebKey[] } = JSON.parse(text)
  const failures: unknown[] = []
  // The keys of a set may have no kid to choose one by, so each is tried.
  for (const key of content.keys ?? [content])
    try {
      return await compactVerify(jwt, verifierOf(key))
    } catch (error) {
      failures.push(error)
    }
  throw failures.find(isOfAnotherKey) ?? failures[0]
}

const isOfAnotherKey = (error: unknown): boolean => Object(error).code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'

/** The key that verifies, also where the private key is given. */
const verifierOf = (key: JsonWebKey): KeyObject =>
  key.kty === 'oct'
    ? createSecretKey(Buffer.from(String(key['k']), 'base64url'))
    : createPublicKey({ key, format: 'jwk' })
