import { can, demand } from '../engine/options.ts'

/** A `Pool` or `Client` of `pg`, as far as it is used here. */
export interface PgClient {
  query(config: { text: string; values: unknown[]; rowMode: 'array' }): Promise<{ rows: unknown[][] }>
}

/** The `sql` of `postgres`, as far as it is used here. */
export interface PostgresSql {
  unsafe(text: string, values: string[], options: { prepare: false }): { values(): PromiseLike<readonly unknown[][]> }
  listen(
    channel: string,
    heard: (payload: string) => void,
    opened: () => void,
  ): PromiseLike<{ unlisten(): Promise<void> }>
}

/** A client of `pg` or `postgres` that runs statements; the two are told apart by their methods. */
export type PostgresClient = PgClient | PostgresSql

/** @throws {InvalidRequestError} `client` is no client of `pg` or `postgres` */
export const requireClient = (client: unknown): void =>
  demand([
    'client',
    can(client, 'query') || can(client, 'unsafe'),
    'It must be a Pool or Client of pg, or the sql of postgres',
  ])

export const isSql = (client: PostgresClient): client is PostgresSql => 'unsafe' in client

/**
 * Runs one statement in a transaction of its own. A row is an array by position, whatever the client makes of names. No
 * prepared statement is named, so any pooler will do.
 */
export async function run(client: PostgresClient, text: string, values: string[] = []): Promise<readonly unknown[][]> {
  if (isSql(client)) return client.unsafe(text, values, { prepare: false }).values()
  const ask = async (): Promise<readonly unknown[][]> => (await client.query({ text, values, rowMode: 'array' })).rows
  return isConnection(client) && !('totalCount' in client) ? inTurn(client, ask) : ask()
}

/** A connection of `pg`. */
export interface Connection extends PgClient {
  on(event: string, listener: (given: unknown) => void): unknown
  off(event: string, listener: (given: unknown) => void): unknown
  connect(): Promise<unknown>
  end(): Promise<void>
  /** What sends and receives; a native client has none. */
  readonly connection?: { readonly stream: { destroy(): unknown } }
}

/** Whether this is a connection, or a pool, which is asked for first. */
export const isConnection = (client: PgClient): client is Connection =>
  'on' in client && 'off' in client && 'end' in client

const turns = new WeakMap<object, Promise<unknown>>()

/**
 * Runs one statement at a time, as a single connection of `pg` wants it. A pool sees to that itself, and so does whatever else
 * has the method `query`: behind it there may be a pool, of which one connection that is never answered stops no other.
 */
function inTurn<T>(client: object, ask: () => Promise<T>): Promise<T> {
  const turn = (turns.get(client) ?? Promise.resolve()).then(ask, ask)
  turns.set(
    client,
    turn.catch(() => undefined),
  )
  return turn
}
