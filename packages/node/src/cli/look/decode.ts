import { createPublicKey } from 'node:crypto'

import type { CompactVerifyResult } from 'jose'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { createLocalJWKSet } from 'jose/jwks/local'
import { compactVerify } from 'jose/jws/compact/verify'
import { decodeJwt } from 'jose/jwt/decode'

import { textOf } from '../ask.ts'
import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { instant, rows, shown } from '../show.ts'

export const decode: Command = {
  name: 'decode',
  usage: '[FILE] [--key FILE]',
  summary: 'show what a software statement or an assertion says',
  help: `Shows header and claims of a signed JWT: a software statement, a client assertion. It is read from FILE, or from
standard input; an assertion proves a client as long as it lives, and belongs in no argument.

With --key its signature is verified, by a JWK, a JWK Set, a PEM public key or certificate, or a client secret.`,
  options: { key: { type: 'string', value: 'FILE', means: 'the key that its signature is verified with' } },
  operands: [0, 1],
  async run(call) {
    const jwt = (await textOf(call.operands[0] ?? '-')).trim()
    const { header, claims } = decoded(jwt)
    const key = call.text('key')
    const verified = key === undefined ? undefined : await isVerified(jwt, await textOf(key), key)
    const sign =
      verified === undefined
        ? '! not verified: give the key with --key FILE'
        : verified
          ? '✓ the signature is good'
          : '✗ the signature is not made by this key'
    const end = claims.exp === undefined || claims.exp * 1000 > Date.now() ? [] : ['! it has ended']
    return {
      lines: [
        ...rows(
          [...Object.entries(header), ...Object.entries(claims)].map(([name, value]) => [name, valueOf(name, value)]),
        ),
        sign,
        ...end,
      ],
      json: { header, claims, verified },
      exitCode: verified === false ? exitCodes.policy : exitCodes.done,
    }
  },
}

const valueOf = (name: string, value: unknown): string =>
  /^(?:iat|exp|nbf)$/.test(name) && typeof value === 'number' ? instant(value * 1000) : shown(value)

function decoded(jwt: string) {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) }
  } catch {
    throw new UsageError('This is no signed JWT in compact form: three parts with dots between them. Give one.')
  }
}

async function isVerified(jwt: string, text: string, path: string): Promise<boolean> {
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
