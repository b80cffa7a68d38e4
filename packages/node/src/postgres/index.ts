export type { PgClient, PostgresClient, PostgresSql } from './client.ts'
export { postgresStore } from './postgres-store.ts'
export type { PostgresStore, PostgresStoreOptions } from './postgres-store.ts'
export { createTable, createTableSql } from './table.ts'
