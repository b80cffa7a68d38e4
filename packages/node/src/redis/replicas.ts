import { StoreError } from '@registrant/core'

import { engineFailure } from '../engine/failure.ts'
import type { RedisClient } from './client.ts'

const longestWait = 1000

type Waits = (replicas: number, ms: number) => Promise<unknown>

/** Whether this client has a single connection: `WAIT` is about what its own connection has written. */
export const canWait = (client: RedisClient): client is RedisClient & { wait: Waits } =>
  'wait' in client && 'select' in client && !('nodes' in client) && !('slots' in client)

/**
 * Waits until so many replicas have what was written last.
 *
 * @throws {StoreError} `store-unknown`: too few replicas have it, and a failover may take it back; or they could not be asked
 */
export async function waitForReplicas(client: RedisClient, replicas: number, name: string): Promise<void> {
  if (!canWait(client)) return
  let have: number
  try {
    have = Number(await client.wait(replicas, longestWait))
  } catch (error) {
    const doubt = `${name} was saved in Redis, and whether replicas have it could not be asked (WAIT). Load to see`
    throw engineFailure('store-unknown', doubt, error)
  }
  if (have >= replicas) return
  throw new StoreError(
    'store-unknown',
    `${name} was saved in Redis, and ${have} instead of ${replicas} replicas had it after ${longestWait} ms: a failover may ` +
      'take it back. Load to see.',
  )
}
