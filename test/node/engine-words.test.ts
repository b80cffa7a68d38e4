import { inspect } from 'node:util'

import { postgresStore } from '@registrant/node/postgres'
import { redisStore } from '@registrant/node/redis'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const secret = 'pass-word'
const record = JSON.stringify({ client_secret: secret, padding: 'x'.repeat(200) })
const said = (message: string, members: object = {}): Error => Object.assign(new Error(message), members)

// A password with a `/` or an `@` that was not escaped makes a part of it the name of a host.
test.for<[what: string, thrown: unknown]>([
  ['a host that nobody knows', said(`getaddrinfo ENOTFOUND ${secret}`, { code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
  [
    'a host that does not answer',
    said(`write CONNECT_TIMEOUT ${secret}:5432`, { code: 'CONNECT_TIMEOUT', address: secret, port: 5432 }),
  ],
  [
    'several addresses',
    new AggregateError([said(`connect ENOENT ${secret}`, { code: 'ENOENT', syscall: 'connect', address: secret })]),
  ],
  ['an address with its password', said(`no server at postgres://orders:${secret}@db.example/orders`)],
  ['a statement with its values', said(`syntax error near '${record}'`, { code: '42601', query: record })],
  ['a command with its arguments', said(`ERR unknown command 'evalsha', with args beginning with: ${record}`)],
  [
    'very much, an address at the end',
    said(`${'no server, '.repeat(371)}postgres://orders:${secret}@db.example/orders`),
  ],
  ['very much, a statement at the end', said(`${'no server, '.repeat(371)}'${record}'`)],
  ['no error at all', `redis://:${secret}@cache.example`],
])('of %s an engine’s client may say what it will: no message holds a secret', async ([, thrown]) => {
  const throws = (): Promise<never> => Promise.reject(thrown)
  const stores = [
    postgresStore({ client: { query: throws } }),
    redisStore({ client: { evalSha: throws, eval: throws } }),
    redisStore({ client: { evalsha: throws, eval: throws } }),
  ]
  for (const store of stores)
    for (const call of [store.load('orders'), store.save('orders', record, undefined), store.risks()])
      expect(inspect(await failure(call), { depth: 9, showHidden: true })).not.toContain(secret)
})

test('of a word that is longer than anybody reads, nothing is told', async () => {
  const query = (): Promise<never> => Promise.reject(said('x'.repeat(60_000)))
  const error = await failure(postgresStore({ client: { query } }).load('orders'))
  expect(error.message).toMatch(/could not be read from "registrant": …/)
  expect(error.message).not.toContain('xxx')
})

test('a statement that is never answered stops no other where a method query is all that is given', async () => {
  let asked = 0
  const query = async (): Promise<{ rows: unknown[][] }> => {
    if (++asked === 1) return new Promise(() => undefined)
    return { rows: [['false', null, null]] }
  }
  const store = postgresStore({ client: { query } })
  void store.load('orders')
  expect(await store.load('orders')).toBeUndefined()
})
