// One of many replicas, whose registration is in PostgreSQL: all start at once, one registers, and each has its client.
import { RegistrationManager } from '@registrant/node'
import { createTable, postgresStore } from '@registrant/node/postgres'
import pg from 'pg'

const { DATABASE_URL: connectionString, ISSUER: issuer = '', TOKEN: accessToken } = process.env

const pool = new pg.Pool({ connectionString, max: 3 })
await createTable(pool) // once for all: or by your migrations, with createTableSql()
const manager = new RegistrationManager({
  issuer,
  accessToken, // an initial access token, where the server wants one
  application: 'orders',
  metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
  store: postgresStore({ client: pool }),
})
const { client_id } = await manager.ensure()
console.log(client_id)

await manager.close()
await pool.end()
