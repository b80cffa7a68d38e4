/**
 * Where a registration is kept: `load` and `save` over opaque strings, and optional hints.
 *
 * Safety rests on the compare-and-swap of `save`; the hints only make things faster. Values are at most 64 kB of Unicode
 * text in UTF-8, and a third more where `encryptedStore` seals them. A key has at most 200 characters of `a` to `z`, `0` to
 * `9`, `-` and `.`, and begins and ends with a letter or digit. It begins with a part that a person recognises, and may be
 * used as it is as the key of a row, the name of a file or the name of a Kubernetes Secret.
 *
 * A value that can't be read throws a `StoreError`, and is never taken for absent: `store-unavailable` for a failure that may
 * pass, `store-denied` for one that somebody has to set right, `store-corrupt` with `version` for a value that stays unreadable.
 */
export interface RegistrationStore {
  /**
   * The stored value and its version; `undefined` only if its absence is proven.
   *
   * A load sees every save that was acknowledged before the load was called, by whichever process. A store that can't
   * promise that (a replica that lags, a list that is cached) throws `store-unavailable` where it knows that it lags, and
   * says so in `risks` where it does not.
   */
  load(key: string, signal?: AbortSignal): Promise<StoredValue | undefined>
  /**
   * Saves the value if nobody else has saved since `expected` was loaded (`undefined`: the key must not exist). Resolves to
   * the new version when the value is durable, or to `false` where somebody else was faster. An `expected` that a
   * `StoreError` named as `version` replaces the value that could not be read.
   *
   * A version names one save and is never used again for another, not even of the same value: it is random, or a digest
   * of something random. A counter is not enough, since it starts over where a backup is restored or another node takes
   * over.
   */
  save(key: string, value: string, expected: string | undefined, signal?: AbortSignal): Promise<string | false>
  /**
   * A hint: runs the task while no other holder of the key runs one. Only for engines that release a hold by themselves
   * when its holder dies, and do nothing else with it.
   */
  exclusive?<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** A hint: resolves when the stored version is no longer `version`; the caller also loads from time to time by itself. */
  changed?(key: string, version: string, signal: AbortSignal): Promise<void>
  /** What this engine, as configured, may lose. A manager with more to do than to load asks once, and tells `warning` events. */
  risks?(signal?: AbortSignal): Promise<readonly StoreRisk[]>
  /** Closes what `changed` keeps open, and ends the waits there. A store that is used again opens it anew. */
  close?(): Promise<void>
  /** Write-once home of keys that must not be extractable; without it keys are kept as JWKs inside the record. */
  keys?: KeyHome
}

/** Something that an engine, as it is configured, may lose. */
export interface StoreRisk {
  /** The name of the risk, in kebab-case, such as `saves-not-flushed`. */
  rule: string
  /** What may be lost, when, and which setting excludes it. */
  message: string
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

/**
 * A store that lives as long as the process: for tests, and for programs that accept a new client at every start.
 *
 * @example
 * ```ts
 * import { memoryStore, RegistrationManager } from '@registrant/core'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 *   store: memoryStore(),
 * })
 * ```
 */
export function memoryStore(): RegistrationStore {
  const saved = new Map<string, StoredValue>()
  // Another store in the same process must not give the same versions.
  const life = Math.random().toString(36).slice(2)
  let saves = 0
  return {
    load(key) {
      const found = saved.get(key)
      return Promise.resolve(found && { ...found })
    },
    save(key, value, expected) {
      const current = saved.get(key)
      if (current?.version !== expected) return Promise.resolve(false)
      const version = `${life}.${++saves}`
      saved.set(key, { value, version })
      return Promise.resolve(version)
    },
  }
}
