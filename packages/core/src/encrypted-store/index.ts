import * as base64url from 'jose/base64url'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'

import { refuseOptions } from '../client/options.ts'
import { StoreError } from '../errors.ts'
import type { RegistrationStore, StoredValue } from '../store.ts'
import { requireKeys, sumOf, toSealingKey } from './sealing-keys.ts'
import type { EncryptionKey, SealingKey } from './sealing-keys.ts'

export type { EncryptionKey } from './sealing-keys.ts'

/** The options of an {@link encryptedStore}. */
export interface EncryptedStoreOptions {
  /** The keys: the first one seals, and each opens the records that it sealed. */
  keys: readonly EncryptionKey[]
}

/**
 * Seals the records of another store: an attacker who reads that store, or a backup of it, reads no secret, and one who writes
 * there can't forge a record or put one in the place of another.
 *
 * A record is a JWE in compact form, sealed with `A256GCM` by a key that is used directly (`dir`), and bound to its record key,
 * which stands for issuer, application and instance. Hints, risks and the home of keys are those of the other store. A record of
 * 64 kB takes 88 kB there.
 *
 * A key keeps its name as long as it is used: a record names the key that sealed it.
 *
 * To rotate keys: put the new key behind the old one and release, so that every replica can open what the new key seals. Then put
 * the new key first. When each record has been saved again, remove the old key. A record is sealed anew whenever it is saved.
 *
 * `load` throws `StoreError`, with the `version` that `recover()` and `forget()` save over: `store-denied` for a record that was
 * sealed by a key that is not given, or for another record key; `store-corrupt` for a record that is damaged, or not sealed.
 *
 * An old record of the same record key that is put back can't be told from the newest one, except by a manager that remembers it.
 *
 * @throws {InvalidRequestError} `store` is no store, there is no key, a `kid` is empty or stands twice, or a key has not 256 bits
 * @see [RFC 7516 section 7.1](https://www.rfc-editor.org/rfc/rfc7516#section-7.1),
 *   [RFC 7518 section 4.5](https://www.rfc-editor.org/rfc/rfc7518#section-4.5)
 *
 * @example
 * ```ts
 * import { fileStore } from '@registrant/node'
 * import { encryptedStore } from '@registrant/core/encrypted-store'
 *
 * // 32 random bytes in base64: openssl rand -base64 32
 * const key = Buffer.from(process.env['STORE_KEY'] ?? '', 'base64')
 * const store = encryptedStore(fileStore('/var/lib/orders'), { keys: [{ kid: '2027', key }] })
 * ```
 */
export function encryptedStore(store: RegistrationStore, options: EncryptedStoreOptions): RegistrationStore {
  const { keys }: EncryptedStoreOptions = Object(options)
  requireKeys(keys)
  const { load, save }: Partial<RegistrationStore> = Object(store)
  const isStore = typeof load === 'function' && typeof save === 'function'
  refuseOptions(isStore ? [] : [['store', 'It must be a store, with load and save']])
  const sealingKeys = Promise.all(keys.map(toSealingKey))
  // A failure is reported by each `load` and `save`.
  sealingKeys.catch(() => undefined)
  return {
    async load(key, signal): Promise<StoredValue | undefined> {
      const found = await store.load(key, signal)
      return found && { value: await openSealed(found, key, await sealingKeys), version: found.version }
    },
    async save(key, value, expected, signal) {
      const [first] = await sealingKeys
      return store.save(key, await seal(value, key, first), expected, signal)
    },
    ...(store.changed && { changed: store.changed.bind(store) }),
    ...(store.exclusive && { exclusive: store.exclusive.bind(store) }),
    ...(store.risks && { risks: store.risks.bind(store) }),
    ...(store.close && { close: store.close.bind(store) }),
    ...(store.keys && { keys: store.keys }),
  }
}

async function seal(value: string, key: string, sealing: SealingKey | undefined): Promise<string> {
  const bytes = new TextEncoder().encode(value)
  if (sealing === undefined || decodeText(bytes) !== value)
    throw new StoreError('store-denied', 'The value is not kept: it must be Unicode text. Nothing was saved.')
  const { kid, kcv } = sealing
  return new CompactEncrypt(bytes)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, kcv, sub: key, sum: await sumOf([kid, kcv, key]) })
    .encrypt(sealing.key)
}

/** The header of a sealed record, before it is verified. */
interface SealHeader {
  kid?: unknown
  kcv?: unknown
  sub?: unknown
  sum?: unknown
}

/**
 * Opens a record that was sealed for this record key by one of these keys.
 *
 * @throws {StoreError} `store-denied`: sealed by another key, or for another record key; `store-corrupt`: it is damaged
 */
async function openSealed({ value, version }: StoredValue, key: string, keys: readonly SealingKey[]): Promise<string> {
  const header = await headerOf(value)
  if (header === undefined)
    throw new StoreError('store-corrupt', `The stored record of ${key} is not sealed, or damaged. ${whatNow}`, {
      version,
    })
  const sealing = keys.find(({ kid, kcv }) => kid === header.kid && (kcv === header.kcv || kcv === ''))
  if (sealing === undefined)
    throw new StoreError(
      'store-denied',
      `The stored record of ${key} was sealed by ${unknownKey(header, keys)} ${whatNow}`,
      { version },
    )
  let opened: string
  try {
    const { plaintext } = await compactDecrypt(value, sealing.key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    opened = decodeText(plaintext)
  } catch {
    throw new StoreError('store-corrupt', `The stored record of ${key} is damaged, or was forged. ${whatNow}`, {
      version,
    })
  }
  if (header.sub === key) return opened
  throw new StoreError(
    'store-denied',
    `What is stored as the record of ${key} was sealed as the record of ${asWritten(header.sub)}: somebody has put it in its place, ` +
      `or the store was copied. ${whatNow}`,
    { version },
  )
}

/** Words for the key that would be needed, and what to do: a name belongs to one key. */
function unknownKey({ kid }: SealHeader, keys: readonly SealingKey[]): string {
  const name = asWritten(kid)
  return keys.some((key) => key.kid === kid)
    ? `another key of the name ${name} than the one that was given. Give it back its name, and the new key a name of its own.`
    : `${name}, which is not among the keys that were given ` +
        `(${keys.map((key) => JSON.stringify(key.kid)).join(', ')}). Add it behind the others, by that name.`
}

const whatNow =
  'That is not taken for an absent registration: bring the record back, or recover() with what is known of the client, or forget() it.'

/** The header of a compact JWE; `undefined` where the text is none, or a letter of it is not the one that was written. */
async function headerOf(value: string): Promise<SealHeader | undefined> {
  const parts = value.split('.')
  try {
    if (parts.length !== 5 || parts.some((part) => base64url.encode(base64url.decode(part)) !== part)) return undefined
    const { kid, kcv, sub, sum }: SealHeader = decodeProtectedHeader(value)
    return sum === (await sumOf([kid, kcv, sub])) ? { kid, kcv, sub } : undefined
  } catch {
    return undefined
  }
}

const decodeText = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** A text that is not trusted, for a message: cut short, and without characters that disturb a log. */
const asWritten = (said: unknown): string =>
  typeof said === 'string' ? JSON.stringify(said.slice(0, 100).replaceAll(/\p{C}/gu, '')) : 'a key without a name'
