import { StoreError } from '@registrant/core'
import type { KeyPair, RegistrationStore, StoredValue } from '@registrant/core'

/**
 * Keeps registrations in IndexedDB, for all tabs and workers of an origin.
 *
 * A save is one strict readwrite transaction and durable when it resolves. Waiting tabs are woken by a
 * BroadcastChannel; where the browser has Web Locks, a tab that dies is succeeded at once instead of after its lease.
 * The browser may evict the storage of a page that did not ask for it to be kept
 * (`await navigator.storage.persist()`); an evicted registration is absent. Storage that can't be opened, or is
 * cleared under a running operation, throws a `StoreError` and is never taken for absent.
 *
 * @param name the database, and what its locks and channel are called after. Default: `registrant`
 */
export function indexedDbStore(name = 'registrant'): RegistrationStore {
  let opening: Promise<IDBDatabase> | undefined
  const open = (): Promise<IDBDatabase> => {
    opening ??= openDatabase(name, () => (opening = undefined))
    return opening
  }

  /** Runs one transaction; what `act` hands to `done` counts once the transaction is complete. */
  async function transact<T>(
    store: 'records' | 'keys',
    mode: IDBTransactionMode,
    act: (objects: IDBObjectStore, done: (result: T) => void) => void,
  ): Promise<T | undefined> {
    const database = await open()
    return new Promise((resolve, reject) => {
      let result: T | undefined
      try {
        const transaction = database.transaction(store, mode, { durability: 'strict' })
        transaction.oncomplete = () => resolve(result)
        transaction.onabort = () => reject(unavailable(transaction.error))
        act(transaction.objectStore(store), (value) => (result = value))
      } catch (error) {
        opening = undefined
        reject(unavailable(error))
      }
    })
  }

  const load = (key: string): Promise<StoredValue | undefined> =>
    transact<StoredValue>('records', 'readonly', (records, done) => {
      const request: IDBRequest<StoredValue | undefined> = records.get(key)
      request.onsuccess = () => request.result && done(request.result)
    })

  const channelOf = (key: string): BroadcastChannel => new BroadcastChannel(`${name}:${key}`)

  const locks = globalThis.navigator?.locks
  return {
    load,
    async save(key, value, expected) {
      const version = crypto.randomUUID()
      const saved = await transact<boolean>('records', 'readwrite', (records, done) => {
        const request: IDBRequest<StoredValue | undefined> = records.get(key)
        request.onsuccess = () => {
          const free = request.result?.version === expected
          if (free) records.put({ value, version }, key)
          done(free)
        }
      })
      if (saved !== true) return false
      const channel = channelOf(key)
      channel.postMessage(version)
      channel.close()
      return version
    },
    ...(locks && {
      exclusive: (key, task, signal) => locks.request(`${name}:${key}`, signal ? { signal } : {}, task),
    }),
    changed: (key, version, signal) =>
      new Promise((resolve, reject) => {
        const channel = channelOf(key)
        const end = (settle: () => void): void => {
          channel.close()
          signal.removeEventListener('abort', leave)
          settle()
        }
        const leave = (): void => end(() => reject(signal.reason))
        channel.onmessage = () => end(resolve)
        signal.addEventListener('abort', leave)
        if (signal.aborted) return leave()
        // What was saved before the channel stood open wakes nobody.
        load(key).then(
          (found) => found?.version !== version && end(resolve),
          (error: unknown) => end(() => reject(error)),
        )
      }),
    keys: {
      load: (id) =>
        transact<KeyPair>('keys', 'readonly', (keys, done) => {
          const request: IDBRequest<KeyPair | undefined> = keys.get(id)
          request.onsuccess = () => request.result && done(request.result)
        }),
      async save(id, pair) {
        await transact('keys', 'readwrite', (keys) => keys.add(pair, id))
      },
    },
  }
}

function openDatabase(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      closed()
      reject(unavailable(error))
    }
    try {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore('records')
        request.result.createObjectStore('keys')
      }
      request.onerror = () => fail(request.error)
      request.onsuccess = () => {
        const database = request.result
        // Cleared by the user, or by a newer release of the page that wants another layout.
        database.onclose = closed
        database.onversionchange = () => {
          database.close()
          closed()
        }
        resolve(database)
      }
    } catch (error) {
      // Some private windows throw instead of failing.
      fail(error)
    }
  })
}

const unavailable = (cause: unknown): StoreError => {
  const why = cause instanceof DOMException ? `${cause.name}: ${cause.message}` : 'no reason given'
  return new StoreError('store-unavailable', `The browser's storage (IndexedDB) did not do it: ${why}.`, {
    cause: new Error(why),
  })
}
