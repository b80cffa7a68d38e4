import { createHash } from 'node:crypto'

import { memberOf } from '../engine/failure.ts'

/** A client, cluster, pool or sentinel of `redis`, version 5 or later, as far as it is used here. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** A `Redis` or `Cluster` of `ioredis`, as far as it is used here. */
export interface IoRedisClient {
  evalsha(sha: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** A client of `redis` or `ioredis` that runs scripts; the two are told apart by their methods. */
export type RedisClient = NodeRedisClient | IoRedisClient

/** A script that the server knows by its digest, once it has seen it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export const scriptOf = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') })

export const isNodeRedis = (client: RedisClient): client is NodeRedisClient => 'evalSha' in client

/** Runs a script of one key: by its digest, and whole where the server does not know it, as after a restart. */
export async function run(client: RedisClient, { text, sha }: Script, key: string, values: string[]): Promise<unknown> {
  const [byDigest, whole] = isNodeRedis(client)
    ? [
        () => client.evalSha(sha, { keys: [key], arguments: values }),
        () => client.eval(text, { keys: [key], arguments: values }),
      ]
    : [() => client.evalsha(sha, 1, key, ...values), () => client.eval(text, 1, key, ...values)]
  try {
    return await byDigest()
  } catch (error) {
    if (!memberOf(error, 'message')?.startsWith('NOSCRIPT')) throw error
    return whole()
  }
}

/** A client of `redis` that drops an unsent command when the signal aborts; any other client as it is. */
export function abortable(client: RedisClient, signal: AbortSignal | undefined): RedisClient {
  return signal && hasAbortSignal(client) ? client.withAbortSignal(signal) : client
}

const hasAbortSignal = (
  client: RedisClient,
): client is RedisClient & { withAbortSignal(signal: AbortSignal): RedisClient } => 'withAbortSignal' in client
