import { StoreError } from '@registrant/core'

import { engineFailure } from '../engine/failure.ts'
import type { RedisClient } from './client.ts'

const longestWait = 1000

interface Waits {
  wait(replicas: number, ms: number): Promise<unknown>
  on(event: 'reconnecting', listener: () => void): unknown
}

/** Whether this client has a single connection: `WAIT` is about what its own connection has written. */
export const canWait = (client: RedisClient): client is RedisClient & Waits =>
  'wait' in client && 'on' in client && 'select' in client && !('nodes' in client) && !('slots' in client)

const losses = new WeakMap<object, number>()

/** How often a client has lost its connection. A client may serve many stores, and is listened to once. */
function lossesOf(client: RedisClient & Waits): number {
  const count = losses.get(client)
  if (count !== undefined) return count
  losses.set(client, 0)
  client.on('reconnecting', () => losses.set(client, lossesOf(client) + 1))
  return 0
}

/**
 * Makes a save and waits until so many replicas have it. On a new connection `WAIT` is about nothing that was written before,
 * and a client of `ioredis` sends it there again, maybe to another server: its answer counts on the connection of the save alone.
 *
 * @throws {StoreError} `store-unknown`: too few replicas have it, and a failover may take it back; or they could not be asked
 */
export async function withReplicas(
  client: RedisClient,
  replicas: number,
  name: string,
  save: () => Promise<boolean>,
): Promise<boolean> {
  if (replicas === 0 || !canWait(client)) return save()
  const before = lossesOf(client)
  if (!(await save())) return false
  let have: number
  try {
    have = Number(await client.wait(replicas, longestWait))
  } catch (error) {
    const doubt = `${name} was saved in Redis, and whether replicas have it could not be asked (WAIT). Load to see`
    throw engineFailure('store-unknown', doubt, error)
  }
  const doubt =
    have < replicas
      ? `${have} instead of ${replicas} replicas had it after ${longestWait} ms: a failover may take it back`
      : 'the connection was lost before replicas were known to have it: a failover may have taken it back'
  if (have < replicas || lossesOf(client) !== before)
    throw new StoreError('store-unknown', `${name} was saved in Redis, and ${doubt}. Load to see.`)
  return true
}
