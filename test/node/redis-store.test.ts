import { inspect } from 'node:util'

import { InvalidRequestError } from '@registrant/node'
import { redisStore } from '@registrant/node/redis'
import type { NodeRedisClient, RedisClient } from '@registrant/node/redis'
import { storeConformance } from '@registrant/node/testing'
import type { StoreDisturbance } from '@registrant/node/testing'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCutProxy } from '../engines/cut-proxy.ts'
import type { CutProxy } from '../engines/cut-proxy.ts'
import { freePort } from '../engines/daemon.ts'
import { hasRedis, startRedis, startRedisCluster } from '../engines/redis.ts'
import type { RedisServer } from '../engines/redis.ts'
import { failure, versionIn } from '../support/failure.ts'

/** A client of `redis` that is connected. */
function connected(url: string) {
  const client = createClient({ url })
  client.on('error', () => undefined)
  return client.connect()
}

/** Ends a client of either. */
function end(client: Redis | Awaited<ReturnType<typeof connected>>): void {
  if (client instanceof Redis) client.disconnect()
  else client.destroy()
}

/** The suite, over a client that is made before it and ended after it. */
function suite<Client extends RedisClient>(
  name: string,
  make: () => Promise<Client> | Client,
  leave: (client: Client) => unknown,
): void {
  describe(name, () => {
    let client: Client
    beforeAll(async () => {
      client = await make()
    })
    afterAll(() => leave(client))
    for (const { name: rule, run } of storeConformance(() => redisStore({ client }))) test(rule, run)
  })
}

describe.runIf(hasRedis)('redisStore', () => {
  let server: RedisServer
  let client: Awaited<ReturnType<typeof connected>>
  beforeAll(async () => {
    server = await startRedis()
    client = await connected(server.url)
  }, 60_000)
  afterAll(async () => {
    client.destroy()
    await server[Symbol.asyncDispose]()
  })

  suite(
    'with a client of redis',
    () => connected(server.url),
    (it) => it.destroy(),
  )
  suite(
    'with a client of redis that gives bytes',
    async () => (await connected(server.url)).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }),
    () => undefined,
  )
  suite(
    'with a pool of redis',
    async () => {
      const pool = createClientPool({ url: server.url })
      await pool.connect()
      return pool
    },
    (it) => it.destroy(),
  )
  suite(
    'with a client of ioredis that puts something before keys',
    () => new Redis(server.port, '127.0.0.1', { keyPrefix: 'ours:' }),
    (it) => it.disconnect(),
  )

  describe('in a cluster of three', () => {
    let cluster: Awaited<ReturnType<typeof startRedisCluster>>
    beforeAll(async () => {
      cluster = await startRedisCluster()
    }, 60_000)
    afterAll(() => cluster[Symbol.asyncDispose]())
    suite(
      'with a cluster of redis',
      () => createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) }).connect(),
      (it) => it.destroy(),
    )
    suite(
      'with a cluster of ioredis',
      () => new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))),
      (it) => it.disconnect(),
    )
  })

  describe('through a proxy that cuts connections and delays answers', () => {
    let proxy: CutProxy
    const opened: (Redis | Awaited<ReturnType<typeof connected>>)[] = []
    beforeAll(async () => {
      proxy = await startCutProxy(server.port)
    })
    afterAll(async () => {
      for (const it of opened) end(it)
      await proxy[Symbol.asyncDispose]()
    })
    const disturbance: StoreDisturbance = { cut: () => proxy.cut(), delay: (ms) => proxy.delay(ms) }
    const disturbed = (make: Parameters<typeof storeConformance>[0]): ReturnType<typeof storeConformance> =>
      storeConformance(make, disturbance).filter(({ name }) => /cut|late/.test(name))
    for (const { name, run } of disturbed(async () => {
      const it = await connected(`redis://127.0.0.1:${proxy.port}`)
      opened.push(it)
      return redisStore({ client: it })
    }))
      test(`redis: ${name}`, { timeout: 60_000 }, run)
    for (const { name, run } of disturbed(() => {
      const it = new Redis(proxy.port, '127.0.0.1')
      it.on('error', () => undefined)
      opened.push(it)
      return redisStore({ client: it })
    }))
      test(`ioredis: ${name}`, { timeout: 60_000 }, run)
  })

  test('what else stands under a key is corrupt, and is saved over by whoever was told so', async () => {
    const store = redisStore({ client })
    await client.hSet('registrant:half', 'version', '1')
    await client.set('registrant:text', 'not ours')
    for (const key of ['half', 'text']) {
      const error = await failure(store.load(key))
      expect(error.code).toBe('store-corrupt')
      expect(await store.save(key, 'value', undefined)).toBe(false)
      const version = await store.save(key, 'what is known', versionIn(error))
      expect(await store.load(key)).toEqual({ value: 'what is known', version })
    }
    const damaged = await failure(
      store
        .load('half')
        .then(() => client.set('registrant:half', 'damaged again'))
        .then(() => store.load('half')),
    )
    await client.set('registrant:half', 'and once more')
    expect(await store.save('half', 'late', versionIn(damaged))).toBe(false)
  })

  test('a record that somebody gave a time to live has none after its next save', async () => {
    const store = redisStore({ client, prefix: 'app:' })
    const version = await store.save('lasts', 'value', undefined)
    await client.expire('app:lasts', 1000)
    await store.save('lasts', 'next', String(version))
    expect(await client.ttl('app:lasts')).toBe(-1)
  })

  test('a server that was killed and started again knows the scripts once more, and every save', async () => {
    await using own = await startRedis()
    const clients = [await connected(own.url), new Redis(own.port, '127.0.0.1')]
    const stores = clients.map((it) => redisStore({ client: it }))
    for (const [index, store] of stores.entries()) await store.save(`key${index}`, 'value', undefined)
    await own.kill()
    await own.start()
    for (const [index, store] of stores.entries())
      await expect.poll(async () => (await store.load(`key${index}`).catch(() => undefined))?.value).toBe('value')
    for (const it of clients) end(it)
  })

  test('a save that a client sends again after its connection broke is the save that it was', async () => {
    const version = await redisStore({ client }).save('again', 'before', undefined)
    // What a client of ioredis does: the first answer never came.
    const twice: NodeRedisClient = {
      evalSha: async (sha, options) => {
        await client.evalSha(sha, options)
        return client.evalSha(sha, options)
      },
      eval: (script, options) => client.eval(script, options),
    }
    expect(await redisStore({ client: twice }).save('again', 'after', String(version))).toBeTypeOf('string')
    expect((await redisStore({ client }).load('again'))?.value).toBe('after')
  })

  test('a replica is unavailable, and a primary server that is not waited for is a risk', async () => {
    await using replica = await startRedis({ replicaof: `127.0.0.1 ${server.port}` })
    await expect.poll(() => replica.ask('INFO', 'replication'), { timeout: 20_000 }).toContain('master_link_status:up')
    const reader = await connected(replica.url)
    const store = redisStore({ client: reader })
    expect((await failure(store.load('any'))).code).toBe('store-unavailable')
    expect((await failure(store.save('any', 'value', undefined))).code).toBe('store-unavailable')
    reader.destroy()
    expect((await redisStore({ client }).risks()).map(({ rule }) => rule)).toEqual(['replica-may-lag'])
    const waits = redisStore({ client, replicas: 1 })
    expect(await waits.risks()).toEqual([])
    expect(await waits.save('waited', 'value', undefined)).toBeTypeOf('string')
    const error = await failure(redisStore({ client, replicas: 2 }).save('doubt', 'value', undefined))
    expect(error).toMatchObject({ code: 'store-unknown', message: expect.stringContaining('1 instead of 2 replicas') })
  })

  test('a save that was made and whose replicas can not be asked is unknown, and is there', async () => {
    await client.sendCommand(['ACL', 'SETUSER', 'hasty', 'on', '>pass-word', '~*', '&*', '+@all', '-wait'])
    const hasty = await connected(server.url.replace('//', '//hasty:pass-word@'))
    const error = await failure(redisStore({ client: hasty, replicas: 1 }).save('unasked', 'value', undefined))
    hasty.destroy()
    expect(error).toMatchObject({
      code: 'store-unknown',
      message: expect.stringMatching(/was saved in Redis, and whether replicas .* \(WAIT\)\. Load to see: .*NOPERM/),
    })
    expect((await redisStore({ client }).load('unasked'))?.value).toBe('value')
  })

  test('a save whose connection is lost while replicas are waited for is unknown: a promoted server may not have it', async () => {
    await using promoted = await startRedis()
    await using follower = await startRedis({ replicaof: `127.0.0.1 ${promoted.port}` })
    await expect.poll(() => follower.ask('INFO', 'replication'), { timeout: 20_000 }).toContain('master_link_status:up')
    await using own = await startRedis()
    await using proxy = await startCutProxy(own.port)
    const it = new Redis(proxy.port, '127.0.0.1')
    it.on('error', () => undefined)
    const store = redisStore({ client: it, replicas: 1 })
    const waits = proxy.count(/\bwait\b/gi)
    const saving = failure(store.save('taken-back', 'value', undefined))
    await expect.poll(waits, { interval: 10 }).toBe(1)
    // The client sends its WAIT again, to a server that has a replica and never saw the save.
    proxy.lead(promoted.port)
    expect(await saving).toMatchObject({
      code: 'store-unknown',
      message: expect.stringContaining('connection was lost'),
    })
    expect(await store.load('taken-back')).toBeUndefined()
    expect(await store.save('taken-back', 'again', undefined)).toBeTypeOf('string')
    it.disconnect()
  })

  test.for<[said: string, settings: Record<string, string>, rules: string[]]>([
    ['nothing, where it flushes each save', {}, []],
    ['that it flushes once a second', { appendfsync: 'everysec' }, ['saves-not-flushed']],
    ['that it keeps no file', { appendonly: 'no' }, ['saves-not-flushed']],
    ['that it removes any key', { 'maxmemory-policy': 'allkeys-lru' }, ['records-evicted']],
    ['nothing, where it removes keys with an end alone', { 'maxmemory-policy': 'volatile-lru' }, []],
  ])('says of what may be lost %s', async ([, settings, rules]) => {
    await using own = await startRedis(settings)
    const clients = [await connected(own.url), new Redis(own.port, '127.0.0.1')]
    for (const it of clients) {
      expect((await redisStore({ client: it }).risks()).map(({ rule }) => rule)).toEqual(rules)
      end(it)
    }
  })

  test('a right that is missing is denied, and no message holds a value or a password', async () => {
    await client.sendCommand(['ACL', 'SETUSER', 'reader', 'on', '>pass-word', '~*', '+@all', '-eval', '-evalsha'])
    const url = server.url.replace('//', '//reader:pass-word@')
    const reader = await connected(url)
    const denied = await failure(redisStore({ client: reader }).save('denied', 'a secret', undefined))
    reader.destroy()
    const refused = createClient({
      url: url.replace(String(server.port), String(await freePort())),
      socket: { reconnectStrategy: false },
    })
    refused.on('error', () => undefined)
    await refused.connect().catch(() => undefined)
    const down = await failure(redisStore({ client: refused }).save('down', 'a secret', undefined))
    const strict = new Redis(await freePort(), '127.0.0.1', { maxRetriesPerRequest: 0, password: 'pass-word' })
    strict.on('error', () => undefined)
    const doubtful = await failure(redisStore({ client: strict }).save('doubtful', 'a secret', undefined))
    strict.disconnect()
    expect([denied.code, down.code, doubtful.code]).toEqual(['store-denied', 'store-unavailable', 'store-unknown'])
    for (const error of [denied, down, doubtful])
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/pass-word|a secret/)
  })

  test('a save whose caller left before it was sent is not made later', async () => {
    const offline = createClient({ url: server.url })
    const saving = redisStore({ client: offline }).save('left', 'value', undefined, AbortSignal.timeout(50))
    const error = failure(saving)
    await error.catch(() => undefined)
    await offline.connect()
    expect(await redisStore({ client }).load('left')).toBeUndefined()
    offline.destroy()
  })

  test.for<[wrong: string, replicas: number]>([
    ['half a replica', 0.5],
    ['less than none', -1],
  ])('refuses to wait for %s', ([, replicas]) => {
    expect(() => redisStore({ client, replicas })).toThrow(InvalidRequestError)
  })

  test('refuses to wait for replicas by a client of many connections', () => {
    const pool = createClientPool({ url: server.url })
    expect(() => redisStore({ client: pool, replicas: 1 })).toThrow('single connection')
  })
})
