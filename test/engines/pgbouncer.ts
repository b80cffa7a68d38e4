import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { Client } from 'pg'

import { engineAt, engineFolder, freePort, startDaemon } from './daemon.ts'
import { hasPostgres } from './postgres.ts'
import type { PostgresServer } from './postgres.ts'

/** Whether this machine has it. */
export const hasPgBouncer = hasPostgres && engineAt('PgBouncer') !== undefined

/** Starts PgBouncer before a server, with few connections of its own: each transaction takes whichever is free. */
export async function startPgBouncer(server: PostgresServer): Promise<{ url: string } & AsyncDisposable> {
  const program = engineAt('PgBouncer')
  if (program === undefined) throw new Error('This needs PgBouncer')
  const folder = await engineFolder()
  const port = await freePort()
  const settings = join(folder.path, 'pgbouncer.ini')
  const lines = [
    '[databases]',
    `postgres = host=127.0.0.1 port=${server.port} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 4',
    'max_client_conn = 400',
  ]
  await writeFile(settings, `${lines.join('\n')}\n`)
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const answers = async (): Promise<void> => {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    await client.end()
  }
  const daemon = await startDaemon(program, [settings], answers)
  return {
    url,
    async [Symbol.asyncDispose]() {
      await daemon.stop('SIGKILL')
      await folder[Symbol.asyncDispose]()
    },
  }
}
