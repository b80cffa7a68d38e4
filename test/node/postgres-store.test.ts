import { inspect } from 'node:util'

import { InvalidRequestError } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'
import { createTable, createTableSql, postgresStore } from '@registrant/node/postgres'
import type { PostgresClient } from '@registrant/node/postgres'
import { storeConformance } from '@registrant/node/testing'
import type { StoreDisturbance } from '@registrant/node/testing'
import { Client, Pool } from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { herd } from '../endurance/herd.ts'
import { startCutProxy } from '../engines/cut-proxy.ts'
import type { CutProxy } from '../engines/cut-proxy.ts'
import { freePort } from '../engines/daemon.ts'
import { hasPgBouncer, startPgBouncer } from '../engines/pgbouncer.ts'
import { hasPostgres, startPostgres } from '../engines/postgres.ts'
import type { PostgresServer } from '../engines/postgres.ts'
import { failure } from '../support/failure.ts'

describe.runIf(hasPostgres)('postgresStore', () => {
  let server: PostgresServer
  let pool: Pool
  beforeAll(async () => {
    server = await startPostgres()
    pool = new Pool({ connectionString: server.url })
    await createTable(pool)
  }, 60_000)
  afterAll(async () => {
    await pool.end()
    await server[Symbol.asyncDispose]()
  })

  describe('with a Pool of pg', () => {
    const store = (): ReturnType<typeof postgresStore> => postgresStore({ client: pool })
    for (const { name, run } of storeConformance(store)) test(name, run)
  })

  describe('with a Client of pg', () => {
    let client: Client
    beforeAll(async () => {
      client = new Client({ connectionString: server.url })
      await client.connect()
    })
    afterAll(() => client.end())
    for (const { name, run } of storeConformance(() => postgresStore({ client }))) test(name, run)
  })

  describe('with the sql of postgres', () => {
    let sql: postgres.Sql
    beforeAll(() => {
      sql = postgres(server.url, { transform: postgres.toPascal })
    })
    afterAll(() => sql.end())
    for (const { name, run } of storeConformance(() => postgresStore({ client: sql }))) test(name, run)
  })

  describe.runIf(hasPgBouncer)('behind PgBouncer, which pools transactions', () => {
    let bouncer: Awaited<ReturnType<typeof startPgBouncer>>
    const ends: (() => Promise<void>)[] = []
    beforeAll(async () => {
      bouncer = await startPgBouncer(server)
    }, 60_000)
    afterAll(async () => {
      for (const end of ends) await end()
      await bouncer[Symbol.asyncDispose]()
    })
    const behind = (make: (url: string) => { client: PostgresClient; end: () => Promise<void> }): RegistrationStore => {
      const { client, end } = make(bouncer.url)
      ends.push(end)
      return postgresStore({ client })
    }
    const pooled = (): RegistrationStore =>
      behind((connectionString) => {
        const client = new Pool({ connectionString })
        return { client, end: () => client.end() }
      })
    const bySql = (): RegistrationStore =>
      behind((url) => {
        const client = postgres(url)
        return { client, end: () => client.end() }
      })
    for (const { name, run } of storeConformance(pooled)) test(`pg: ${name}`, { timeout: 60_000 }, run)
    for (const { name, run } of storeConformance(bySql)) test(`postgres: ${name}`, { timeout: 60_000 }, run)

    test('ten that start at once make one client', { timeout: 120_000 }, async () => {
      const engine = { client: 'pg', url: bouncer.url } as const
      expect(await herd({ processes: 10, engine })).toMatchObject({ clients: 1, agree: 10, registrations: 1 })
    })
  })

  describe('through a proxy that cuts connections and delays answers', () => {
    let proxy: CutProxy
    const ends: (() => Promise<void>)[] = []
    const through = (): string => server.url.replace(String(server.port), String(proxy.port))
    beforeAll(async () => {
      proxy = await startCutProxy(server.port)
    })
    afterAll(async () => {
      for (const end of ends) await end()
      await proxy[Symbol.asyncDispose]()
    })
    const disturbance: StoreDisturbance = { cut: () => proxy.cut(), delay: (ms) => proxy.delay(ms) }
    const disturbed = (make: () => RegistrationStore): ReturnType<typeof storeConformance> =>
      storeConformance(make, disturbance).filter(({ name }) => /cut|late/.test(name))
    for (const { name, run } of disturbed(() => {
      const client = new Pool({ connectionString: through() })
      client.on('error', () => undefined)
      ends.push(() => client.end())
      return postgresStore({ client })
    }))
      test(`pg: ${name}`, { timeout: 60_000 }, run)
    for (const { name, run } of disturbed(() => {
      const client = postgres(through(), { fetch_types: false })
      ends.push(() => client.end({ timeout: 1 }))
      return postgresStore({ client })
    }))
      test(`postgres: ${name}`, { timeout: 60_000 }, run)
  })

  test.for<[what: string, hold: (proxy: CutProxy, client: Pool) => Promise<() => void>]>([
    [
      'whose server accepts it and says nothing',
      async (proxy) => {
        proxy.mute(1)
        return () => undefined
      },
    ],
    [
      'that waits for its own word, while the pool is busy',
      async (_, client) => {
        const held = await client.connect()
        return () => held.release()
      },
    ],
  ])('close() leaves no session %s', async ([, hold]) => {
    await using proxy = await startCutProxy(server.port)
    const connectionString = server.url.replace(String(server.port), String(proxy.port))
    const client = new Pool({ connectionString, max: 1, idleTimeoutMillis: 0 })
    const store = postgresStore({ client })
    const key = crypto.randomUUID()
    const version = String(await store.save(key, 'value', undefined))
    const release = await hold(proxy, client)
    const leaving = new AbortController()
    const waiting = store.changed(key, version, leaving.signal)
    await expect.poll(() => proxy.connections).toBe(2)
    leaving.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await store.close()
    await expect.poll(() => proxy.connections).toBe(1)
    release()
    await client.end()
  })

  test('keeps records in a table of another schema, made by SQL for migrations or by all replicas at once', async () => {
    await pool.query('CREATE SCHEMA "Our app"')
    const table = 'Our app.Client "registrations"'
    await Promise.all(Array.from({ length: 10 }, () => createTable(pool, { table })))
    await pool.query(createTableSql(table))
    const store = postgresStore({ client: pool, table })
    await store.save('orders', 'the record', undefined)
    const { rows } = await pool.query('SELECT key, value FROM "Our app"."Client ""registrations"""')
    expect(rows).toEqual([{ key: 'orders', value: 'the record' }])
  })

  test('a service that may not create tables starts where the table is there', async () => {
    await pool.query('CREATE ROLE "service" LOGIN; GRANT SELECT, INSERT, UPDATE ON registrant TO "service"')
    await using service = await connected(server.url.replace('postgres@', 'service@'))
    await createTable(service.client)
    expect(await postgresStore({ client: service.client }).load('service')).toBeUndefined()
    const denied = await failure(createTable(service.client, { table: 'another' }))
    expect(denied).toMatchObject({ code: 'store-denied', message: expect.stringContaining('permission denied') })
  })

  test('says that the table is missing, and which right', async () => {
    await pool.query('CREATE ROLE "reader" LOGIN; GRANT SELECT ON registrant TO "reader"')
    const missing = await failure(postgresStore({ client: pool, table: 'nowhere' }).load('orders'))
    expect(missing).toMatchObject({ code: 'store-denied', message: expect.stringContaining('createTable()') })
    await using reader = await connected(server.url.replace('postgres@', 'reader@'))
    const denied = await failure(postgresStore({ client: reader.client }).save('reader', 'value', undefined))
    expect(denied).toMatchObject({ code: 'store-denied', message: expect.stringContaining('permission denied') })
  })

  test('a save of which the database itself does not know whether it was made is unknown', async () => {
    await createTable(pool, { table: 'ambiguous' })
    await pool.query(`CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'result is ambiguous' USING ERRCODE = '40003'; END $$`)
    await pool.query('CREATE TRIGGER doubts BEFORE INSERT ON ambiguous EXECUTE FUNCTION doubt()')
    const error = await failure(postgresStore({ client: pool, table: 'ambiguous' }).save('orders', 'value', undefined))
    expect(error).toMatchObject({ code: 'store-unknown', message: expect.stringContaining('result is ambiguous') })
  })

  test('a database that keeps no transaction from another one’s sight loses no save either', async () => {
    await pool.query('CREATE DATABASE strict')
    await pool.query("ALTER DATABASE strict SET default_transaction_isolation = 'serializable'")
    const strict = new Pool({ connectionString: server.url.replace(/postgres$/, 'strict') })
    await createTable(strict)
    const store = postgresStore({ client: strict })
    let sum = await store.save('orders', '0', undefined)
    const add = async (): Promise<void> => {
      for (let added = 0; added < 5;) {
        const found = await store.load('orders')
        sum = await store.save('orders', String(Number(found?.value) + 1), found?.version)
        if (sum !== false) added++
      }
    }
    await Promise.all(Array.from({ length: 6 }, add))
    expect((await store.load('orders'))?.value).toBe('30')
    await strict.end()
  })

  test('says what may be lost, as the server is configured', async () => {
    expect(await postgresStore({ client: pool }).risks()).toEqual([])
    await pool.query('CREATE UNLOGGED TABLE fast (LIKE registrant INCLUDING ALL); CREATE ROLE hasty LOGIN SUPERUSER')
    await pool.query('ALTER ROLE hasty SET synchronous_commit = off')
    await using hasty = await connected(server.url.replace('postgres@', 'hasty@'))
    const risks = await postgresStore({ client: hasty.client, table: 'fast' }).risks()
    expect(risks.map(({ rule }) => rule)).toEqual(['saves-not-flushed', 'table-not-logged'])
    expect(risks[0]?.message).toContain('synchronous_commit')
  })

  test('a standby server is unavailable, and a primary server that is not waited for is a risk', async () => {
    await using own = await startPostgres({ fsync: 'off', full_page_writes: 'off' })
    const primary = new Pool({ connectionString: own.url })
    await createTable(primary)
    await using standby = await startPostgres({}, own.port)
    const reader = new Pool({ connectionString: standby.url })
    const store = postgresStore({ client: reader })
    expect(await failure(store.load('any'))).toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('standby'),
    })
    expect((await failure(store.save('any', 'value', undefined))).code).toBe('store-unavailable')
    await reader.end()
    await expect
      .poll(async () => (await postgresStore({ client: primary }).risks()).map(({ rule }) => rule), { timeout: 20_000 })
      .toEqual(['saves-not-flushed', 'saves-not-flushed', 'replica-may-lag'])
    await primary.end()
  }, 60_000)

  test('a value that PostgreSQL can’t keep is denied, and nothing of it is said', async () => {
    const store = postgresStore({ client: pool })
    for (const value of ['a secret \0', 'a secret \uD800', 'a secret'.repeat(20_000)]) {
      const error = await failure(store.save('odd', value, undefined))
      expect(error.code).toBe('store-denied')
      expect(inspect(error)).not.toContain('a secret')
    }
    expect(await store.load('odd')).toBeUndefined()
  })

  test('a server that is down is unavailable, and no message holds its password', async () => {
    const connectionString = `postgres://postgres:pass-word@127.0.0.1:${await freePort()}/postgres`
    const clients = [new Pool({ connectionString }), postgres(connectionString, { backoff: () => 0 })]
    for (const client of clients) {
      const store = postgresStore({ client })
      for (const call of [store.load('orders'), store.save('orders', 'a secret', undefined)]) {
        const error = await failure(call)
        expect(error).toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('ECONNREFUSED') })
        expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/pass-word|a secret/)
      }
    }
    await Promise.all(clients.map((client) => client.end()))
  })

  test.for<[wrong: string, options: { table?: string; channel?: string }]>([
    ['a table without a name', { table: '' }],
    ['a table of two schemas', { table: 'a.b.c' }],
    ['a table whose name PostgreSQL would cut off', { table: 'x'.repeat(64) }],
    ['a channel without a name', { channel: '' }],
  ])('refuses %s', ([, options]) => {
    expect(() => postgresStore({ client: pool, ...options })).toThrow(InvalidRequestError)
  })
})

/** A connection of pg that is closed at the end. */
async function connected(
  connectionString: string,
): Promise<{ client: Client; [Symbol.asyncDispose](): Promise<void> }> {
  const client = new Client({ connectionString })
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}
