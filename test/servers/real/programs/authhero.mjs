// authhero over SQLite in memory, with one tenant that lets everybody register clients.
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'

import { getRequestListener } from '@hono/node-server'
import createAdapters, { migrateToLatest } from '@authhero/kysely-adapter'
import { init, seed } from 'authhero'
import { Kysely, SqliteDialect } from 'kysely'

import { listen, operator, ready } from './operator.mjs'

/** SQLite of Node, in the form that Kysely wants. */
const sqlite = new DatabaseSync(':memory:')
const plain = (value) => {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) return JSON.stringify(value)
  return value ?? null
}
/** The newest adapter is older than the server: a column that it lacks is added when a statement names it. */
function prepared(sql) {
  for (let missing = 0; missing < 50; missing++) {
    try {
      return sqlite.prepare(sql)
    } catch (error) {
      const column = /no such column: (?:\w+\.)?(\w+)|has no column named (\w+)/.exec(error.message)
      const table = /(?:update|into|from) "(\w+)"/.exec(sql)
      if (column === null || table === null) throw error
      sqlite.exec(`alter table "${table[1]}" add column "${column[1] ?? column[2]}"`)
    }
  }
  throw new Error(`too many columns are missing: ${sql}`)
}

const database = {
  close: () => sqlite.close(),
  prepare(sql) {
    const statement = prepared(sql)
    return {
      reader: /^\s*(select|with|pragma)|returning/i.test(sql),
      all: (parameters) => statement.all(...parameters.map(plain)),
      run: (parameters) => statement.run(...parameters.map(plain)),
      *iterate(parameters) {
        yield* statement.iterate(...parameters.map(plain))
      },
    }
  },
}

let listener
const server = createServer((request, response) => listener(request, response))
const base = await listen(server)
const db = new Kysely({ dialect: new SqliteDialect({ database }) })
const log = console.log
console.log = () => {}
await migrateToLatest(db, false)
const tokens = new Map()
const listOf = (tenant, client) =>
  [...tokens.values()].filter((it) => it.tenant_id === tenant && it.client_id === client)
const dataAdapter = {
  ...createAdapters(db),
  // The adapter has no table for the tokens of registrations either, and its transactions would not know of this map.
  transaction: (work) => work(dataAdapter),
  clientRegistrationTokens: {
    create: async (tenant_id, token) => {
      const made = { id: crypto.randomUUID(), created_at: new Date().toISOString(), ...token, tenant_id }
      tokens.set(made.id, made)
      return made
    },
    get: async (_, id) => tokens.get(id) ?? null,
    getByHash: async (_, hash) => [...tokens.values()].find((it) => it.token_hash === hash) ?? null,
    listByClient: async (tenant, client) => listOf(tenant, client),
    markUsed: async (_, id, used_at) => Boolean(Object.assign(tokens.get(id) ?? {}, { used_at })),
    revoke: async (_, id, revoked_at) => Boolean(Object.assign(tokens.get(id) ?? {}, { revoked_at })),
    revokeByClient: async (tenant, client, revoked_at) =>
      listOf(tenant, client).map((it) => Object.assign(it, { revoked_at })).length,
    remove: async (_, id) => tokens.delete(id),
  },
}
await seed(dataAdapter, {
  adminUsername: 'admin',
  adminEmail: 'admin@example.com',
  adminPassword: 'admin-Password-1',
  tenantId: 'main',
})
const tenant = await dataAdapter.tenants.get('main')
await dataAdapter.tenants.update('main', {
  flags: { ...tenant?.flags, enable_dynamic_client_registration: true, dcr_require_initial_access_token: false },
})
const { app } = init({ dataAdapter })
const env = {
  data: dataAdapter,
  ISSUER: `${base}/`,
  AUTH_URL: base,
  ENVIRONMENT: 'test',
  ORGANIZATION_NAME: 'test',
  JWKS_CACHE_TIMEOUT_IN_SECONDS: 60,
}
listener = getRequestListener((request) => app.fetch(request, env, { waitUntil() {}, passThroughOnException() {} }))
console.log = log

ready({
  issuer: `${base}/`,
  operator: await operator({
    forget: (id) => dataAdapter.clients.remove('main', id),
    newSecret: async (id) => {
      const secret = crypto.randomUUID()
      await dataAdapter.clients.update('main', id, { client_secret: secret })
      return secret
    },
  }),
})
