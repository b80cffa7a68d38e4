import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { RegistrationStore, StoredValue } from '@registrant/node'

/** A synchronous store: the work of each method is done before the method returns. */
export function makeStore(directory: string): RegistrationStore {
  const database = new DatabaseSync(join(directory, 'records.sqlite'))
  database.exec('PRAGMA busy_timeout = 20000; PRAGMA journal_mode = WAL')
  database.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT, version TEXT)')
  const select = database.prepare('SELECT value, version FROM records WHERE key = ?')
  const insert = database.prepare('INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const update = database.prepare('UPDATE records SET value = ?, version = ? WHERE key = ? AND version = ?')
  const found = (key: string): StoredValue | undefined => {
    const row = select.get(key)
    return row && { value: String(row['value']), version: String(row['version']) }
  }
  return {
    load: (key) => Promise.resolve(found(key)),
    save(key, value, expected) {
      const version = crypto.randomUUID()
      const { changes } =
        expected === undefined ? insert.run(key, value, version) : update.run(value, version, key, expected)
      return Promise.resolve(Number(changes) === 1 && version)
    },
    close: () => Promise.resolve(database.close()),
  }
}
