import { bytesOf, valueLimit } from '../engine/value.ts'
import type { FileFacts } from './disk.ts'

/** Bytes of our largest file: one line of ours, then the value. */
const contentLimit = valueLimit + 256

/** Bytes of the largest file that is read: a newer release may write more than we do, and its first line says that it did. */
export const readLimit = 4_194_304

/** What a numbered file says. */
export interface Content {
  /** Random: tells apart two files that had the same number, one of them brought back from a backup. */
  token: string
  /** The token of the file with the number before, on which it was built; `-` where there was none that could be read. */
  base: string
  value: string
}

/** The bytes of a numbered file: a line with both tokens, the length of the value and a checksum, then the value. */
export function encode(name: string, { token, base, value }: Content): Uint8Array {
  const bytes = bytesOf(value)
  return Buffer.concat([Buffer.from(headerOf(name, token, base, bytes)), bytes])
}

/** What {@link decode} says of a file that a newer release wrote. */
export const newer = 'was written by a newer release'

/** What {@link decode} says of a file that none of our releases wrote. */
export const tooLarge = 'is larger than anything we write'

/** Decodes a numbered file; a string says what is wrong with it. */
export function decode(name: string, content: Uint8Array): Content | string {
  if (content.length === 0) return 'is empty'
  const bytes = Buffer.from(content)
  const end = bytes.indexOf('\n') + 1
  const header = bytes.toString('latin1', 0, end)
  const [, format, token, base = ''] =
    /^registrant (\d+)(?: ([0-9a-f-]{36}) (-|[0-9a-f-]{36}) .*| .*)?\n$/.exec(header) ?? []
  if (Number(format ?? 1) > 1) return newer
  if (content.length > contentLimit) return tooLarge
  const rest = bytes.subarray(end)
  if (token === undefined || header !== headerOf(name, token, base, rest)) return 'is damaged or cut short'
  return { token, base, value: rest.toString() }
}

/** The version of a save. Its number alone would not do: a folder that is restored from a backup has the same numbers again. */
export const versionOf = ({ number, token }: { number: number; token: string }): string => `${number}.${token}`

/** The version of a file that can't be read, made of its damage: a save over this version replaces nothing else. */
export function versionOfDamage(number: number, bytes: Uint8Array | undefined, facts: FileFacts | undefined): string {
  const damage = bytes ? checksum(bytes) : (facts?.mtimeMs ?? 'gone')
  return `${number}.unreadable-${facts?.size ?? 0}-${damage}`
}

const headerOf = (name: string, token: string, base: string, value: Uint8Array): string =>
  `registrant 1 ${token} ${base} ${value.length} ${checksum(Buffer.from(`${name} ${token} ${base} `), value)}\n`

/**
 * FNV-1a: every changed byte changes it. It finds damage and no forgery: a user who may write here need not forge. A
 * cryptographic hash would cost each start more time than the load itself.
 */
function checksum(...parts: readonly Uint8Array[]): string {
  let sum = 0x811c9dc5
  for (const part of parts) for (const byte of part) sum = Math.imul(sum ^ byte, 0x01000193)
  return (sum >>> 0).toString(16)
}
