import { StoreError } from '@registrant/core'

/** The largest value, in bytes: a record of 64 kB takes that much when it is sealed. */
export const valueLimit = 98_304

/**
 * The bytes of a value.
 *
 * @throws {StoreError} `store-denied`: it is no Unicode text, or too long
 */
export function bytesOf(value: string): Uint8Array {
  const bytes = Buffer.from(value)
  if (bytes.length <= valueLimit && bytes.toString() === value) return bytes
  throw new StoreError(
    'store-denied',
    `The value is not kept: it must be Unicode text of at most ${valueLimit} bytes in UTF-8. Nothing was saved.`,
  )
}
