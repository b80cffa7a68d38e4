import type * as net from 'node:net'
import { pathToFileURL } from 'node:url'

import type * as encrypted from '@registrant/core/encrypted-store'

import type * as kubernetes from '../kubernetes/index.ts'
import type * as postgres from '../postgres/index.ts'
import type * as redisEngine from '../redis/index.ts'

/** The default export of a configuration file that is a program. */
export async function loadProgram(path: string): Promise<unknown> {
  const module: { default?: unknown } = await import(pathToFileURL(path).href)
  if (module.default === undefined) throw new Error('it has no export default')
  return module.default
}

/** A pool of `pg`, which the application installs. */
export interface Pool extends postgres.PgClient {
  on(event: 'error', listener: () => void): unknown
  end(): Promise<void>
}

/** A client of `redis`, which the application installs. */
export interface Redis extends redisEngine.NodeRedisClient {
  on(event: 'error' | 'connect', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): void
}

// Names in variables, which no bundler follows: it would ask for a package that is not used.
const pg: string = 'pg'
const redis: string = 'redis'

export const loadPg = async (): Promise<{ Pool: new (options: object) => Pool }> => import(pg)
export const loadRedis = async (): Promise<{ createClient(options: object): Redis }> => import(redis)
export const loadNet = (): Promise<typeof net> => import('node:net')

// The code of a store is loaded only where that store is named.
export const loadPostgresStore = (): Promise<typeof postgres> => import('../postgres/index.ts')
export const loadRedisStore = (): Promise<typeof redisEngine> => import('../redis/index.ts')
export const loadKubernetesStore = (): Promise<typeof kubernetes> => import('../kubernetes/index.ts')
export const loadEncryptedStore = (): Promise<typeof encrypted> => import('@registrant/core/encrypted-store')
