import type { RegistrationStore, StoredValue } from '@registrant/core'

import { openDatabase, unavailable } from './database.ts'
import type { Writer } from './writer.ts'

/**
 * Keeps registrations in IndexedDB, for all tabs and workers of an origin.
 *
 * A save is one strict readwrite transaction and durable when it resolves. Waiting tabs are woken by a
 * BroadcastChannel; where the browser has Web Locks, a tab that dies is succeeded at once instead of after its lease.
 * The browser may evict the storage of a page that did not ask for it to be kept
 * (`await navigator.storage.persist()`); an evicted registration is absent. Storage that can't be opened, or is
 * cleared under a running operation, throws a `StoreError` and is never taken for absent; it is `store-denied` where the
 * page may store nothing. `manager.close()` closes the connection to the database; whoever uses the store again opens another.
 *
 * @example
 * ```ts
 * import { indexedDbStore, RegistrationManager } from '@registrant/browser'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders-web',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 *   store: indexedDbStore(),
 * })
 * ```
 * @param name the name of the database, with which the names of its locks and channels begin. Default: `registrant`
 */
export function indexedDbStore(name = 'registrant'): RegistrationStore {
  const { transact, close } = openDatabase(name)
  const load: RegistrationStore['load'] = async (key) => {
    const found = await transact<StoredValue | undefined>('records', 'readonly', (records, done) => {
      const request: IDBRequest<unknown> = records.get(key)
      request.onsuccess = () => done(storedValue(request.result))
    })
    // A save will follow, so its code is loaded while other code is.
    if (found === undefined) write().catch(() => undefined)
    return found
  }
  let writer: Promise<Writer> | undefined
  const write = (): Promise<Writer> =>
    (writer ??= import('./writer.ts').then(
      ({ createWriter }) => createWriter(name, transact, load, storedValue),
      (error: unknown) => {
        writer = undefined
        throw unavailable(error)
      },
    ))
  return {
    load,
    save: async (...save) => (await write()).save(...save),
    changed: async (...changed) => (await write()).changed(...changed),
    ...(navigator.locks && { exclusive: async (...task) => (await write()).exclusive(...task) }),
    keys: {
      load: async (id) => (await write()).keys.load(id),
      save: async (id, pair) => (await write()).keys.save(id, pair),
    },
    close,
  }
}

/** A stored value; what no store has written there is a text that nobody can read, and has a version to save over. */
function storedValue(found: unknown): StoredValue | undefined {
  if (found === undefined) return undefined
  const { value, version }: { value?: unknown; version?: unknown } = Object(found)
  const isOurs = typeof value === 'string' && typeof version === 'string'
  return isOurs ? { value, version } : { value: '', version: 'foreign' }
}
