import { textOf } from '../ask.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { instant, rows, shown } from '../show.ts'
import { loadJwt } from './load.ts'

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
    const jwt = (await textOf(call.operands[0] ?? '-', call.signal)).trim()
    const { decoded, isVerified } = await loadJwt()
    const { header, claims } = decoded(jwt)
    const key = call.text('key')
    const verified = key === undefined ? undefined : await isVerified(jwt, await textOf(key, call.signal), key)
    const sign =
      verified === undefined
        ? '! not verified: give the key with --key FILE'
        : verified
          ? '✓ the signature is good'
          : '✗ the signature is not made by this key'
    const end = typeof claims.exp === 'number' && claims.exp * 1000 <= Date.now() ? ['! it has ended'] : []
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

/** Seconds from 1970 to the last instant that a date can be. */
const lastSecond = 8.64e12

const valueOf = (name: string, value: unknown): string =>
  /^(?:iat|exp|nbf)$/.test(name) && typeof value === 'number' && Math.abs(value) <= lastSecond
    ? instant(value * 1000)
    : shown(value)
