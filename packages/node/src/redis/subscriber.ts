import type { Heard, Session } from '../engine/changes.ts'
import { isNodeRedis } from './client.ts'
import type { RedisClient } from './client.ts'

/** What the duplicates of both clients have in common. */
interface Twin {
  on(event: string, listener: (...given: unknown[]) => void): unknown
}

/** A duplicate of a client, cluster or sentinel of `redis`. */
interface NodeRedisTwin extends Twin {
  connect(): Promise<unknown>
  subscribe(channel: string, heard: (message: string) => void): Promise<unknown>
  destroy(): unknown
}

/** A duplicate of a client or cluster of `ioredis`. */
interface IoRedisTwin extends Twin {
  subscribe(channel: string): Promise<unknown>
  disconnect(): void
}

type Told = (word: unknown) => void

/**
 * Subscribes to a channel by a duplicate of a client, which subscribes again by itself when its connection was lost;
 * `undefined` where the client can't be duplicated or subscribe, as a pool.
 */
export async function subscribe(
  client: RedisClient,
  channel: string,
  told: Told,
  heard: Heard,
  lost: () => void,
  signal: AbortSignal,
): Promise<Session | undefined> {
  if (!canDuplicate(client)) return undefined
  const twin = client.duplicate()
  // The client tries again by itself what fails; its `end` event tells that it gave up.
  twin.on('error', () => undefined)
  const session = { close: async () => leave(twin) }
  // A server that accepts and says nothing would keep the duplicate, and so the process, for ever.
  signal.addEventListener('abort', () => void leave(twin))
  try {
    if (isNodeRedisTwin(twin)) {
      await twin.connect()
      await twin.subscribe(channel, told)
    } else if (isIoRedisTwin(twin) && !isNodeRedis(client)) {
      twin.on('message', (_, message) => told(message))
      await twin.subscribe(channel)
    } else return undefined
  } catch (error) {
    await session.close()
    throw error
  }
  // Messages that were sent while there was no connection were not heard.
  twin.on('ready', () => heard())
  twin.on('end', lost)
  return session
}

async function leave(twin: Twin): Promise<void> {
  try {
    if (isIoRedisTwin(twin)) twin.disconnect()
    else if (isNodeRedisTwin(twin)) await twin.destroy()
  } catch {
    // The duplicate was never connected, or has ended.
  }
}

const canDuplicate = (client: RedisClient): client is RedisClient & { duplicate(): Twin } => 'duplicate' in client

const isNodeRedisTwin = (twin: Twin): twin is NodeRedisTwin =>
  'connect' in twin && 'subscribe' in twin && 'destroy' in twin && 'sUnsubscribe' in twin

const isIoRedisTwin = (twin: Twin): twin is IoRedisTwin =>
  'subscribe' in twin && 'disconnect' in twin && 'sunsubscribe' in twin
