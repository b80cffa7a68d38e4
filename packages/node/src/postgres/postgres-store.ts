import { StoreError } from '@registrant/core'
import type { RegistrationStore, StoredValue } from '@registrant/core'

import { Changes } from '../engine/changes.ts'
import { whileWaited } from '../engine/failure.ts'
import { demand } from '../engine/options.ts'
import { wordOf } from '../engine/session.ts'
import { bytesOf } from '../engine/value.ts'
import { requireClient, run } from './client.ts'
import type { PostgresClient } from './client.ts'
import { isRolledBack, postgresFailure } from './failure.ts'
import { openListener } from './listener.ts'
import { risksOf } from './risks.ts'
import { defaultTable, isName, quotedTable } from './table.ts'

/** How a {@link postgresStore} is made. */
export interface PostgresStoreOptions {
  /** A `Pool` or `Client` of `pg`, or the `sql` of `postgres`: of the primary server, and in no transaction of yours. */
  client: PostgresClient
  /** The table, `schema.table` where it is not in the search path; {@link createTable} makes it. Default: `registrant` */
  table?: string | undefined
  /** The channel of `NOTIFY` on which replicas tell each other of a save. Default: `registrant` */
  channel?: string | undefined
}

/** A PostgreSQL store, with the optional methods that it always has. */
export type PostgresStore = RegistrationStore & Required<Pick<RegistrationStore, 'changed' | 'risks' | 'close'>>

const longestChannel = 63
const tries = 5

/**
 * Keeps registrations in a table of PostgreSQL, for all replicas that share the database.
 *
 * A save is one statement, an `INSERT ... ON CONFLICT DO NOTHING` or an `UPDATE ... WHERE version`, in a transaction of its own:
 * so it works behind a transaction pooler, too. It is committed when it resolves; `risks()` says what the server, as it is
 * configured, may lose all the same.
 *
 * `changed` hears of a save by `LISTEN` while a caller waits: beside a `Pool` of `pg` in a connection of its own with the pool's
 * settings, in a `Client` of `pg` itself, and by `sql.listen()`. Where no session can be had, it reads the table now and then.
 *
 * This call opens, reads and makes nothing, and the client stays yours: end it after `close()` of store or manager.
 *
 * `load` and `save` throw `StoreError`: `store-denied` without the table, or rights to it; `store-unavailable` while the
 * database does not answer, or is a standby; `store-unknown` for a save whose answer was lost. No message holds a password or a
 * value.
 *
 * @throws {InvalidRequestError} `client` is no client of `pg` or `postgres`, or `table` or `channel` is no name
 * @see [INSERT](https://www.postgresql.org/docs/current/sql-insert.html),
 *   [NOTIFY](https://www.postgresql.org/docs/current/sql-notify.html)
 *
 * @example
 * ```ts
 * import { RegistrationManager } from '@registrant/node'
 * import { createTable, postgresStore } from '@registrant/node/postgres'
 * import { Pool } from 'pg'
 *
 * const client = new Pool({ connectionString: process.env['DATABASE_URL'] })
 * await createTable(client)
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://orders.example/callback'] },
 *   store: postgresStore({ client }),
 * })
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  const { client, table: name = defaultTable, channel = 'registrant' }: PostgresStoreOptions = Object(options)
  requireClient(client)
  const table = quotedTable(name)
  requireChannel(channel)

  const load = async (key: string, signal?: AbortSignal): Promise<StoredValue | undefined> => {
    signal?.throwIfAborted()
    const [row = []] = await whileWaited(
      asked('load', table, () => run(client, loadText(table), [key])),
      signal,
    )
    const [isStandby, value, version] = row
    if (isStandby !== 'false') throw standby(table)
    return typeof value === 'string' && typeof version === 'string' ? { value, version } : undefined
  }
  const changes = new Changes(
    async (key, signal) => (await load(key, signal))?.version,
    (heard, lost, signal) => openListener(client, channel, heard, lost, signal),
  )
  return {
    load,
    async save(key, value, expected, signal) {
      bytesOf(value)
      // No text of PostgreSQL may hold it.
      if (value.includes('\0')) throw new StoreError('store-denied', 'The value holds U+0000. Nothing was saved.')
      signal?.throwIfAborted()
      const version = crypto.randomUUID()
      const given = [key, value, version, channel, wordOf(key, version)]
      const text = expected === undefined ? insertText(table) : updateText(table)
      const values = expected === undefined ? given : [...given, expected]
      // A save that is sent can't be called back, so the caller hears what became of it.
      const saved = await asked('save', table, () => unlessRolledBack(() => run(client, text, values)))
      return saved.length === 1 && version
    },
    changed: (key, version, signal) => changes.changed(key, version, signal),
    risks: (signal) =>
      whileWaited(
        asked('load', table, () => risksOf(client, table)),
        signal,
      ),
    close: () => changes.close(),
  }
}

const loadText = (table: string): string =>
  `SELECT pg_is_in_recovery()::text, stored.value, stored.version FROM (SELECT) AS one LEFT JOIN ${table} AS stored ON stored.key = $1::text`

const insertText = (table: string): string =>
  `WITH saved AS (INSERT INTO ${table} (key, value, version) VALUES ($1::text, $2::text, $3::text)
  ON CONFLICT (key) DO NOTHING RETURNING version) SELECT version, pg_notify($4::text, $5::text) FROM saved`

const updateText = (table: string): string =>
  `WITH saved AS (UPDATE ${table} SET value = $2::text, version = $3::text, saved_at = now()
  WHERE key = $1::text AND version = $6::text RETURNING version) SELECT version, pg_notify($4::text, $5::text) FROM saved`

async function asked<T>(operation: 'load' | 'save', table: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw postgresFailure(error, operation, table)
  }
}

/** Tries again after a rollback: a database whose isolation is stricter than we need rolls back one of two concurrent saves. */
async function unlessRolledBack<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await work()
    } catch (error) {
      if (round === tries || !isRolledBack(error)) throw error
    }
  }
}

const requireChannel = (channel: string): void =>
  demand(['channel', isName(channel, longestChannel), `It must be a name of at most ${longestChannel} bytes`])

const standby = (table: string): StoreError =>
  new StoreError(
    'store-unavailable',
    `${table} was asked of a standby server, which may not have the newest save yet. Connect to the primary one ` +
      '(target_session_attrs=read-write).',
  )
