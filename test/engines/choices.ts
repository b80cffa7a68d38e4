import { createTable } from '@registrant/node/postgres'
import { Pool } from 'pg'

import type { EngineChoice } from '../starters/engine.ts'
import { startPostgres } from './postgres.ts'
import type { PostgresServer } from './postgres.ts'
import { startRedis } from './redis.ts'
import type { RedisServer } from './redis.ts'

/** The engines that are run here, and the clients of each. */
export const clientsOf = { postgres: ['pg', 'postgres'], redis: ['redis', 'ioredis'] } as const

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

/** One of an engine's clients after the other. */
export function choiceOf(name: EngineName, url: string, turn: number): EngineChoice {
  const clients = clientsOf[name]
  return { client: clients[turn % clients.length] ?? clients[0], url }
}
