import type { RegistrationStore, StoredValue } from '@registrant/core'

import { database, unavailable } from './indexed-db/database.ts'
import type { Writing } from './indexed-db/writing.ts'

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
  const transact = database(name)
  const load: RegistrationStore['load'] = (key) =>
    transact<StoredValue>('records', 'readonly', (records, done) => {
      const request: IDBRequest<StoredValue | undefined> = records.get(key)
      request.onsuccess = () => request.result && done(request.result)
    })
  let written: Promise<Writing> | undefined
  const write = (): Promise<Writing> =>
    (written ??= import('./indexed-db/writing.ts').then(
      ({ writing }) => writing(name, transact, load),
      (error: unknown) => {
        written = undefined
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
  }
}
