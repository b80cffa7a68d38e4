import type { Heard, Session } from '../engine/changes.ts'
import { openProven } from '../engine/session.ts'
import { isConnection, isSql, run } from './client.ts'
import type { Connection, PgClient, PostgresClient, PostgresSql } from './client.ts'
import { quoted } from './table.ts'

/** A pool of `pg`, which names the class of its connections. */
interface Pool extends PgClient {
  readonly Client: new (options: object) => Connection
  readonly options: object
}

/**
 * Opens a session that hears of saves; `undefined` where none can be had: a transaction pooler accepts `LISTEN`, and nothing is
 * ever heard.
 */
export function openListener(
  client: PostgresClient,
  channel: string,
  heard: Heard,
  lost: () => void,
  signal: AbortSignal,
): Promise<Session | undefined> {
  return openProven(
    heard,
    (told) => listen(client, channel, told, heard, lost, signal),
    (word) => run(client, 'SELECT pg_notify($1::text, $2::text)', [channel, word]),
    signal,
  )
}

type Told = (payload: unknown) => void

async function listen(
  client: PostgresClient,
  channel: string,
  told: Told,
  heard: Heard,
  lost: () => void,
  signal: AbortSignal,
): Promise<Session | undefined> {
  if (isSql(client)) return listenBySql(client, channel, told, heard)
  if (isPool(client)) {
    const connection = new client.Client(client.options)
    // A failing connection must not end the process; its `end` event tells that it is lost.
    connection.on('error', () => undefined)
    // A server that accepts and says nothing would keep the connection, and so the process, for ever; `end()` waits for it.
    signal.addEventListener('abort', () => void connection.connection?.stream.destroy(), { once: true })
    await connection.connect()
    return listenIn(connection, channel, told, lost, () => connection.end())
  }
  if (isConnection(client)) return listenIn(client, channel, told, lost, () => unlisten(client, channel))
  return undefined
}

/** `sql.listen()` opens a connection of its own, and opens it again when it is lost. */
async function listenBySql(sql: PostgresSql, channel: string, told: Told, heard: Heard): Promise<Session> {
  let openings = 0
  const listening = await sql.listen(channel, told, () => {
    if (openings++ > 0) heard()
  })
  return { close: () => listening.unlisten() }
}

async function listenIn(
  connection: Connection,
  channel: string,
  told: Told,
  lost: () => void,
  end: () => Promise<unknown>,
): Promise<Session> {
  const notified = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || Reflect.get(message, 'channel') !== channel) return
    told(Reflect.get(message, 'payload'))
  }
  const leave = (): void => {
    connection.off('notification', notified)
    connection.off('end', lost)
  }
  connection.on('notification', notified)
  connection.on('end', lost)
  try {
    await run(connection, `LISTEN ${quoted(channel)}`)
  } catch (error) {
    leave()
    await end().catch(() => undefined)
    throw error
  }
  return {
    async close() {
      leave()
      await end()
    },
  }
}

const unlisten = (connection: PgClient, channel: string): Promise<unknown> =>
  run(connection, `UNLISTEN ${quoted(channel)}`)

const isPool = (client: PgClient): client is Pool => 'Client' in client && 'options' in client && 'totalCount' in client
