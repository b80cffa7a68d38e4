import {
  chmod,
  chown,
  cp,
  mkdir,
  readFile,
  readdir,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'

import { StoreError, fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'
import { describe, expect, test } from 'vitest'

import { failure, versionIn } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'

const root = process.geteuid?.() === 0

/** Saves so often, each time over what the last one left. */
async function saveTimes(directory: string, times: number): Promise<string | false | undefined> {
  const store = fileStore(directory)
  let version: string | false | undefined
  for (let count = 1; count <= times && version !== false; count++)
    version = await store.save('key', `value ${count}`, version)
  return version
}

/** The path of the newest numbered file. */
async function newest(directory: string): Promise<string> {
  const folder = keyFolder(directory)
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number)
  return join(folder, String(Math.max(...numbers)))
}

/** Saves the same so often, each time over what is there. */
async function saveOver(store: RegistrationStore, value: string, times: number): Promise<void> {
  for (let count = 0; count < times; count++)
    expect(await store.save('key', value, (await store.load('key'))?.version)).toBeTypeOf('string')
}

/** The folder of the one key that these tests save under. */
const keyFolder = (directory: string): string => join(directory, 'registrant', 'key')

/** Makes everything that was saved two minutes old: no list of the folder is kept that long by anybody. */
async function age(directory: string): Promise<void> {
  const then = new Date(Date.now() - 120_000)
  for (const name of await readdir(keyFolder(directory))) await utimes(join(keyFolder(directory), name), then, then)
}

describe('the folder', () => {
  test('appears with the first save, and nothing before it touches the disk', async () => {
    await using directory = await temporaryDirectory()
    const store = fileStore(directory.path)
    expect(await store.load('key')).toBeUndefined()
    expect(await readdir(directory.path)).toEqual([])
    await store.save('key', 'value', undefined)
    expect(await readdir(directory.path)).toEqual(['registrant'])
  })

  test('is made together with the directory around it, all closed to others whatever the umask', async () => {
    await using directory = await temporaryDirectory()
    const before = process.umask(0)
    try {
      await saveTimes(join(directory.path, 'state/orders'), 1)
    } finally {
      process.umask(before)
    }
    for (const path of ['state', 'state/orders', 'state/orders/registrant', 'state/orders/registrant/key'])
      expect((await stat(join(directory.path, path))).mode & 0o777).toBe(0o700)
    expect((await stat(await newest(join(directory.path, 'state/orders')))).mode & 0o777).toBe(0o600)
  })

  test('is made anew when somebody removed it under a store in use', async () => {
    await using directory = await temporaryDirectory()
    const store = fileStore(directory.path)
    await store.save('key', 'value', undefined)
    await rename(join(directory.path, 'registrant'), join(directory.path, 'elsewhere'))
    expect(await store.load('key')).toBeUndefined()
    expect(await store.save('key', 'again', undefined)).toBeTypeOf('string')
  })

  test('holds at most nine saves of a key, of which only the newest is not empty', async () => {
    await using directory = await temporaryDirectory()
    await saveTimes(directory.path, 100)
    const folder = keyFolder(directory.path)
    const names = (await readdir(folder)).filter((name) => /^\d+$/.test(name))
    expect(names.length).toBeLessThanOrEqual(9)
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
    expect(sizes.filter((size) => size > 0)).toHaveLength(1)
    expect(await fileStore(directory.path).load('key')).toMatchObject({ value: 'value 100' })
  })

  test('loses temporary files that writers left ten minutes ago, or by a clock that was ahead, and keeps those of now', async () => {
    await using directory = await temporaryDirectory()
    const version = await saveTimes(directory.path, 1)
    const folder = keyFolder(directory.path)
    const left = ['1', '2', '3'].map((digit) => `${digit}${crypto.randomUUID().slice(1)}.temp`)
    const [old = '', ahead = '', fresh = ''] = left
    for (const name of left) await writeFile(join(folder, name), 'a secret', { mode: 0o600 })
    const at = (minutes: number): Date => new Date(Date.now() + minutes * 60_000)
    await utimes(join(folder, old), at(-11), at(-11))
    await utimes(join(folder, ahead), at(60 * 24 * 365), at(60 * 24 * 365))
    await fileStore(directory.path).save('key', 'next', version || undefined)
    const names = await readdir(folder)
    expect(names.filter((name) => name.endsWith('.temp'))).toEqual([fresh])
  })

  test('loses what writers left, whatever else somebody put there under such a name', async () => {
    await using directory = await temporaryDirectory()
    const version = await saveTimes(directory.path, 1)
    const folder = keyFolder(directory.path)
    const left = ['1', '2', '3'].map((digit) => `${digit}${crypto.randomUUID().slice(1)}.temp`)
    const [first = '', second = '', third = ''] = left.map((name) => join(folder, name))
    for (const path of [first, third]) await writeFile(path, 'a secret', { mode: 0o600 })
    await mkdir(second)
    const eleven = new Date(Date.now() - 11 * 60_000)
    for (const path of [first, second, third]) await utimes(path, eleven, eleven)
    await fileStore(directory.path).save('key', 'next', version || undefined)
    const names = await readdir(folder)
    expect(names.filter((name) => name.endsWith('.temp'))).toEqual([left[1]])
  })

  test.for([
    ['orders-3f2a9c81d0e4b7a6.00c1', 'orders-3f2a9c81d0e4b7a6.00c1'],
    ['x'.repeat(200), 'x'.repeat(200)],
    ['Orders', /^_[0-9a-f]{64}$/],
    ['../orders', /^_[0-9a-f]{64}$/],
    ['orders.', /^_[0-9a-f]{64}$/],
    ['nul.orders', /^_[0-9a-f]{64}$/],
  ] as const)('of the key %s is named %s', async ([key, name]) => {
    await using directory = await temporaryDirectory()
    await fileStore(directory.path).save(key, 'value', undefined)
    expect(await readdir(join(directory.path, 'registrant'))).toEqual([
      typeof name === 'string' ? name : expect.stringMatching(name),
    ])
  })

  test('tells keys apart that are none of ours: whatever they are made of', async () => {
    await using directory = await temporaryDirectory()
    const store = fileStore(directory.path)
    const odd = [
      '',
      'a',
      'A',
      'a ',
      'a/b',
      'a.b',
      'a:b',
      'a%2Fb',
      '../a',
      '/a',
      '.',
      '..',
      'a\\b',
      'a*',
      '\u00E9',
      'e\u0301',
    ]
    const keys = [...odd, '東京 🦊', '__proto__', 'constructor', 'con', '_', '-', 'x'.repeat(300), 'x'.repeat(301)]
    for (const key of keys) await store.save(key, `value of ${key}`, undefined)
    for (const key of keys) expect(await store.load(key)).toMatchObject({ value: `value of ${key}` })
  })

  test('is where the directory was when the store was made, whatever the working directory becomes', async () => {
    await using directory = await temporaryDirectory()
    const before = process.cwd()
    let store
    try {
      process.chdir(directory.path)
      store = fileStore('state')
    } finally {
      process.chdir(before)
    }
    await store.save('key', 'value', undefined)
    expect(await readdir(directory.path)).toEqual(['state'])
  })
})

describe('who may have touched it', () => {
  test('a directory that is open to everybody is accepted: volumes are', async () => {
    await using directory = await temporaryDirectory()
    await chmod(directory.path, 0o777)
    const version = await saveTimes(directory.path, 2)
    expect(await fileStore(directory.path).load('key')).toEqual({ value: 'value 2', version })
  })

  const folderOf = (directory: string): string => join(directory, 'registrant')
  test.for<[what: string, spoil: (directory: string) => Promise<void>]>([
    ['a folder that its group may read', (directory) => chmod(folderOf(directory), 0o740)],
    ['a folder that everybody may enter', (directory) => chmod(folderOf(directory), 0o701)],
    ['a file that its group may read', async (directory) => chmod(await newest(directory), 0o640)],
    ['a file that its owner may read and more people', async (directory) => chmod(await newest(directory), 0o444)],
    ['a file that everybody may write', async (directory) => chmod(await newest(directory), 0o602)],
    [
      'a symbolic link in place of the folder',
      async (directory) => {
        await rename(folderOf(directory), join(directory, 'elsewhere'))
        await symlink('elsewhere', folderOf(directory))
      },
    ],
    [
      'a file in place of the folder',
      async (directory) => {
        await rename(folderOf(directory), join(directory, 'elsewhere'))
        await writeFile(folderOf(directory), '', { mode: 0o600 })
      },
    ],
    [
      'a symbolic link in place of the newest file',
      async (directory) => {
        const path = await newest(directory)
        await rename(path, join(directory, 'elsewhere'))
        await symlink(join(directory, 'elsewhere'), path)
      },
    ],
    ...(root
      ? ([
          ['a folder of another user', (directory) => chown(folderOf(directory), 4321, 4321)],
          ['a file of another user', async (directory) => chown(await newest(directory), 4321, 4321)],
        ] satisfies [string, (directory: string) => Promise<void>][])
      : []),
  ])('%s is refused with store-denied, and left as it is', async ([, spoil]) => {
    await using directory = await temporaryDirectory()
    const version = await saveTimes(directory.path, 2)
    const path = await newest(directory.path)
    await spoil(directory.path)
    const store = fileStore(directory.path)
    for (const call of [() => store.load('key'), () => store.save('key', 'mine', version || undefined)]) {
      const error = await failure(call())
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ code: 'store-denied', outcome: 'not-sent' })
      // Without what stands there another client would be registered.
      expect(error.message).not.toMatch(/remove it|To use it: chown/i)
    }
    const kept = path.replace(folderOf(directory.path), join(directory.path, 'elsewhere'))
    const contents = await Promise.allSettled([
      readFile(path, 'utf8'),
      readFile(kept, 'utf8'),
      readFile(join(directory.path, 'elsewhere'), 'utf8'),
    ])
    const values = contents.flatMap((read) => (read.status === 'fulfilled' ? [read.value.split('\n')[1]] : []))
    expect(new Set(values)).toEqual(new Set(['value 2']))
  })
})

test('a file that its owner may not write is read, and not saved over, since it could not be emptied', async () => {
  await using directory = await temporaryDirectory()
  const version = await saveTimes(directory.path, 2)
  await chmod(await newest(directory.path), 0o400)
  const store = fileStore(directory.path)
  expect(await store.load('key')).toEqual({ value: 'value 2', version })
  const error = await failure(store.save('key', 'mine', version || undefined))
  expect(error).toMatchObject({ code: 'store-denied', message: expect.stringContaining('chmod 600') })
  await chmod(await newest(directory.path), 0o600)
  expect(await store.save('key', 'mine', version || undefined)).toBeTypeOf('string')
})

describe('what cannot be read is not absent', () => {
  test.for<[what: string, spoil: (path: string) => Promise<void>]>([
    ['is empty', (path) => writeFile(path, '')],
    ['was cut short', async (path) => writeFile(path, (await readFile(path)).subarray(0, -1))],
    ['lost its first line', async (path) => writeFile(path, (await readFile(path, 'utf8')).split('\n')[1] ?? '')],
    ['has a changed byte', async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('value', 'Value'))],
    ['got another number', (path) => rename(path, path.replace(/\d+$/, '77'))],
    ['has a line more', async (path) => writeFile(path, `${await readFile(path, 'utf8')}\n`)],
    ['is larger than any of ours', (path) => writeFile(path, 'x'.repeat(100_000))],
    ['is larger than anybody reads', (path) => truncate(path, 100_000_000)],
    [
      'is a folder',
      async (path) => {
        await rename(path, `${path}.away`)
        await mkdir(path)
      },
    ],
    ['was taken away while older ones are left', (path) => rename(path, join(path, '../../away'))],
  ])('a newest file that %s is store-corrupt for both verbs, and can be saved over', async ([, spoil]) => {
    await using directory = await temporaryDirectory()
    const last = await saveTimes(directory.path, 12)
    await spoil(await newest(directory.path))
    await age(directory.path)
    const store = fileStore(directory.path)
    const error = await failure(store.load('key'))
    expect(error).toMatchObject({ name: 'StoreError', code: 'store-corrupt' })
    for (const expected of [last || undefined, undefined, '12.unreadable-0-gone-either'])
      expect(await failure(store.save('key', 'new', expected))).toMatchObject({ code: 'store-corrupt' })
    expect(await store.load('another key')).toBeUndefined()

    const version = versionIn(error)
    const saved = await fileStore(directory.path).save('key', 'recovered', version)
    expect(await store.load('key')).toEqual({ value: 'recovered', version: saved })
    expect(await store.save('key', 'late', version)).toBe(false)
    await saveOver(store, 'recovered', 20)
    expect(await store.load('key')).toMatchObject({ value: 'recovered' })
  })

  test('a newest file that can not be read is store-corrupt though its time lies ahead, for whoever looks first', async () => {
    await using directory = await temporaryDirectory()
    await saveTimes(directory.path, 3)
    const path = await newest(directory.path)
    await writeFile(path, '')
    const tomorrow = new Date(Date.now() + 86_400_000)
    await utimes(path, tomorrow, tomorrow)
    const version = versionIn(await failure(fileStore(directory.path).load('key')))
    expect(await fileStore(directory.path).save('key', 'recovered', version)).toBeTypeOf('string')
    expect(await fileStore(directory.path).load('key')).toMatchObject({ value: 'recovered' })
  })

  test('a newest file that a newer release wrote is newer-schema for both verbs', async () => {
    await using directory = await temporaryDirectory()
    const version = await saveTimes(directory.path, 3)
    const path = await newest(directory.path)
    const large = `registrant 2 \n${'x'.repeat(200_000)}`
    for (const content of ['registrant 2 \nvalue', 'registrant 17\n', 'registrant 3 {"what":"ever"}\n\n', large]) {
      await writeFile(path, content)
      const store = fileStore(directory.path)
      for (const call of [() => store.load('key'), () => store.save('key', 'new', version || undefined)])
        expect(await failure(call())).toMatchObject({ name: 'StateError', code: 'newer-schema' })
      expect(await readFile(path, 'utf8')).toBe(content)
    }
  })

  test('an older file that was emptied or taken away leaves the newest what it is', async () => {
    await using directory = await temporaryDirectory()
    const version = await saveTimes(directory.path, 12)
    for (const name of await readdir(keyFolder(directory.path)))
      if (name !== '12') await rename(join(keyFolder(directory.path), name), join(directory.path, name))
    const store = fileStore(directory.path)
    expect(await store.load('key')).toEqual({ value: 'value 12', version })
    await saveOver(store, 'goes on', 20)
    expect(await store.load('key')).toMatchObject({ value: 'goes on' })
  })

  test('an error says where, what is wrong and what to do, and not what is stored', async () => {
    await using directory = await temporaryDirectory()
    await saveTimes(directory.path, 3)
    const path = await newest(directory.path)
    await writeFile(path, (await readFile(path)).subarray(0, -1))
    await age(directory.path)
    const error = await failure(fileStore(directory.path).load('key'))
    expect(String(error)).toContain(path)
    expect(String(error)).toContain('damaged or cut short')
    expect(String(error)).toContain('backup')
    expect(JSON.stringify(error) + String(error)).not.toContain('value')
  })

  test('a directory that is a file is store-denied', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(join(directory.path, 'file'), '')
    const store = fileStore(join(directory.path, 'file'))
    for (const call of [() => store.load('key'), () => store.save('key', 'value', undefined)])
      expect(await failure(call())).toMatchObject({
        code: 'store-denied',
        message: expect.stringContaining('is a file and no folder'),
      })
  })
})

describe('what it takes', () => {
  test.for([
    ['more than 96 kB', 'ä'.repeat(49_153)],
    ['text that is not Unicode', '\uD800'],
  ])('%s is refused before anything is written', async ([, value]) => {
    await using directory = await temporaryDirectory()
    const store = fileStore(directory.path)
    expect(await failure(store.save('key', value ?? '', undefined))).toMatchObject({ code: 'store-denied' })
    expect(await readdir(directory.path)).toEqual([])
  })

  test('a version that a backup brought back with its number is another version', async () => {
    await using directory = await temporaryDirectory()
    const store = fileStore(directory.path)
    const first = await store.save('key', 'value', undefined)
    await rename(join(directory.path, 'registrant'), join(directory.path, 'elsewhere'))
    expect(await store.save('key', 'value', undefined)).not.toBe(first)
    expect(await store.save('key', 'other', first || undefined)).toBe(false)
  })

  test('a damaged folder is brought back as its error says: moved away, and copied from a backup', async () => {
    await using directory = await temporaryDirectory()
    const [live, copy] = [join(directory.path, 'live'), join(directory.path, 'copy')]
    const first = await fileStore(live).save('key', 'value', undefined)
    await cp(live, copy, { recursive: true })
    await fileStore(live).save('key', 'next', first || undefined)
    await truncate(await newest(live), 10)
    await age(live)
    const { message } = await failure(fileStore(live).load('key'))
    const [, moved = ''] = /Move the folder (\S+) away and bring it back from a backup;/.exec(message) ?? []
    await rename(moved, join(directory.path, 'away'))
    await cp(moved.replace(live, copy), moved, { recursive: true })
    expect((await fileStore(live).load('key'))?.value).toBe('value')
  })

  test('a directory name that can be none is refused at once', () => {
    const addresses = ['postgres://a:b@db.example/c', 'https://as.example', 'kubernetes:shop/orders', 'file:./state']
    for (const name of ['', 'state\0', '~', '~/orders', ...addresses])
      expect(() => fileStore(name)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
  })
})
