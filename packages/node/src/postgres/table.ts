import { engineFailure, memberOf, original } from '../engine/failure.ts'
import { demand } from '../engine/options.ts'
import { requireClient, run } from './client.ts'
import type { PostgresClient } from './client.ts'

export const defaultTable = 'registrant'

/** Bytes of the longest name: PostgreSQL cuts a longer one off, and what is left may be another table's. */
const longestName = 63

/**
 * The name of a table as SQL says it: `table` or `schema.table`, each part as it is written.
 *
 * @throws {InvalidRequestError} `table` is no such name
 */
export function quotedTable(table: string): string {
  const parts = typeof table === 'string' ? table.split('.') : []
  const isTable = parts.length > 0 && parts.length <= 2 && parts.every((part) => isName(part, longestName))
  const message = `It must be a name, or a schema's name, a dot and a name, of at most ${longestName} bytes each`
  demand(['table', isTable, message])
  return parts.map(quoted).join('.')
}

/** Whether PostgreSQL takes this as a name, and whole. */
export const isName = (name: unknown, longest: number): boolean =>
  typeof name === 'string' && name !== '' && Buffer.byteLength(name) <= longest && !name.includes('\0')

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * The SQL that makes the table of {@link postgresStore}, for migrations.
 *
 * It makes nothing where the table is there already. The store needs `SELECT`, `INSERT` and `UPDATE` on it, and nothing else.
 *
 * @param table its name, `schema.table` where it is not in the search path. Default: `registrant`
 * @throws {InvalidRequestError} `table` is no such name
 * @see [CREATE TABLE](https://www.postgresql.org/docs/current/sql-createtable.html)
 *
 * @example
 * ```ts
 * import { createTableSql } from '@registrant/node/postgres'
 *
 * console.log(createTableSql('app.registrations'))
 * ```
 */
export function createTableSql(table: string = defaultTable): string {
  return `CREATE TABLE IF NOT EXISTS ${quotedTable(table)} (
  key text COLLATE "C" PRIMARY KEY,
  value text NOT NULL,
  version text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now()
);
`
}

/** Codes where two processes make the same table at once: the table, its type or its place in the catalogue exists. */
const madeByAnother = new Set(['23505', '42P07', '42710'])

/**
 * Makes the table of {@link postgresStore}, unless it is there. All replicas may call it at their start.
 *
 * @param client a `Pool` or `Client` of `pg`, or the `sql` of `postgres`, whose user may create tables where it is not there
 * @param options.table its name, `schema.table` where it is not in the search path. Default: `registrant`
 * @throws {InvalidRequestError} `client` is none, or `table` is no such name
 * @throws {StoreError} `store-denied`: the user may not make the table; `store-unavailable`: the database does not answer
 *
 * @example
 * ```ts
 * import { createTable } from '@registrant/node/postgres'
 * import { Pool } from 'pg'
 *
 * await createTable(new Pool({ connectionString: process.env['DATABASE_URL'] }))
 * ```
 */
export async function createTable(client: PostgresClient, options?: { table?: string | undefined }): Promise<void> {
  const { table = defaultTable }: { table?: string | undefined } = Object(options)
  requireClient(client)
  const text = createTableSql(table)
  try {
    // A user who may not create tables is denied CREATE TABLE IF NOT EXISTS, too, even where the table exists.
    const [[found] = []] = await run(client, 'SELECT to_regclass($1::text)::text', [quotedTable(table)])
    if (typeof found !== 'string') await run(client, text)
  } catch (error) {
    const code = memberOf(original(error), 'code')
    if (code !== undefined && madeByAnother.has(code)) return
    const isDenied = code !== undefined && /^(?:28|42|3D|3F)/.test(code)
    throw engineFailure(isDenied ? 'store-denied' : 'store-unavailable', 'The table could not be made', error)
  }
}
