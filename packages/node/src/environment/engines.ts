import { StoreError } from '@registrant/node'
import type { RegistrationStore, StoredValue } from '@registrant/node'

import { engineFailure } from '../engine/failure.ts'
import { loadPg, loadPostgresStore, loadRedis, loadRedisStore } from './load.ts'

/** A store over a client that is opened here, and ended with it. */
interface OpenStore {
  store: RegistrationStore
  end(): Promise<void>
}

/** Errors of an idle connection: the next load or save finds out for itself. */
const unheard = (): void => undefined

/** A store in PostgreSQL, whose table is made where it is not there yet. Throws where `pg` is not installed. */
export async function postgres(connectionString: string): Promise<RegistrationStore> {
  requireUrl(connectionString)
  const [{ Pool }, { createTable, postgresStore }] = await Promise.all([loadPg(), loadPostgresStore()])
  return opened(async () => {
    const client = new Pool({ connectionString, max: 3, allowExitOnIdle: true })
    client.on('error', unheard)
    const store = postgresStore({ client })
    // Whoever may not make tables has one made by a migration: it is looked for first.
    const load = async (key: string, signal?: AbortSignal): Promise<StoredValue | undefined> => {
      try {
        return await store.load(key, signal)
      } catch (error) {
        // The database's code for a table that is not there.
        if (!(error instanceof StoreError) || !error.message.includes('42P01')) throw error
        await createTable(client)
        return store.load(key, signal)
      }
    }
    return { store: { ...store, load }, end: () => client.end() }
  })
}

/** A store in Redis or Valkey. Throws where `redis` is not installed. */
export async function redis(url: string): Promise<RegistrationStore> {
  requireUrl(url)
  const [engine, { redisStore }] = await Promise.all([loadRedis(), loadRedisStore()])
  return opened(async () => {
    let isConnected = false
    // A connection that was there comes back; one that never was is told, and tried again by the next load or save.
    const reconnectStrategy = (tries: number): number | false => isConnected && Math.min(50 * 2 ** tries, 2000)
    const client = engine.createClient({ url, socket: { connectTimeout: 5000, reconnectStrategy } })
    client.on('error', unheard)
    try {
      await client.connect()
      isConnected = true
    } catch (error) {
      client.destroy()
      throw engineFailure(
        'store-unavailable',
        'Redis can not be reached. Is it running, and its address right? It says',
        error,
      )
    }
    return { store: redisStore({ client }), end: async () => client.destroy() }
  })
}

function requireUrl(address: string): void {
  if (!URL.canParse(address)) throw new TypeError('it is no address')
}

/** A store that is opened when it is first used, and again when it is used after it was closed. */
function opened(make: () => Promise<OpenStore>): RegistrationStore {
  let opening: Promise<OpenStore> | undefined
  const current = async (): Promise<RegistrationStore> => {
    opening ??= make()
    try {
      return (await opening).store
    } catch (error) {
      opening = undefined
      throw error
    }
  }
  return {
    load: async (...given) => (await current()).load(...given),
    save: async (...given) => (await current()).save(...given),
    changed: async (...given) => (await current()).changed?.(...given),
    risks: async (...given) => (await (await current()).risks?.(...given)) ?? [],
    async close() {
      const open = await opening?.catch(() => undefined)
      opening = undefined
      await open?.store.close?.()
      await open?.end()
    },
  }
}
