import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

import { encryptedStore } from '@registrant/core/encrypted-store'
import { fileStore, InvalidRequestError, memoryStore, StoreError } from '@registrant/node'
import type { KeyPair, RegistrationStore } from '@registrant/node'
import { checkDocumentAt } from '@registrant/node/identity'
import { kubernetesStore } from '@registrant/node/kubernetes'
import { logEvents } from '@registrant/node/log'
import { createTable, postgresStore } from '@registrant/node/postgres'
import { publicNetworkOnly } from '@registrant/node/public-network'
import { redisStore } from '@registrant/node/redis'
import { storeConformance } from '@registrant/node/testing'
import type { StoreDisturbance } from '@registrant/node/testing'
import * as undici from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { failure } from './support/failure.ts'
import { temporaryDirectory } from './support/folders.ts'
import { runProgram } from './walk/run-walk.ts'

describe('memoryStore', () => {
  for (const { name, run } of storeConformance(memoryStore)) test(name, run)

  test('gives no version that another one gave', async () => {
    const versions = await Promise.all(
      [memoryStore(), memoryStore()].map((store) => store.save('key', 'value', undefined)),
    )
    expect(versions[0]).not.toBe(versions[1])
  })
})

describe('StoreError', () => {
  test('says what to save over, and shows it nowhere', () => {
    const cause = new Error('a checksum is wrong')
    const error = new StoreError('store-corrupt', 'It is damaged.', { version: '7.seven', cause })
    expect(error.version).toBe('7.seven')
    expect(error.cause).toBe(cause)
    expect(error.outcome).toBe('not-sent')
    expect(Object.keys(error)).not.toContain('version')
    expect(JSON.stringify(error) + inspect(error)).not.toContain('7.seven')
    expect(new StoreError('store-corrupt', 'It is damaged.').version).toBeUndefined()
  })
})

describe('fileStore', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  beforeAll(async () => {
    directory = await temporaryDirectory()
  })
  afterAll(() => directory[Symbol.asyncDispose]())
  for (const { name, run } of storeConformance(() => fileStore(directory.path))) test(name, run)
})

type Change = (right: RegistrationStore) => RegistrationStore

/** A store that changes what goes in, on both verbs. */
const altering = (key: (key: string) => string, value: (value: string) => string): Change => {
  return (right) => ({
    load: (asked, signal) => right.load(key(asked), signal),
    save: (asked, given, expected, signal) => right.save(key(asked), value(given), expected, signal),
  })
}

/** A home of keys over a map. */
const keyHome = (set: (home: Map<string, KeyPair>, name: string, pair: KeyPair) => Promise<void>): Change => {
  const home = new Map<string, KeyPair>()
  return (right) => ({
    ...right,
    keys: { load: (name) => Promise.resolve(home.get(name)), save: (name, pair) => set(home, name, pair) },
  })
}

const writeOnce = (home: Map<string, KeyPair>, name: string, pair: KeyPair): Promise<void> => {
  if (home.has(name)) return Promise.reject(new Error('it is there already'))
  home.set(name, pair)
  return Promise.resolve()
}

describe('the conformance suite', () => {
  const failuresOf = async (change: Change, disturbance?: StoreDisturbance): Promise<string[]> => {
    const store = change(memoryStore())
    const failed: string[] = []
    for (const { name, run } of storeConformance(() => store, disturbance))
      await run().catch((error: unknown) => {
        expect(error).toBeInstanceOf(Error)
        failed.push(name)
      })
    return failed
  }

  test('accepts a store with hints and a home for keys that do what they say', async () => {
    let woken = (): void => {}
    const waiting = new Map<string, Promise<unknown>>()
    const right: Change = (inner) => ({
      ...keyHome(writeOnce)(inner),
      async save(...given) {
        const version = await inner.save(...given)
        woken()
        return version
      },
      async changed(key, version, signal) {
        signal.throwIfAborted()
        if ((await inner.load(key))?.version !== version) return
        await new Promise<void>((resolve, reject) => {
          woken = resolve
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      },
      async exclusive(key, task, signal) {
        const before = waiting.get(key)
        const left = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        const turn = Promise.race([before, left]).then(task)
        waiting.set(key, Promise.allSettled([before, turn]))
        return turn
      },
    })
    expect(await failuresOf(right)).toEqual([])
  })

  test.for<[wrong: string, change: Change, noticed: string]>([
    [
      'whatever is expected is overwritten',
      (right) => ({ ...right, save: async (key, value) => right.save(key, value, (await right.load(key))?.version) }),
      'a save over an older version changes nothing and is false',
    ],
    [
      'the expected version is compared before something that takes time',
      (right) => ({
        ...right,
        async save(key, value, expected) {
          if ((await right.load(key))?.version !== expected) return false
          await new Promise((resolve) => void setTimeout(resolve, 1))
          return right.save(key, value, (await right.load(key))?.version)
        },
      }),
      'of twenty who save over the same version one succeeds',
    ],
    [
      'the version is the value',
      (right) => ({
        async load(key) {
          const found = await right.load(key)
          return found && { value: found.value, version: found.value }
        },
        async save(key, value, expected) {
          const found = await right.load(key)
          if (found?.value !== expected) return false
          return (await right.save(key, value, found?.version)) === false ? false : value
        },
      }),
      'no version comes twice, not even for a value that does',
    ],
    [
      'every instance has its own data',
      (right) => {
        const others = [right, memoryStore()]
        let calls = 0
        return {
          load: (key) => (others[calls++ % 2] ?? right).load(key),
          save: (key, value, expected) => (others[calls++ % 2] ?? right).save(key, value, expected),
        }
      },
      'no addition of eight who add at once is lost',
    ],
    [
      'values are trimmed',
      altering(String, (value) => value.trim()),
      'a value comes back as it was: white space at both ends',
    ],
    [
      'letters are normalised',
      altering(String, (value) => value.normalize('NFC')),
      'a value comes back as it was: two spellings of one letter',
    ],
    ['values are cut off', altering(String, (value) => value.slice(0, 65_535)), 'a value comes back as it was: 64 kB'],
    [
      'sealed values are cut off',
      altering(String, (value) => value.slice(0, 65_536)),
      'a value of a third more than 64 kB, as where encryptedStore seals it, comes back as it was or is refused',
    ],
    [
      'keys are cut off',
      altering((key) => key.slice(0, 199), String),
      'keys of a to z, 0 to 9, - and . are told apart to their end',
    ],
    [
      'a save of the value that is there is none',
      (right) => ({
        ...right,
        async save(key, value, expected) {
          const found = await right.load(key)
          const isSame = found?.value === value && found.version === expected
          return isSame ? found.version : right.save(key, value, expected)
        },
      }),
      'a save of the value that is there has a version of its own',
    ],
    [
      'what follows the last dot of a key is ignored',
      altering((key) => key.replace(/\.[^.]*$/, ''), String),
      'keys of a to z, 0 to 9, - and . are told apart to their end',
    ],
    [
      'versions count the saves of a key',
      (right) => {
        const counts = new Map<string, string[]>()
        const given = (key: string): string[] => counts.get(key) ?? counts.set(key, []).get(key) ?? []
        const count = (key: string, version: string): string => String(given(key).indexOf(version) + 1)
        return {
          async load(key) {
            const found = await right.load(key)
            return found && { value: found.value, version: count(key, found.version) }
          },
          async save(key, value, expected) {
            const version = await right.save(key, value, expected && (given(key)[Number(expected) - 1] ?? 'none'))
            return version !== false && String(given(key).push(version))
          },
        }
      },
      'a version is no count of saves: another key’s first has another one',
    ],
    [
      'a risk has no name',
      (right) => ({ ...right, risks: () => Promise.resolve([{ rule: '', message: 'Saves may be lost' }]) }),
      'risks, where the store has them, are rules in kebab-case with a message, and the same when asked again',
    ],
    [
      'nothing works after close',
      (right) => {
        let closed = false
        return {
          ...right,
          load: (key) => (closed ? Promise.reject(new Error('closed')) : right.load(key)),
          close: () => Promise.resolve(void (closed = true)),
        }
      },
      'close, where the store has it, may be called twice, and the store may be used again',
    ],
    [
      'close lets waits for a change go on',
      (right) => ({
        ...right,
        async changed(key, version, signal) {
          while ((await right.load(key))?.version === version) {
            signal.throwIfAborted()
            await new Promise((resolve) => void setTimeout(resolve, 10))
          }
          signal.throwIfAborted()
        },
        close: () => Promise.resolve(),
      }),
      'close, where the store has it, leaves no wait for a change open',
    ],
    [
      'the empty value is taken for absent',
      (right) => ({
        ...right,
        load: async (key) => right.load(key).then((found) => (found?.value ? found : undefined)),
      }),
      'a value comes back as it was: the empty string',
    ],
    [
      'a load that was called off says absent',
      (right) => ({ ...right, load: async (key, signal) => (signal?.aborted ? undefined : right.load(key)) }),
      'a caller that has left gets an error and nothing is saved, or the save is made',
    ],
    [
      'changed resolves when nothing changed',
      (right) => ({ ...right, changed: () => Promise.resolve() }),
      'changed, where the store has it, stays quiet while nothing changes, and ends when the caller leaves',
    ],
    [
      'exclusive excludes nobody',
      (right) => ({ ...right, exclusive: (_, task) => task() }),
      'exclusive, where the store has it, runs tasks of one key one after the other, whichever instance is asked',
    ],
    [
      'keys are overwritten',
      keyHome((home, name, pair) => Promise.resolve(void home.set(name, pair))),
      'keys, where the store has a home for them, are written once',
    ],
  ])('notices that %s', async ([, change, noticed]) => {
    expect(await failuresOf(change)).toContain(noticed)
  })

  test('notices hints that know of what their own instance does alone', async () => {
    const shared = memoryStore()
    const alone = (): RegistrationStore => {
      const own = new EventTarget()
      const turns = new Map<string, Promise<unknown>>()
      return {
        load: (key) => shared.load(key),
        async save(key, value, expected) {
          const version = await shared.save(key, value, expected)
          own.dispatchEvent(new Event('saved'))
          return version
        },
        async changed(key, version, signal) {
          signal.throwIfAborted()
          if ((await shared.load(key))?.version !== version) return
          await once(own, 'saved', { signal })
        },
        async exclusive(key, task, signal) {
          const before = turns.get(key)
          const left = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
          const turn = Promise.race([before, left]).then(task)
          turns.set(key, Promise.allSettled([before, turn]))
          return turn
        },
      }
    }
    const failed: string[] = []
    await Promise.all(storeConformance(alone).map(({ name, run }) => run().catch(() => failed.push(name))))
    expect(failed.toSorted()).toEqual([
      'changed, where the store has it, resolves when another instance saves',
      'exclusive, where the store has it, runs tasks of one key one after the other, whichever instance is asked',
    ])
  })

  /** What is under way to a store, and back from it, when connections are cut. */
  function cutWays() {
    const open = new Set<(error: Error) => void>()
    const way = async <T>(call: () => Promise<T>): Promise<T> => {
      let fail: (error: Error) => void = () => {}
      const cut = new Promise<never>((_, reject) => open.add((fail = reject)))
      const there = async (): Promise<T> => {
        await pause(2)
        const answer = await call()
        await pause(2)
        return answer
      }
      try {
        return await Promise.race([there(), cut])
      } finally {
        open.delete(fail)
      }
    }
    const cut = (): void => {
      for (const fail of open) fail(new Error('The connection was cut'))
    }
    return { way, cut }
  }

  const fails = (code: 'store-unavailable' | 'store-unknown') => (): never => {
    throw new StoreError(code, 'The connection was cut.')
  }

  test.for<[does: string, onLoad: () => undefined, onSave: () => false, noticed: string[]]>([
    ['says what it does not know', fails('store-unavailable'), fails('store-unknown'), []],
    [
      'takes a load that was cut off for absent',
      () => undefined,
      fails('store-unknown'),
      ['a load that is cut off, where that can be tried, shows what is there or fails, and tells no absence'],
    ],
    [
      'takes a save that was cut off for not made',
      fails('store-unavailable'),
      fails('store-unavailable'),
      [
        'a save that is cut off, where that can be tried, is made or not, an error says which or that it is unknown, and the store goes on',
      ],
    ],
  ])('finds what a store tells whose connections are cut: it %s', async ([, onLoad, onSave, noticed]) => {
    const { way, cut } = cutWays()
    const behind: Change = (right) => ({
      load: (key, signal) => way(() => right.load(key, signal)).catch(onLoad),
      save: (...given) => way(() => right.save(...given)).catch(onSave),
    })
    const cutOff = (await failuresOf(behind, { cut })).filter((name) => name.includes('cut off'))
    expect(cutOff).toEqual(noticed)
  })
})

describe('a store that can not work is refused when it is made, by the option that is wrong', () => {
  const pool = { query: () => Promise.resolve({ rows: [] }) }
  const redis = { evalSha: () => Promise.resolve(), eval: () => Promise.resolve() }
  const sealing = { kid: 'one', key: new Uint8Array(32) }
  test.for<[made: string, member: string, make: () => unknown]>([
    ['fileStore of nothing', 'directory', () => fileStore(JSON.parse('null'))],
    ['fileStore of a URL', 'directory', () => fileStore(Object(new URL('file:///var/lib/orders')))],
    ['fileStore of an address', 'directory', () => fileStore('file:///var/lib/orders')],
    ['postgresStore of nothing', 'client', () => postgresStore(JSON.parse('null'))],
    ['postgresStore without a client', 'client', () => postgresStore(Object({}))],
    ['postgresStore with a Redis', 'client', () => postgresStore(Object({ client: redis }))],
    ['postgresStore with a number as table', 'table', () => postgresStore({ client: pool, table: Object(5) })],
    ['postgresStore with a number as channel', 'channel', () => postgresStore({ client: pool, channel: Object(5) })],
    ['redisStore of nothing', 'client', () => redisStore(JSON.parse('null'))],
    ['redisStore without a client', 'client', () => redisStore(Object({}))],
    ['redisStore with a number as prefix', 'prefix', () => redisStore({ client: redis, prefix: Object(5) })],
    ['redisStore with a text as replicas', 'replicas', () => redisStore({ client: redis, replicas: Object('1') })],
    ['kubernetesStore with nothing as name', 'name', () => kubernetesStore(JSON.parse('{ "name": null }'))],
    ['kubernetesStore with an empty namespace', 'namespace', () => kubernetesStore({ namespace: '' })],
    ['kubernetesStore with a number as folder', 'serviceAccount', () => kubernetesStore(Object({ serviceAccount: 5 }))],
    ['encryptedStore without keys', 'keys', () => encryptedStore(memoryStore(), Object({}))],
    ['encryptedStore without options', 'keys', () => encryptedStore(memoryStore(), JSON.parse('null'))],
    [
      'encryptedStore with no key in its list',
      'keys',
      () => encryptedStore(memoryStore(), JSON.parse('{ "keys": [null] }')),
    ],
    ['encryptedStore without a store', 'store', () => encryptedStore(JSON.parse('null'), { keys: [sealing] })],
  ])('%s', ([, member, make]) => {
    expect(make).toThrow(InvalidRequestError)
    expect(make).toThrow(
      expect.objectContaining({
        findings: expect.arrayContaining([expect.objectContaining({ member, rule: 'option' })]),
      }),
    )
  })

  test('null for the options of what needs none is as if there were none', async () => {
    const none = JSON.parse('null')
    expect(() => logEvents(console, none)).not.toThrow()
    expect(() => publicNetworkOnly(undici, none)).not.toThrow()
    expect(await checkDocumentAt('https://127.0.0.1/client.json', none)).toHaveProperty('findings')
    expect(await failure(createTable({ query: () => Promise.reject(new Error('it is down')) }, none))).toMatchObject({
      code: 'store-unavailable',
    })
  })

  test('createTable without a client', async () => {
    expect(await failure(createTable(JSON.parse('null')))).toMatchObject({ code: 'invalid-request' })
  })

  test.skipIf(process.platform === 'win32')(
    'a relative path, and a variable, where the current folder was removed',
    async () => {
      await using folder = await temporaryDirectory()
      const gone = join(folder.path, 'gone')
      await mkdir(gone)
      const entry = import.meta.resolve('@registrant/node')
      const program = `import { rmdirSync } from 'node:fs'
      import { fileStore } from '${entry}'
      import { managerFromEnvironment } from '${import.meta.resolve('@registrant/node/environment')}'
      process.chdir(${JSON.stringify(gone)})
      rmdirSync(${JSON.stringify(gone)})
      try { fileStore('state') } catch ({ code, message }) { console.log(code, message) }
      const refused = managerFromEnvironment({ REGISTRANT_ISSUER: 'https://as.example' })
      await refused.catch(({ code, message }) => console.log(code, message))`
      const { out } = await runProgram(['--input-type=module', '--eval', program], { PATH: process.env['PATH'] })
      expect(out).toMatch(
        /^invalid-request .*directory: It is relative, and the current folder of this process is not there.*\ninvalid-request .*REGISTRANT_ISSUER: The current folder of this process is not there/,
      )
    },
  )
})
