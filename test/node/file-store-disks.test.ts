import { mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'

import { fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'
import { fileStoreOn } from '@registrant/node/testing'
import type { Disk } from '@registrant/node/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { around, keepingLists, readOnly, withoutFolderFlush } from '../support/disks.ts'
import type { Call } from '../support/disks.ts'
import { failure, versionIn } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'
import { ModelDisk, systemError } from '../support/model-disk.ts'

const directory = '/var/lib/orders'
const store = (disk: Disk): RegistrationStore => fileStoreOn(disk, directory)

/** Saves so often, each time over what is there. */
async function saveOn(disk: Disk, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    const found = await store(disk).load('key')
    await store(disk).save('key', `value ${Number(found?.value.slice(6) ?? 0) + 1}`, found?.version)
  }
}

/** What a file of the key holds is emptied, as by something that is not ours. */
async function truncate(disk: Disk, number: number): Promise<void> {
  const file = await disk.open(`${directory}/registrant/key/${number}`, 1)
  await file.truncate()
}

const realNow = performance.now.bind(performance)
/** This process's clock goes on by so much. */
const goOn = (ms: number): void => void vi.spyOn(performance, 'now').mockImplementation(() => realNow() + ms)
afterEach(() => void vi.restoreAllMocks())

describe('a machine that keeps lists of folders', () => {
  test.for([1, 2, 7, 8, 9, 20, 40])(
    'loads what another one saved %i times since the list was taken, and saves over it',
    async (others) => {
      for (const before of [0, 1, 8, 12]) {
        const disk = new ModelDisk()
        await saveOn(disk, before)
        // The folder is there in any case: it is what is in it that an old list hides.
        if (before === 0) await store(disk).save('another', 'value', undefined)
        const late = keepingLists(disk)
        const reader = store(late)
        await reader.load('key')
        await saveOn(disk, others)
        const found = await reader.load('key')
        expect(found?.value).toBe(`value ${before + others}`)
        expect(await reader.save('key', 'from the late one', found?.version)).toBeTypeOf('string')
        expect((await store(disk).load('key'))?.value).toBe('from the late one')
      }
    },
  )

  test('takes an empty folder of a list that it kept for no proof that nothing is there', async () => {
    const disk = new ModelDisk()
    const late = keepingLists(disk)
    let saved = false
    const dying = around(disk, {
      before: async (call) => {
        if (call === 'link' && !saved) throw systemError('EIO')
      },
    })
    await failure(store(dying).save('key', 'value 0', undefined))
    expect(await store(late).load('key')).toBeUndefined()
    saved = true
    await saveOn(disk, 1)
    expect(await store(late).load('key')).toMatchObject({ value: 'value 1' })
  })

  test('saves only over the newest, however old the list is that it saves by', async () => {
    for (const others of [1, 8, 20]) {
      const disk = new ModelDisk()
      await saveOn(disk, 9)
      const late = keepingLists(disk)
      const writer = store(late)
      const found = await writer.load('key')
      await saveOn(disk, others)
      expect(await writer.save('key', 'lost', found?.version)).toBe(false)
      expect((await store(disk).load('key'))?.value).toBe(`value ${9 + others}`)
    }
  })

  test('and can’t change anything there says so until the list is made anew, and never that anything is damaged', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    const late = keepingLists(readOnly(disk))
    const reader = store(late)
    await reader.load('key')
    await saveOn(disk, 1)
    for (const passed of [0, 60_000, 85_000]) {
      goOn(passed)
      const error = await failure(reader.load('key'))
      expect(error).toMatchObject({ code: 'store-unavailable' })
      expect(error.message).toContain('Try again later')
      vi.restoreAllMocks()
    }
    late.expire()
    expect(await reader.load('key')).toMatchObject({ value: 'value 4' })
  })
})

describe('a file that stays unreadable', () => {
  test('is called damaged after 90 seconds of this process’s clock, where nobody can say how old it is', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    await truncate(disk, 3)
    const reader = store(readOnly(disk))
    expect(await failure(reader.load('key'))).toMatchObject({ code: 'store-unavailable' })
    goOn(91_000)
    const error = await failure(reader.load('key'))
    expect(error).toMatchObject({ code: 'store-corrupt' })
    const version = versionIn(error)
    expect(JSON.stringify(error)).not.toContain(version)
    expect(await failure(store(disk).save('key', 'recovered', version))).toMatchObject({ code: 'store-unavailable' })
  })

  test('has its time from where it was first seen: another damage begins anew', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    await truncate(disk, 3)
    const reader = store(readOnly(disk))
    await failure(reader.load('key'))
    goOn(91_000)
    const file = await disk.open(`${directory}/registrant/key/3`, 1)
    await file.writeFile(Buffer.from('something else'))
    expect(await failure(reader.load('key'))).toMatchObject({ code: 'store-unavailable' })
  })

  test('does not keep a caller who leaves', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    await truncate(disk, 3)
    const leaving = new AbortController()
    const loading = store(disk).load('key', leaving.signal)
    setTimeout(() => leaving.abort(new Error('left')), 50)
    await expect(loading).rejects.toThrow('left')
  })

  test('is saved over by one of those who recover it', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    await truncate(disk, 3)
    const writer = store(disk)
    expect(await failure(writer.load('key'))).toMatchObject({ code: 'store-unavailable' })
    goOn(91_000)
    const version = versionIn(await failure(writer.load('key')))
    const saves = Array.from({ length: 5 }, (_, index) => writer.save('key', `recovered ${index}`, version))
    const saved = await Promise.all(saves)
    expect(saved.filter((outcome) => outcome !== false)).toHaveLength(1)
    expect(saved).toContain((await store(disk).load('key'))?.version)
  })
})

describe('a folder that can’t be flushed', () => {
  test.for(['EPERM', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('(%s) is saved in, and told of', async (code) => {
    const disk = withoutFolderFlush(new ModelDisk(), code)
    await saveOn(disk, 12)
    expect(await store(disk).load('key')).toMatchObject({ value: 'value 12' })
    expect(await store(disk).risks?.()).toEqual([
      { rule: 'folder-not-flushed', message: expect.stringContaining(directory) },
    ])
  })

  test.for(['EIO', 'ENOSPC', 'EDQUOT'])('because the disk failed (%s) acknowledges no save', async (code) => {
    const disk = new ModelDisk()
    const error = await failure(store(withoutFolderFlush(disk, code)).save('key', 'value', undefined))
    expect(error).toMatchObject({ code: 'store-unavailable' })
    await saveOn(disk, 1)
    const found = await store(disk).load('key')
    const later = await failure(store(withoutFolderFlush(disk, code)).save('key', 'value', found?.version))
    expect(later.code).toMatch(/^store-un(?:known|available)$/)
  })

  test('since it may not be read keeps nothing from our own folder in it', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 1)
    // As with mode 0711: it can be entered, and what is in it can be used.
    const closed = around(disk, {
      before(call, path) {
        if (call === 'open' && path === directory) throw systemError('EACCES')
      },
    })
    await saveOn(closed, 12)
    expect(await store(closed).load('key')).toMatchObject({ value: 'value 13' })
    expect(await store(closed).risks?.()).toEqual([])
  })

  test('is no risk of a disk that flushes', async () => {
    await using folder = await temporaryDirectory()
    expect(await fileStore(folder.path).risks?.()).toEqual([])
    expect(await fileStore(join(folder.path, 'not/yet/there')).risks?.()).toEqual([])
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('a place where nothing can be kept', () => {
  const limit = { timeout: 5000 }

  test('a symbolic link that leads nowhere is store-unavailable: the volume may come', limit, async () => {
    await using folder = await temporaryDirectory()
    const link = join(folder.path, 'volume')
    await symlink(join(folder.path, 'not-mounted-yet'), link)
    for (const path of [link, join(link, 'state/orders')]) {
      const here = fileStore(path)
      for (const call of [() => here.load('key'), () => here.save('key', 'value', undefined)]) {
        const error = await failure(call())
        expect(error).toMatchObject({ code: 'store-unavailable' })
        expect(error.message).toContain(link)
      }
    }
    await mkdir(join(folder.path, 'not-mounted-yet'))
    expect(await fileStore(link).save('key', 'value', undefined)).toBeTypeOf('string')
  })

  test.runIf(process.platform === 'linux')('a path under /proc is store-denied', limit, async () => {
    const error = await failure(fileStore('/proc/registrant/state').save('key', 'value', undefined))
    expect(error).toMatchObject({ code: 'store-denied' })
    expect(error.message).toContain('/proc')
  })

  test('symbolic links that lead in a circle are store-denied', limit, async () => {
    await using folder = await temporaryDirectory()
    await symlink('b', join(folder.path, 'a'))
    await symlink('a', join(folder.path, 'b'))
    expect(await failure(fileStore(join(folder.path, 'a')).save('key', 'value', undefined))).toMatchObject({
      code: 'store-denied',
    })
  })

  test('a disk on which every name is missing ends', limit, async () => {
    const nowhere = around(new ModelDisk(), {
      before(call) {
        if (call === 'mkdir') throw systemError('ENOENT')
      },
    })
    expect(await failure(store(nowhere).save('key', 'value', undefined))).toMatchObject({ code: 'store-denied' })
  })

  test('a full disk and a read-only mount keep what is there readable', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    const found = await store(readOnly(disk)).load('key')
    expect(found).toMatchObject({ value: 'value 3' })
    expect(await failure(store(readOnly(disk)).save('key', 'value', found?.version))).toMatchObject({
      code: 'store-denied',
    })
    const full = around(disk, {
      before(call) {
        if (call === 'writeFile') throw systemError('ENOSPC')
      },
    })
    expect(await failure(store(full).save('key', 'value', found?.version))).toMatchObject({ code: 'store-unavailable' })
    expect(await store(full).load('key')).toEqual(found)
  })
})

describe('what the file system says', () => {
  const failing = (at: Call, error: unknown): Disk =>
    around(new ModelDisk(), {
      before(call) {
        if (call === at) throw error
      },
    })

  test.for<[what: string, error: unknown]>([
    ['an error that nobody named', Object.assign(new Error('it does not want to'), { code: 'EWEIRD', errno: -4711 })],
    ['an error of another realm', runInNewContext(`Object.assign(new Error('elsewhere'), { code: 'EWEIRD' })`)],
    ['an object that is no error', { code: 'EWEIRD', message: 'an object' }],
    ['an object without words', { code: 'EWEIRD' }],
  ])('is told with path and code: %s', async ([, error]) => {
    for (const call of ['lstat', 'mkdir', 'writeFile', 'link'] as const) {
      const told = await failure(store(failing(call, error)).save('key', 'value', undefined))
      expect(told).toMatchObject({ code: 'store-unavailable', cause: error })
      expect(told.message).toContain('EWEIRD')
      expect(told.message).toContain(`${directory}/registrant/key`)
    }
  })

  test('another realm’s error is understood, as under Jest', async () => {
    const elsewhere = (code: string): unknown =>
      runInNewContext(`Object.assign(new Error('${code}: elsewhere'), { code: '${code}' })`)
    const inAnotherRealm = (disk: Disk): Disk => {
      const convert = <T>(call: Promise<T>): Promise<T> =>
        call.catch((error: { code: string }) => {
          throw elsewhere(error.code)
        })
      return {
        lstat: (path) => convert(disk.lstat(path)),
        readdir: (path) => convert(disk.readdir(path)),
        mkdir: (path, mode) => convert(disk.mkdir(path, mode)),
        open: (path, flags, mode) => convert(disk.open(path, flags, mode)),
        link: (path, name) => convert(disk.link(path, name)),
        unlink: (path) => convert(disk.unlink(path)),
      }
    }
    const disk = inAnotherRealm(new ModelDisk())
    await saveOn(disk, 12)
    expect(await store(disk).load('key')).toMatchObject({ value: 'value 12' })
    expect(await failure(store(failing('mkdir', elsewhere('EACCES'))).save('key', 'v', undefined))).toMatchObject({
      code: 'store-denied',
    })
  })

  test('a file that another machine removed (ESTALE) is looked for again', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    let times = 0
    const stale = around(disk, {
      before(call, path) {
        if (call === 'readFile' && path.endsWith('/3') && times++ < 3) throw systemError('ESTALE')
      },
    })
    expect(await store(stale).load('key')).toMatchObject({ value: 'value 3' })
    expect(times).toBe(4)
  })

  test('a link whose answer was lost counts', async () => {
    for (const code of ['EEXIST', 'EIO', 'EPERM']) {
      const disk = new ModelDisk()
      await saveOn(disk, 2)
      const { version } = (await store(disk).load('key')) ?? {}
      const unheard = around(disk, {
        after(call) {
          if (call === 'link') throw systemError(code)
        },
      })
      const outcome = await store(unheard).save('key', 'new', version)
      expect(await store(disk).load('key')).toEqual({ value: 'new', version: outcome })
    }
  })

  test.for([1, 12, 30])(
    'a name that is taken is one, whatever the file system says then (%i saves)',
    async (others) => {
      const disk = new ModelDisk()
      await saveOn(disk, 2)
      // So sshfs says it, and it keeps lists too.
      const overtaken = around(keepingLists(disk), {
        async before(call) {
          if (call !== 'link') return
          await saveOn(disk, others)
          throw systemError('EPERM')
        },
      })
      const writer = store(overtaken)
      const found = await writer.load('key')
      expect(await writer.save('key', 'late', found?.version)).toBe(false)
    },
  )
})

test('a caller that leaves gets its own reason, also one that looks like the file system’s', async () => {
  const reason = Object.assign(new Error('left'), { code: 'EIO' })
  await expect(store(new ModelDisk()).load('key', AbortSignal.abort(reason))).rejects.toBe(reason)
})
