import { hash } from 'node:crypto'

import { StoreError } from '@registrant/core'

/** The largest value, in bytes. */
const valueLimit = 65_536

/** No file of ours is larger: one line of ours, then the value. */
export const contentLimit: number = valueLimit + 256

/**
 * The bytes of a numbered file: a line with a random token and a digest over name, token and value, then the value.
 *
 * The token tells apart two files that had the same number, one of them brought back from a backup.
 */
export function encode(name: string, token: string, value: string): Uint8Array {
  const bytes = Buffer.from(`registrant 1 ${token} ${digest(name, token, value)}\n${value}`)
  if (bytes.length > valueLimit + header.length || Buffer.from(value).toString() !== value)
    throw new StoreError(
      'store-denied',
      `The value is not kept: it must be Unicode text of at most ${valueLimit} bytes in UTF-8. Nothing was saved.`,
    )
  return bytes
}

/** What a file says; a string says what is wrong with it. */
export function decode(name: string, bytes: Uint8Array): { token: string; value: string } | string {
  if (bytes.length === 0) return 'is empty'
  const text = Buffer.from(bytes).toString()
  const [line = '', format, token, sum] = /^registrant (\d+)(?: ([0-9a-f-]{36}) ([0-9a-f]{64}))?\n/.exec(text) ?? []
  if (format !== undefined && format !== '1') return 'was written by a newer release'
  const value = text.slice(line.length)
  if (token === undefined || sum !== digest(name, token, value)) return 'is damaged or cut short'
  return { token, value }
}

const digest = (name: string, token: string, value: string): string =>
  hash('sha256', `${name}\n${token}\n${value}`, 'hex')

const header = `registrant 1 ${'-'.repeat(36)} ${'-'.repeat(64)}\n`
