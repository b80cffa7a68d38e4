import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { Client } from 'pg'

import { engineAt, engineFolder, freePort, runAsUser, startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'

/** Whether this machine has it. */
export const hasPostgres = engineAt('PostgreSQL') !== undefined

/** A PostgreSQL of a test's own, whose user `postgres` needs no password. */
export interface PostgresServer {
  readonly port: number
  readonly url: string
  /** Kills every process of it at once, as a power failure would. */
  kill(): Promise<void>
  /** Starts it again, with the data that it has. */
  start(): Promise<void>
  /** Makes a standby the primary server. */
  promote(): Promise<void>
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts PostgreSQL with a new database, or as a standby of the one at a port that it follows; `settings` as in `postgresql.conf`.
 */
export async function startPostgres(
  settings: Record<string, string | number> = {},
  follows?: number,
): Promise<PostgresServer> {
  const program = engineAt('PostgreSQL')
  if (program === undefined) throw new Error('This needs PostgreSQL')
  const folder = await engineFolder()
  const data = join(folder.path, 'data')
  const port = await freePort()
  // Its own folder has what else is needed.
  const tools = dirname(await realpath(program))
  const login = ['-U', 'postgres']
  if (follows === undefined)
    await runAsUser(join(tools, 'initdb'), [
      '-D',
      data,
      ...login,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-locale',
      '--no-sync',
    ])
  else
    await runAsUser(join(tools, 'pg_basebackup'), [
      '-D',
      data,
      ...login,
      '-h',
      '127.0.0.1',
      '-p',
      String(follows),
      '-R',
      '-c',
      'fast',
      '--no-sync',
    ])
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path,
    max_connections: 400,
    shared_buffers: '32MB',
    ...settings,
  }
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  let daemon: Daemon | undefined
  const start = async (): Promise<void> => void (daemon = await startDaemon(program, args, () => ask(url, 'SELECT 1')))
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await daemon?.stop(signal)
    daemon = undefined
  }
  await start()
  return {
    port,
    url,
    // The others end by themselves when the first process is gone.
    kill: () => end('SIGKILL'),
    start,
    promote: async () => void (await ask(url, 'SELECT pg_promote()')),
    stop: () => end('SIGINT'),
    async [Symbol.asyncDispose]() {
      if (daemon) await untilLeft(url)
      await end('SIGINT')
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Waits until other clients have left: a `Pool` of pg that was ended would take the server's goodbye for a failure. */
async function untilLeft(url: string): Promise<void> {
  const others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
  for (let looks = 0; looks < 50 && (await ask(url, others)) > 0; looks++) await pause(20)
}

/** Runs a statement; resolves to the number of its rows. */
async function ask(connectionString: string, text: string): Promise<number> {
  const client = new Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  const { rowCount } = await client.query(text)
  await client.end()
  return rowCount ?? 0
}
