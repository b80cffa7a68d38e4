import type { Client } from './client.ts'
import type { Version } from './vocabulary.ts'

/** Where the clients are. */
export interface Store {
  add(client: Client): void
  /** The client as it is read: the object itself from memory, a copy from a database. */
  find(realm: string, clientId: string): Client | undefined
  /** Keeps what was changed in a client that was found. */
  save(client: Client): void
  remove(client: Client): void
  readonly clients: ReadonlyMap<string, Client>
}

/**
 * `memory` hands out its own objects, so that an update that is refused afterwards has happened all the same. `ef` keeps
 * a list as one text with commas; the older release knows only this one, and there never saves an update.
 */
export function createStore(kind: 'memory' | 'ef', version: Version): Store {
  const clients = new Map<string, Client>()
  const keyOf = ({ realm, client_id }: Client): string => `${realm}/${client_id}`
  const memory: Store = {
    add: (client) => void clients.set(keyOf(client), client),
    find: (realm, clientId) => clients.get(`${realm}/${clientId}`),
    save: () => undefined,
    remove: (client) => void clients.delete(keyOf(client)),
    clients,
  }
  if (kind === 'memory') return memory
  const split = (list: string[]): string[] =>
    version === 'rc1' ? list.join(',').split(',') : list.join(',').split(',').filter(Boolean)
  const fromDatabase = (client: Client): Client => {
    const lists = Object.entries(client.lists).map(([name, list]) => [name, split(list)])
    return { ...structuredClone(client), lists: Object.fromEntries(lists) }
  }
  const write = (client: Client): void => void clients.set(keyOf(client), structuredClone(client))
  return {
    ...memory,
    add: write,
    find: (realm, clientId) => {
      const client = memory.find(realm, clientId)
      return client === undefined ? undefined : fromDatabase(client)
    },
    save: (client) => (version === 'rc1' ? undefined : write(client)),
  }
}
