import { StoreError } from '@registrant/core'

/**
 * One transaction on one object store; what `act` hands to `done` counts once the transaction is complete.
 *
 * @throws {StoreError} `store-unavailable` when the browser's storage can't be opened, is full, or was cleared meanwhile
 */
export type Transact = <T>(
  store: 'records' | 'keys',
  mode: IDBTransactionMode,
  act: (objects: IDBObjectStore, done: (result: T) => void) => void,
) => Promise<T | undefined>

/** A database that is opened with its first transaction, and again after it was closed under us. */
export function database(name: string): Transact {
  let opening: Promise<IDBDatabase> | undefined
  return async (store, mode, act) => {
    opening ??= open(name, () => (opening = undefined))
    const opened = await opening
    return new Promise((resolve, reject) => {
      let result: Parameters<Parameters<typeof act>[1]>[0] | undefined
      try {
        const transaction = opened.transaction(store, mode, { durability: 'strict' })
        transaction.oncomplete = () => resolve(result)
        transaction.onabort = () => reject(unavailable(transaction.error))
        act(transaction.objectStore(store), (value) => (result = value))
      } catch (error) {
        opening = undefined
        reject(unavailable(error))
      }
    })
  }
}

function open(name: string, closed: () => void): Promise<IDBDatabase> {
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
        const opened = request.result
        // Cleared by the user, or by a newer release of the page that wants another layout.
        opened.onclose = closed
        opened.onversionchange = () => {
          opened.close()
          closed()
        }
        resolve(opened)
      }
    } catch (error) {
      // Some private windows throw instead of failing.
      fail(error)
    }
  })
}

export const unavailable = (cause: unknown): StoreError => {
  // A full disk is a name without a message.
  const why = cause instanceof Error ? [cause.name, cause.message].filter(Boolean).join(': ') : 'no reason given'
  return new StoreError('store-unavailable', `The browser's IndexedDB failed: ${why}.`, {
    cause: new Error(why),
  })
}
