import { StoreError } from '@registrant/core'
import type { RegistrationStore, StoredValue } from '@registrant/core'

import { Changes } from '../engine/changes.ts'
import { whileWaited } from '../engine/failure.ts'
import { can, demand } from '../engine/options.ts'
import { openProven, wordOf } from '../engine/session.ts'
import { bytesOf } from '../engine/value.ts'
import { abortable, run } from './client.ts'
import type { RedisClient } from './client.ts'
import { redisFailure } from './failure.ts'
import { canWait, withReplicas } from './replicas.ts'
import { risksOf } from './risks.ts'
import { loadScript, publishScript, saveScript } from './scripts.ts'
import { subscribe } from './subscriber.ts'

/** How a {@link redisStore} is made. */
export interface RedisStoreOptions {
  /** A client, cluster, pool or sentinel of `redis` 5 or later that is connected, or a `Redis` or `Cluster` of `ioredis`. */
  client: RedisClient
  /** The beginning of the keys, and of the channel on which replicas tell each other of a save. Default: `registrant:` */
  prefix?: string | undefined
  /**
   * How many replicas of Redis must have a save before it is acknowledged (`WAIT`); a save waits for a second at most. The
   * connection does nothing else meanwhile, so give the store one of its own; a cluster, pool or sentinel can't wait. Default: 0
   */
  replicas?: number | undefined
}

/** A Redis store, with the optional methods that it always has. */
export type RedisStore = RegistrationStore & Required<Pick<RegistrationStore, 'changed' | 'risks' | 'close'>>

/**
 * Keeps registrations in Redis or Valkey, a hash for each, for all replicas that share the server or cluster.
 *
 * A save is one short script that compares the version and writes, so no other save comes in between; it needs Redis 5 or
 * later. A record has no time to live. `risks()` says what Redis, as it is configured, may lose: by default it keeps snapshots
 * alone, and does not wait for its replicas.
 *
 * `changed` hears of a save by a subscription, in a duplicate of the client that is connected while a caller waits. Where there
 * is none, it reads the key now and then.
 *
 * This call opens and reads nothing, and the client stays yours: close it after `close()` of store or manager.
 *
 * `load` and `save` throw `StoreError`: `store-denied` without the rights that they need; `store-unavailable` while Redis does
 * not answer, loads its data, or is a replica; `store-unknown` for a save whose answer was lost, that too few replicas are known
 * to have, or whose connection was lost before they were; `store-corrupt` with a `version` for a key that holds something else.
 * No message holds a password or a value.
 *
 * @throws {InvalidRequestError} `client` is no client of `redis` or `ioredis`, `prefix` is no text, `replicas` is no number
 *   from 0, or the client can't wait for any
 * @see [EVALSHA](https://redis.io/docs/latest/commands/evalsha/), [WAIT](https://redis.io/docs/latest/commands/wait/)
 *
 * @example
 * ```ts
 * import { RegistrationManager } from '@registrant/node'
 * import { redisStore } from '@registrant/node/redis'
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: process.env['REDIS_URL'] ?? 'redis://localhost' })
 * client.on('error', (error) => console.error(error))
 * await client.connect()
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://orders.example/callback'] },
 *   store: redisStore({ client }),
 * })
 * ```
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, prefix = 'registrant:', replicas = 0 }: RedisStoreOptions = Object(options)
  const isClient = can(client, 'evalSha') || can(client, 'evalsha')
  demand(
    ['client', isClient, 'It must be a client of redis 5 or later, or of ioredis'],
    ['prefix', typeof prefix === 'string', 'It must be a text'],
    ['replicas', Number.isInteger(replicas) && replicas >= 0, 'It must be a whole number from 0'],
  )
  const mayWait = replicas === 0 || canWait(client)
  demand(['replicas', mayWait, 'Only a single connection can wait for replicas: not a cluster, pool or sentinel'])
  const channel = `${prefix}saves`

  const load = async (key: string, signal?: AbortSignal): Promise<StoredValue | undefined> => {
    signal?.throwIfAborted()
    const name = prefix + key
    const loading = asked('load', name, () => run(abortable(client, signal), loadScript, name, []))
    return stored(name, await whileWaited(loading, signal))
  }
  const changes = new Changes(
    async (key, signal) => (await load(key, signal))?.version,
    (heard, lost, signal) =>
      openProven(
        heard,
        (told) => subscribe(client, channel, told, heard, lost, signal),
        (word) => run(client, publishScript, prefix, [channel, word]),
        signal,
      ),
  )
  return {
    load,
    async save(key, value, expected, signal) {
      bytesOf(value)
      signal?.throwIfAborted()
      const [name, version] = [prefix + key, crypto.randomUUID()]
      const values = [expected ?? '', value, version, channel, wordOf(key, version)]
      // A save that is sent can't be called back, so the caller hears what became of it.
      const send = async (): Promise<boolean> => {
        const saved = await asked('save', name, () => run(abortable(client, signal), saveScript, name, values))
        return String(saved) === '1'
      }
      return (await withReplicas(client, replicas, name, send)) && version
    },
    changed: (key, version, signal) => changes.changed(key, version, signal),
    risks: (signal) =>
      whileWaited(
        asked('load', prefix, () => risksOf(client, prefix, replicas)),
        signal,
      ),
    close: () => changes.close(),
  }
}

async function asked<T>(operation: 'load' | 'save', name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw error instanceof StoreError ? error : redisFailure(error, operation, name)
  }
}

/** The value that the load script found; `undefined`: none. */
function stored(name: string, answer: unknown): StoredValue | undefined {
  const [what, version = '', value = ''] = Array.isArray(answer) ? answer.map(String) : []
  if (what === 'found') return { value, version }
  if (what === 'absent') return undefined
  if (what === 'replica')
    throw new StoreError(
      'store-unavailable',
      `${name} was asked of a replica, which may not have the newest save yet. Connect to the primary server of Redis.`,
    )
  throw new StoreError(
    'store-corrupt',
    `The key ${name} of Redis holds something else than a registration. That is not taken for an absent registration. ` +
      'Bring it back from a backup, or choose another prefix; or recover() with what is known of the client, or forget() it.',
    { version },
  )
}
