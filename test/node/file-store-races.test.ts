import * as machine from 'node:fs/promises'
import { join } from 'node:path'

import type { RegistrationStore } from '@registrant/node'
import { fileStoreOn } from '@registrant/node/testing'
import type { Disk } from '@registrant/node/testing'
import { describe, expect, test } from 'vitest'

import { around } from '../support/disks.ts'
import type { Call } from '../support/disks.ts'
import { failure } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'
import { ModelDisk, systemError } from '../support/model-disk.ts'

const store = (disk: Disk): RegistrationStore => fileStoreOn(disk, '/var/lib/orders')

/** Saves so often, each time over what is there. */
async function saveOn(disk: Disk, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    const found = await store(disk).load('key')
    await store(disk).save('key', `value ${Number(found?.value.slice(6) ?? 0) + 1}`, found?.version)
  }
}

/** A disk on which something happens, once, at a call: what others do while a process sleeps. */
function sleeping(
  disk: Disk,
  moment: 'before' | 'after',
  at: (call: Call, path: string) => boolean,
  others: () => Promise<unknown>,
): Disk {
  let awake = false
  return around(disk, {
    [moment]: async (call: Call, path: string) => {
      if (awake || !at(call, path)) return
      awake = true
      await others()
    },
  })
}

const numbered = (path: string): boolean => /(?:^|\/)\d+$/.test(path)
const isLink = (call: Call): boolean => call === 'link'

async function diskWith(saves: number): Promise<ModelDisk> {
  const disk = new ModelDisk()
  await saveOn(disk, saves)
  return disk
}

describe('a writer that sleeps', () => {
  test.for([0, 1, 8, 12])(
    'before its link while its number is used and removed again is refused (%i saves before)',
    async (before) => {
      for (const others of [1, 2, 7, 8, 9, 20, 40]) {
        const disk = await diskWith(before)
        const found = await store(disk).load('key')
        const slow = sleeping(disk, 'before', isLink, () => saveOn(disk, others))
        expect(await store(slow).save('key', 'late', found?.version)).toBe(false)
        expect((await store(disk).load('key'))?.value).toBe(`value ${before + others}`)
        await saveOn(disk, 1)
        expect((await store(disk).load('key'))?.value).toBe(`value ${before + others + 1}`)
      }
    },
  )

  test.for([1, 7, 8, 9, 20])('after its link while %i others build on it has saved all the same', async (others) => {
    const disk = new ModelDisk()
    await saveOn(disk, 3)
    const found = await store(disk).load('key')
    const slow = sleeping(disk, 'after', isLink, () => saveOn(disk, others))
    expect(await store(slow).save('key', 'value 4', found?.version)).toMatch(/^4\./)
    expect((await store(disk).load('key'))?.value).toBe(`value ${4 + others}`)
  })

  test('after its link while one that builds on it dies before it empties the file has saved all the same', async () => {
    for (const dies of ['lstat', 'open', 'truncate'] as const) {
      const disk = await diskWith(3)
      const found = await store(disk).load('key')
      const slow = sleeping(disk, 'after', isLink, async () => {
        let made = false
        // Opened once more to see that the save is the first, and then to empty the file.
        let opened = 0
        const dying = around(disk, {
          before(call, path) {
            if (!made || !path.endsWith('/4') || call !== dies) return
            if (call !== 'open' || ++opened > 1) throw systemError('EIO')
          },
          after: (call) => void (made ||= call === 'link'),
        })
        await saveOn(dying, 1)
        await saveOn(disk, 20)
      })
      expect(await store(slow).save('key', 'value 4', found?.version)).toMatch(/^4\./)
      expect((await store(disk).load('key'))?.value).toBe('value 25')
    }
  })

  test('at any call while others go on neither loses a save nor makes one twice', async () => {
    let calls = 0
    const counted = await diskWith(8)
    const counting = around(counted, { before: () => void calls++ })
    await store(counting).save('key', 'value 9', (await store(counted).load('key'))?.version)
    expect(calls).toBeGreaterThan(30)
    for (let index = 0; index < calls; index++)
      for (const others of [1, 8, 20]) {
        const disk = await diskWith(8)
        const found = await store(disk).load('key')
        let call = 0
        const slow = sleeping(
          disk,
          'before',
          () => call++ === index,
          () => saveOn(disk, others),
        )
        const outcome = await store(slow).save('key', 'value 9', found?.version)
        // Whoever came second built on the first.
        expect((await store(disk).load('key'))?.value).toBe(`value ${8 + others + (outcome === false ? 0 : 1)}`)
      }
  })

  test('around its link is not taken in by another sleeper, who empties the file that once had the same name', async () => {
    const disk = await diskWith(8)
    const base = await store(disk).load('key')
    const [othersDone, linked] = [gate(), gate()]
    // Saved 10 and is about to empty 9 when 9 is removed and 10, 11, … are built on it.
    const emptying = sleeping(
      disk,
      'before',
      (call, path) => call === 'open' && path.endsWith('/9') && othersSave,
      async () => {
        await saveOn(disk, 20)
        othersDone.open()
        await linked.passed
      },
    )
    let othersSave = false
    let saving: Promise<unknown> = Promise.resolve()
    const slow = around(disk, {
      async before(call) {
        if (call !== 'link') return
        await saveOn(disk, 1)
        const ninth = await store(disk).load('key')
        const watched = around(emptying, { after: (made) => void (made === 'link' && (othersSave = true)) })
        saving = store(watched).save('key', 'value 10', ninth?.version)
        await othersDone.passed
      },
      async after(call) {
        if (call !== 'link') return
        linked.open()
        expect(await saving).toMatch(/^10\./)
      },
    })
    expect(await store(slow).save('key', 'value 9', base?.version)).toBe(false)
    expect((await store(disk).load('key'))?.value).toBe('value 30')
  })

  test('so long that its temporary file was swept has not saved, and says so', async () => {
    const disk = new ModelDisk()
    await saveOn(disk, 1)
    const found = await store(disk).load('key')
    const slow = sleeping(disk, 'before', isLink, async () => {
      const folder = '/var/lib/orders/registrant/key'
      for (const name of await disk.readdir(folder)) if (name.endsWith('.temp')) await disk.unlink(`${folder}/${name}`)
    })
    expect(await failure(store(slow).save('key', 'late', found?.version))).toMatchObject({ code: 'store-unavailable' })
    expect(await store(disk).load('key')).toEqual(found)
  })
})

test.for(['has linked', 'has saved'] as const)(
  'a writer whose temporary file a snapshot gave another name takes nothing from one that %s first',
  async (others) => {
    await using folder = await temporaryDirectory()
    const on = (disk: Disk): RegistrationStore => fileStoreOn(disk, folder.path)
    const base = await on(machine).save('key', 'base', undefined)
    if (base === false) throw new Error('Nobody else saves here')
    const [linked, ended] = [gate(), gate()]
    const first = around(machine, {
      async after(call) {
        if (call !== 'link') return
        linked.open()
        if (others === 'has linked') await ended.passed
      },
    })
    let saving: Promise<unknown> = Promise.resolve()
    const second: Disk = {
      ...machine,
      async link(path, name) {
        saving = on(first).save('key', 'first', base)
        await (others === 'has linked' ? linked.passed : saving)
        await machine.link(path, join(folder.path, 'snapshot'))
        await machine.link(path, name)
      },
    }
    expect(await on(second).save('key', 'second', base)).toBe(false)
    ended.open()
    expect(await on(machine).load('key')).toEqual({ value: 'first', version: await saving })
  },
)

/** Something to wait for. */
function gate(): { passed: Promise<void>; open: () => void } {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}

describe('a reader that sleeps', () => {
  test('at any call while others save and remove what it was about to read finds a value that was there meanwhile', async () => {
    let calls = 0
    await store(around(await diskWith(12), { before: () => void calls++ })).load('key')
    expect(calls).toBeGreaterThan(5)
    for (let index = 0; index < calls; index++)
      for (const others of [1, 8, 20]) {
        const disk = await diskWith(12)
        let call = 0
        const slow = sleeping(
          disk,
          'before',
          () => call++ === index,
          () => saveOn(disk, others),
        )
        const found = await store(slow).load('key')
        expect([12, 12 + others].map((number) => `value ${number}`)).toContain(found?.value)
      }
  })

  test('whose list missed the newest file takes no older one for it, and no key for absent', async () => {
    const disk = await diskWith(20)
    // What a paused writer left under a number that was long removed.
    const leftover = await leaveStale(disk)
    for (const missed of [(name: string) => numbered(name) && name !== leftover, numbered]) {
      let lists = 0
      const partial: Disk = {
        ...around(disk, {}),
        readdir: async (path) => (await disk.readdir(path)).filter((name) => lists++ > 20 || !missed(name)),
      }
      expect((await store(partial).load('key'))?.value).toBe('value 20')
    }
  })

  test('gives up after a hundred attempts when every one is overtaken', async () => {
    const disk = await diskWith(3)
    const busy = around(disk, {
      before: async (call, path) => (call === 'open' && numbered(path) ? saveOn(disk, 1) : undefined),
    })
    expect(await failure(store(busy).load('key'))).toMatchObject({ code: 'store-unavailable' })
    await expect(store(busy).load('key', AbortSignal.abort(new Error('left')))).rejects.toThrow('left')
  })
})

/** A file under a removed number: its writer was killed between its link and its look at what was removed. */
async function leaveStale(disk: ModelDisk): Promise<string> {
  const fresh = new ModelDisk()
  await saveOn(fresh, 4)
  const folder = '/var/lib/orders/registrant/key'
  const from = await fresh.open(`${folder}/4`, 0)
  const to = await disk.open(`${folder}/4`, 0o100, 0o600)
  await to.writeFile(await from.readFile())
  return '4'
}
