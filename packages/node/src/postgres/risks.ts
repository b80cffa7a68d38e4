import type { StoreRisk } from '@registrant/core'

import { run } from './client.ts'
import type { PostgresClient } from './client.ts'

const text = `SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
  current_setting('synchronous_standby_names'), (SELECT count(*)::int FROM pg_stat_replication),
  (SELECT relpersistence::text FROM pg_class WHERE oid = to_regclass($1::text))`

/** What this server, as it is configured, may lose of what it acknowledged. */
export async function risksOf(client: PostgresClient, table: string): Promise<StoreRisk[]> {
  const [row = []] = await run(client, text, [table])
  const [commit, fsync, pages, standbys, replicas, persistence] = row.map(String)
  const unflushed = [
    ...(commit === 'off' ? ['synchronous_commit'] : []),
    ...(fsync === 'off' ? ['fsync'] : []),
    ...(pages === 'off' ? ['full_page_writes'] : []),
  ]
  return [
    ...unflushed.map((setting) => notFlushed(setting)),
    ...(persistence === 'u' ? [notLogged(table)] : []),
    ...(Number(replicas) > 0 && (standbys === '' || commit === 'local') ? [replicaBehind] : []),
  ]
}

const notFlushed = (setting: string): StoreRisk => ({
  rule: 'saves-not-flushed',
  message:
    `${setting} is off in PostgreSQL: a crash of the server may take back the last saves that were acknowledged. ` +
    `Set it to on, for the role or the database of this service at least.`,
})

const notLogged = (table: string): StoreRisk => ({
  rule: 'table-not-logged',
  message:
    `The table ${table} is unlogged: a crash of PostgreSQL empties it, and a standby server does not have it. ` +
    `ALTER TABLE ${table} SET LOGGED.`,
})

const replicaBehind: StoreRisk = {
  rule: 'replica-may-lag',
  message:
    'Standby servers follow PostgreSQL without being waited for (synchronous_standby_names is empty, or ' +
    'synchronous_commit is local): a failover to one may take back the last saves that were acknowledged. ' +
    'Name a synchronous standby.',
}
