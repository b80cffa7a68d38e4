import { StoreError } from '@registrant/core'

/** The largest value, in bytes. */
const valueLimit = 65_536

/** No file of ours is larger: one line of ours, then the value. */
export const contentLimit: number = valueLimit + 256

/**
 * The bytes of a numbered file: a line with a random token, the length of the value and a checksum over name, token and
 * value, then the value.
 *
 * The token tells apart two files that had the same number, one of them brought back from a backup.
 */
export function encode(name: string, token: string, value: string): Uint8Array {
  const bytes = Buffer.from(value)
  if (bytes.length > valueLimit || bytes.toString() !== value)
    throw new StoreError(
      'store-denied',
      `The value is not kept: it must be Unicode text of at most ${valueLimit} bytes in UTF-8. Nothing was saved.`,
    )
  return Buffer.concat([Buffer.from(headerOf(name, token, bytes)), bytes])
}

/** What a file says; a string says what is wrong with it. */
export function decode(name: string, content: Uint8Array): { token: string; value: string } | string {
  if (content.length === 0) return 'is empty'
  const bytes = Buffer.from(content)
  const end = bytes.indexOf('\n') + 1
  const header = bytes.toString('latin1', 0, end)
  const [, format, token] = /^registrant (\d+)(?: ([0-9a-f-]{36}) .*)?\n$/.exec(header) ?? []
  if (format !== undefined && format !== '1') return 'was written by a newer release'
  const rest = bytes.subarray(end)
  if (token === undefined || header !== headerOf(name, token, rest)) return 'is damaged or cut short'
  return { token, value: rest.toString() }
}

const headerOf = (name: string, token: string, value: Uint8Array): string =>
  `registrant 1 ${token} ${value.length} ${checksum(Buffer.from(`${name} ${token} `), value)}\n`

/**
 * FNV-1a: every changed byte changes it. It is for damage, not against forgery: whoever may write here need not forge. A
 * cryptographic hash would cost each start more time than the load itself.
 */
function checksum(...parts: readonly Uint8Array[]): string {
  let sum = 0x811c9dc5
  for (const part of parts) for (const byte of part) sum = Math.imul(sum ^ byte, 0x01000193)
  return (sum >>> 0).toString(16)
}
