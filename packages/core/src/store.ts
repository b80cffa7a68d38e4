/**
 * Where a registration is kept: two verbs over opaque strings, and hints.
 *
 * Safety is the compare-and-swap of `save`; the hints only make things faster. Values are at most 64 kB.
 */
export interface RegistrationStore {
  /** The stored value and its version; `undefined` only if its absence is proven, anything unreadable throws. */
  load(key: string, signal?: AbortSignal): Promise<StoredValue | undefined>
  /**
   * Saves if nobody else did since `expected` was loaded (`undefined`: the key must not exist); durable when it
   * resolves. The new version, or `false`: somebody else was faster.
   */
  save(key: string, value: string, expected: string | undefined, signal?: AbortSignal): Promise<string | false>
  /** A hint: runs the task while no other holder runs one, and frees the way when the holder dies. */
  exclusive?<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** A hint: resolves when the stored version is no longer `version`. */
  changed?(key: string, version: string, signal: AbortSignal): Promise<void>
  /** Write-once home of keys that must not be extractable; without it keys are kept as JWKs inside the record. */
  keys?: KeyHome
}

/** What a store holds under a key. */
export interface StoredValue {
  value: string
  version: string
}

/** A key of the Web Cryptography API. Node's own types have no global of that name, so it is derived. */
export type WebCryptoKey = Extract<Awaited<ReturnType<typeof crypto.subtle.generateKey>>, { type: string }>

/** A pair of keys of the Web Cryptography API. */
export interface KeyPair {
  readonly privateKey: WebCryptoKey
  readonly publicKey: WebCryptoKey
}

/** Keeps key pairs that can't be written into a record because they are not extractable. */
export interface KeyHome {
  load(name: string): Promise<KeyPair | undefined>
  save(name: string, pair: KeyPair): Promise<void>
}

/** A store that lives as long as the process: for tests, and for programs that accept a new client at every start. */
export function memoryStore(): RegistrationStore {
  const saved = new Map<string, StoredValue>()
  return {
    load(key) {
      const found = saved.get(key)
      return Promise.resolve(found && { ...found })
    },
    save(key, value, expected) {
      const current = saved.get(key)
      if (current?.version !== expected) return Promise.resolve(false)
      const version = String(Number(current?.version ?? 0) + 1)
      saved.set(key, { value, version })
      return Promise.resolve(version)
    },
  }
}
