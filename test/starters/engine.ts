import type { RegistrationStore } from '@registrant/node'

/** A client of the engine by which starters share a registration, and the engine's address. */
export interface EngineChoice {
  client: 'pg' | 'postgres' | 'redis' | 'ioredis'
  url: string
}

/** A store with its client. */
export interface OpenEngine {
  store: RegistrationStore
  end(): Promise<void>
}

/** Each opens a client and a store over it; nothing else of any engine is loaded. */
const opening: Record<EngineChoice['client'], (url: string) => Promise<OpenEngine>> = {
  async pg(url) {
    const [{ Pool }, { postgresStore }] = await Promise.all([import('pg'), import('@registrant/node/postgres')])
    const pool = new Pool({ connectionString: url, max: 2 })
    // The next call tells that a server has gone away.
    pool.on('error', () => undefined)
    return ending(postgresStore({ client: pool }), () => pool.end())
  },
  async postgres(url) {
    const [{ default: postgres }, { postgresStore }] = await Promise.all([
      import('postgres'),
      import('@registrant/node/postgres'),
    ])
    // The client asks for array types as soon as it is connected, and does not catch the failure if that is cut.
    const sql = postgres(url, { max: 2, fetch_types: false, onnotice: () => undefined })
    return ending(postgresStore({ client: sql }), () => sql.end({ timeout: 1 }))
  },
  async redis(url) {
    const [{ createClient }, { redisStore }] = await Promise.all([import('redis'), import('@registrant/node/redis')])
    const redis = createClient({ url })
    redis.on('error', () => undefined)
    await redis.connect()
    return ending(redisStore({ client: redis }), async () => redis.destroy())
  },
  async ioredis(url) {
    const [{ Redis }, { redisStore }] = await Promise.all([import('ioredis'), import('@registrant/node/redis')])
    const redis = new Redis(url)
    redis.on('error', () => undefined)
    return ending(redisStore({ client: redis }), async () => redis.disconnect())
  },
}

export const openEngine = ({ client, url }: EngineChoice): Promise<OpenEngine> => opening[client](url)

const ending = (store: RegistrationStore, end: () => Promise<unknown>): OpenEngine => ({
  store,
  async end() {
    await store.close?.()
    await end()
  },
})
