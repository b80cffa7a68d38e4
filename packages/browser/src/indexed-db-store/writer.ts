import type { KeyHome, KeyPair, RegistrationStore, StoredValue } from '@registrant/core'

import type { Transact } from './database.ts'

/** What a store does beyond loading: a returning visit needs none of it. */
export type Writer = Required<Pick<RegistrationStore, 'save' | 'changed' | 'exclusive'>> & { keys: KeyHome }

/** Saves in one strict transaction, and wakes the tabs that wait for it by a channel of the key's own. */
export function createWriter(
  name: string,
  transact: Transact,
  load: RegistrationStore['load'],
  storedValue: (found: unknown) => StoredValue | undefined,
): Writer {
  const channelOf = (key: string): BroadcastChannel => new BroadcastChannel(`${name}:${key}`)
  return {
    async save(key, value, expected) {
      const version = crypto.randomUUID()
      const saved = await transact<boolean>('records', 'readwrite', (records, done) => {
        const request: IDBRequest<unknown> = records.get(key)
        request.onsuccess = () => {
          const free = storedValue(request.result)?.version === expected
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
    changed: (key, version, signal) =>
      new Promise((resolve, reject) => {
        const channel = channelOf(key)
        const end = (settle: () => void): void => {
          channel.close()
          signal.removeEventListener('abort', leave)
          removeEventListener('pageshow', look)
          settle()
        }
        const leave = (): void => end(() => reject(signal.reason))
        const look = (): void =>
          void load(key).then(
            (found) => found?.version !== version && end(resolve),
            (error: unknown) => end(() => reject(error)),
          )
        channel.onmessage = () => end(resolve)
        signal.addEventListener('abort', leave)
        if (signal.aborted) return leave()
        // A save that came before the channel was open, or while the page was aside, wakes nobody.
        addEventListener('pageshow', look)
        look()
      }),
    exclusive: (key, task, signal) =>
      new Promise((resolve, reject) => {
        const run: typeof task = () => {
          const running = task()
          // A page that is put aside loses its lock, and may go on later: the outcome is the task's, not the lock's.
          resolve(running)
          return running
        }
        navigator.locks.request(`${name}:${key}`, signal ? { signal } : {}, run).catch(reject)
      }),
    keys: {
      load: (id) =>
        transact<KeyPair>('keys', 'readonly', (keys, done) => {
          const request: IDBRequest<KeyPair | undefined> = keys.get(id)
          request.onsuccess = () => request.result && done(request.result)
        }),
      async save(id, pair) {
        await transact('keys', 'readwrite', (keys) => void keys.add(pair, id))
      },
    },
  }
}
