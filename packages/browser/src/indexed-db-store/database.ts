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
export function openDatabase(name: string): Transact {
  let opening: Promise<IDBDatabase> | undefined
  const closed = (): void => (opening = undefined)
  return async (store, mode, act) => {
    try {
      const opened = await (opening ??= open(name, closed))
      return await new Promise((resolve, reject) => {
        let result: Parameters<Parameters<typeof act>[1]>[0] | undefined
        const transaction = opened.transaction(store, mode, { durability: 'strict' })
        transaction.oncomplete = () => resolve(result)
        transaction.onabort = () => reject(unavailable(transaction.error))
        act(transaction.objectStore(store), (value) => (result = value))
      })
    } catch (error) {
      if (error instanceof StoreError) throw error
      closed()
      throw unavailable(error)
    }
  }
}

const open = (name: string, closed: () => void): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    // Some private windows throw here instead of failing later.
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('records')
      request.result.createObjectStore('keys')
    }
    request.onerror = () => reject(request.error)
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
  })

/** Says what went wrong, by its name too: a full disk is a name without a message. */
export const unavailable = (cause: unknown): StoreError => {
  const why = cause instanceof Error ? cause.toString() : 'no reason given'
  return new StoreError('store-unavailable', `The browser's storage failed: ${why}.`, { cause })
}
