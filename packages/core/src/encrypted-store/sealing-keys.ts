import { refuseOptions } from '../client/options.ts'
import type { Wrong } from '../client/options.ts'
import type { WebCryptoKey } from '../store.ts'

/** A key of an {@link encryptedStore}. */
export interface EncryptionKey {
  /** The name of the key, which each record that it sealed holds: not secret, and never given to another key. */
  kid: string
  /** 32 random bytes, or an `AES-GCM` key of 256 bits, which need not be extractable. */
  key: Uint8Array | WebCryptoKey
}

/** A key that seals and opens. */
export interface SealingKey {
  kid: string
  key: WebCryptoKey
  /**
   * The check value of the key: its encryption of an empty text, cut short. It tells another key of the same name from a
   * damaged record. Empty for a key that may not encrypt.
   */
  kcv: string
}

const length = 32

/**
 * Refuses keys that can't be keys of AES-256; the error shows nothing of a key.
 *
 * @throws {InvalidRequestError}
 */
export function requireKeys(given: readonly EncryptionKey[]): void {
  const keys = (Array.isArray(given) ? given : []).map((it): EncryptionKey => Object(it))
  const names = keys.map(({ kid }) => kid)
  const wrong = [
    ...(keys.length > 0 ? [] : ['There must be at least one']),
    ...(names.some((kid) => typeof kid !== 'string' || kid === '') ? ['Each must have a kid that is not empty'] : []),
    ...(new Set(names).size < names.length ? ['No two may have the same kid'] : []),
    ...(keys.slice(0, 1).every(may('encrypt')) ? [] : ['The first must be one that encrypts']),
    ...(keys.every(may('decrypt')) ? [] : ['Each must be one that decrypts']),
    ...keys.flatMap(({ key }, index) =>
      isKey(key) ? [] : [`The key at ${index} is neither ${length} bytes nor AES-GCM of 256 bits`],
    ),
  ]
  refuseOptions(wrong.map((message): Wrong => ['keys', message]))
}

function isKey(key: Uint8Array | WebCryptoKey): boolean {
  if (isBytes(key)) return key.length === length
  const { name, length: bits }: { name?: string; length?: number } = Object(Object(key).algorithm)
  return name === 'AES-GCM' && bits === 8 * length
}

/** Whether a key is given as bytes. Its class may be of another realm; a view on larger numbers is no list of bytes. */
const isBytes = (key: Uint8Array | WebCryptoKey): key is Uint8Array =>
  ArrayBuffer.isView(key) && Object(key).BYTES_PER_ELEMENT === 1

const may =
  (usage: 'encrypt' | 'decrypt') =>
  ({ key }: EncryptionKey): boolean =>
    isBytes(key) || (Object(key).usages ?? []).includes(usage)

/** Imports a key; a later change to the given bytes has no effect. */
export function toSealingKey({ kid, key }: EncryptionKey): Promise<SealingKey> {
  const taken = isBytes(key)
    ? crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
    : Promise.resolve(key)
  return taken.then(async (usable) => ({ kid, key: usable, kcv: await checkValue(usable) }))
}

/** The nonce of the check value alone: records have random nonces. */
const nonce = new Uint8Array(12)

async function checkValue(key: WebCryptoKey): Promise<string> {
  if (!key.usages.includes('encrypt')) return ''
  return hex(new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, new Uint8Array())))
}

/** A checksum of the header of a sealed record, so that a damaged header is not taken for another key. */
export async function sumOf(said: readonly unknown[]): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(said)))))
}

const hex = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
