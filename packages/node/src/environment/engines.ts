import type { Socket } from 'node:net'

import { StoreError } from '@registrant/node'
import type { RegistrationStore, StoredValue } from '@registrant/node'

import { whileWaited } from '../engine/failure.ts'
import { noConnection } from '../redis/failure.ts'
import { loadNet, loadPg, loadPostgresStore, loadRedis, loadRedisStore } from './load.ts'

/** A client that is opened here, and the store over it. */
interface Opening {
  /** Resolves once there is a connection, where the client has to connect first (Redis). */
  store: Promise<RegistrationStore>
  /** Ends the connections in order. */
  end(): Promise<unknown>
  /** Ends every connection at once, also one that is being made. */
  destroy(): void
}

/** Milliseconds that making a connection, and ending a client, may take. */
const [connectTime, leaveTime] = [5000, 2000]
/** Milliseconds: a query that takes longer has lost its connection. */
const queryTime = 30_000

/** Ignores errors of an idle connection: the next load or save meets them itself. */
const unheard = (): void => undefined

/** A store in PostgreSQL, whose table is made where it is not there yet. Throws where `pg` is not installed. */
export async function postgres(connectionString: string): Promise<RegistrationStore> {
  requireUrl(connectionString)
  const [{ Pool }, { createTable, postgresStore }, net] = await Promise.all([loadPg(), loadPostgresStore(), loadNet()])
  return opened(() => {
    const sockets = new Set<Socket>()
    const stream = (): Socket => {
      const socket = new net.Socket()
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    }
    const client = new Pool({
      connectionString,
      max: 3,
      allowExitOnIdle: true,
      connectionTimeoutMillis: connectTime,
      query_timeout: queryTime,
      stream,
    })
    client.on('error', unheard)
    const store = postgresStore({ client })
    // A user who may not make tables has one made by a migration, so one is made only where a load finds none.
    const load = async (key: string, signal?: AbortSignal): Promise<StoredValue | undefined> => {
      try {
        return await store.load(key, signal)
      } catch (error) {
        // 42P01 is PostgreSQL's code for a table that is not there.
        if (!(error instanceof StoreError) || !error.message.includes('42P01')) throw error
        await createTable(client)
        return store.load(key, signal)
      }
    }
    return {
      store: Promise.resolve({ ...store, load }),
      async end() {
        await client.end()
        await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
      },
      destroy() {
        for (const socket of sockets) socket.destroy()
      },
    }
  })
}

/** A store in Redis or Valkey. Throws where `redis` is not installed. */
export async function redis(url: string): Promise<RegistrationStore> {
  requireUrl(url)
  const [engine, { redisStore }] = await Promise.all([loadRedis(), loadRedisStore()])
  return opened(() => {
    let isConnected = false
    // A lost connection is made again; where there never was one the call fails, and the next load or save tries again.
    const reconnectStrategy = (tries: number): number | false => isConnected && Math.min(50 * 2 ** tries, 2000)
    const client = engine.createClient({ url, socket: { connectTimeout: connectTime, reconnectStrategy } })
    client.on('error', unheard)
    let isDestroyed = false
    const destroy = (): void => {
      isDestroyed = true
      try {
        client.destroy()
      } catch {
        // The client has ended by itself.
      }
    }
    // A client that is destroyed before it has a connection would go on with the one that it gets.
    client.on('connect', () => isDestroyed && destroy())
    const connected = async (): Promise<RegistrationStore> => {
      try {
        // The client's own timeout ends when the connection is accepted, by a server that may then say nothing.
        await whileWaited(client.connect(), AbortSignal.timeout(connectTime))
        isConnected = true
      } catch (error) {
        destroy()
        throw noConnection(error)
      }
      return redisStore({ client })
    }
    return { store: connected(), end: async () => destroy(), destroy }
  })
}

function requireUrl(address: string): void {
  if (!URL.canParse(address)) throw new TypeError('it is no address')
}

/**
 * A store whose client is opened at its first use, and opened anew at the first use after `close()`, or after a call was
 * given up: nothing may ever be heard of that client's connections.
 */
function opened(make: () => Opening): RegistrationStore {
  let current: (Opening & { calls: number }) | undefined
  const open = (): Opening & { calls: number } => {
    if (current) return current
    const own = { ...make(), calls: 0 }
    own.store.catch(() => drop(own))
    return (current = own)
  }
  const drop = (own: Opening): void => {
    if (current === own) current = undefined
  }
  const asked = async <T>(
    ask: (store: RegistrationStore) => T | Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    signal?.throwIfAborted()
    const own = open()
    own.calls++
    try {
      return await whileWaited(own.store.then(ask), signal)
    } finally {
      if (signal?.aborted) drop(own)
      // Other calls may still get their answers, so the last of them ends the client.
      if (--own.calls === 0 && current !== own) void leave(own)
    }
  }
  return {
    load: (key, signal) => asked((store) => store.load(key, signal), signal),
    save: (key, value, expected, signal) => asked((store) => store.save(key, value, expected, signal), signal),
    changed: async (key, version, signal) => (await whileWaited(open().store, signal)).changed?.(key, version, signal),
    risks: async (signal) => (await asked((store) => store.risks?.(signal), signal)) ?? [],
    async close() {
      const own = current
      current = undefined
      if (own) await leave(own)
    },
  }
}

/** Ends a client, by force where it does not end in time. */
async function leave(opening: Opening): Promise<void> {
  const over = new AbortController()
  const late = setTimeout(() => over.abort(), leaveTime)
  const gently = async (): Promise<void> => {
    await (await opening.store).close?.()
    await opening.end()
  }
  try {
    await whileWaited(gently(), over.signal)
  } catch {
    // The client was never open, has ended before, or does not answer.
  } finally {
    clearTimeout(late)
    opening.destroy()
  }
}
