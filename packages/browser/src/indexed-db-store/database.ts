import { RegistrationError, StateError, StoreError } from '@registrant/core'

import { Aside } from './aside.ts'

/**
 * One transaction on one object store; what `act` hands to `done` counts once the transaction is complete.
 *
 * @throws {StoreError} `store-denied` when the page may store nothing; `store-unavailable` when the browser's storage can't be
 *   opened, is full, or was cleared meanwhile
 */
export type Transact = <T>(
  store: 'records' | 'keys',
  mode: IDBTransactionMode,
  act: (objects: IDBObjectStore, done: (result: T) => void) => void,
) => Promise<T | undefined>

/** One for all databases of the page. */
let page: Aside | undefined

/**
 * Opens a database with the first transaction, and again after it was closed, failed, or did not open in time. A transaction that
 * had to be left since the page was put aside is run again when the page is shown: nothing of it was applied.
 */
export function openDatabase(name: string): { transact: Transact; close: () => Promise<void> } {
  let opening: Promise<IDBDatabase> | undefined
  const closed = (): void => (opening = undefined)
  const transact: Transact = async (store, mode, act) => {
    try {
      const aside = (page ??= new Aside())
      for (;;) {
        await aside.over
        const opened = await (opening ??= open(name, closed))
        // It may have been put aside while the database opened.
        if (aside.over) continue
        const transaction = opened.transaction(store, mode, { durability: 'strict' })
        const outcome = await outcomeOf(transaction.objectStore(store), act, aside)
        if (outcome) return outcome.result
      }
    } catch (error) {
      if (error instanceof StoreError) throw error
      closed()
      if (error instanceof RegistrationError) throw error
      throw unavailable(error)
    }
  }
  const close = async (): Promise<void> => {
    const opened = await opening?.catch(() => undefined)
    closed()
    opened?.close()
  }
  return { transact, close }
}

/** What comes of a transaction; `undefined` where it was left since the page was put aside. */
const outcomeOf = <T>(
  objects: IDBObjectStore,
  act: (objects: IDBObjectStore, done: (result: T) => void) => void,
  aside: Aside,
): Promise<{ result: T | undefined } | undefined> =>
  new Promise((resolve, reject) => {
    const { transaction } = objects
    let result: T | undefined
    let isLeft = false
    const leave = (): void => {
      try {
        transaction.abort()
        isLeft = true
      } catch {
        // It is being committed.
      }
    }
    aside.open.add(leave)
    transaction.oncomplete = () => {
      aside.open.delete(leave)
      resolve({ result })
    }
    transaction.onabort = () => {
      aside.open.delete(leave)
      if (isLeft) resolve(undefined)
      else reject(unavailable(transaction.error))
    }
    act(objects, (value) => (result = value))
  })

const open = (name: string, closed: () => void): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    // Some private windows throw here instead of failing later.
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('records')
      request.result.createObjectStore('keys')
    }
    // A tab that does not close its connection holds up a deletion or another layout, and no event tells of it.
    const timer = setTimeout(() => {
      isLate = true
      closed()
      reject(blocked())
    }, longestWait)
    let isLate = false
    request.onerror = () => {
      clearTimeout(timer)
      reject(request.error?.name === 'VersionError' ? newer(name) : request.error)
    }
    request.onsuccess = () => {
      clearTimeout(timer)
      const opened = request.result
      if (isLate) return opened.close()
      // The user has cleared the storage, or a newer release of the page wants another layout.
      opened.onclose = closed
      opened.onversionchange = () => {
        opened.close()
        closed()
      }
      resolve(opened)
    }
  })

/** Milliseconds for which the database may take to open. */
const longestWait = 5000

const blocked = (): StoreError =>
  new StoreError(
    'store-unavailable',
    "The browser's storage did not open in time: another tab may hold up its deletion. Close the other tabs of this page.",
  )

/** The error of a database that a newer release has laid out; nothing of it was touched. */
const newer = (name: string): StateError =>
  new StateError('newer-schema', `A newer release wrote the database ${name}. It was not touched. Use that release.`)

/** The error of a failed storage, with the cause's name: the error of a full disk has no message. */
export const unavailable = (cause: unknown): StoreError => {
  const { name, message }: { name?: unknown; message?: unknown } = Object(cause)
  const why = [name, message].filter((word) => typeof word === 'string' && word !== '').join(': ') || 'no reason given'
  // The user, or a frame's sandbox, lets this page store nothing.
  const code = name === 'SecurityError' ? 'store-denied' : 'store-unavailable'
  return new StoreError(code, `The browser's storage failed: ${why.replace(/\.$/, '')}.`, { cause })
}
