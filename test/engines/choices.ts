import { setTimeout as pause } from 'node:timers/promises'

import { createTable } from '@registrant/node/postgres'
import { Pool } from 'pg'

import type { EngineChoice } from '../starters/engine.ts'
import { startPostgres } from './postgres.ts'
import type { PostgresServer } from './postgres.ts'
import { startRedis } from './redis.ts'
import type { RedisServer } from './redis.ts'

/** The engines that tests run, and the clients of each: the client that costs a start less comes first. */
export const clientsOf = { postgres: ['pg', 'postgres'], redis: ['ioredis', 'redis'] } as const

export type EngineName = keyof typeof clientsOf

/** An engine that is ready for a store. */
export type RunningEngine = PostgresServer | RedisServer

/** Starts an engine, with all that a store needs. */
export async function startEngine(name: EngineName): Promise<RunningEngine> {
  if (name === 'redis') return startRedis()
  const server = await startPostgres()
  const pool = new Pool({ connectionString: server.url })
  await createTable(pool)
  await pool.end()
  return server
}

/** Starts a replica of the engine at a port, and waits until it has all data. */
export async function startReplica(name: EngineName, port: number): Promise<RunningEngine> {
  if (name === 'postgres') return startPostgres({}, port)
  const replica = await startRedis({ replicaof: `127.0.0.1 ${port}` })
  for (let looks = 0; looks < 600; looks++) {
    if ((await replica.ask('INFO', 'replication')).includes('master_link_status:up')) return replica
    await pause(50)
  }
  throw new Error('A replica does not follow')
}

/** The clients of an engine by turns: `turn` chooses one. */
export function choiceOf(name: EngineName, url: string, turn: number): EngineChoice {
  const clients = clientsOf[name]
  return { client: clients[turn % clients.length] ?? clients[0], url }
}
