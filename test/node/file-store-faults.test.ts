import { StoreError } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'
import { fileStoreOn } from '@registrant/node/testing'
import type { Disk } from '@registrant/node/testing'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { around } from '../support/disks.ts'
import type { Around, Call } from '../support/disks.ts'
import { ModelDisk, systemError } from '../support/model-disk.ts'

const directory = '/var/lib/orders'
const store = (disk: Disk): RegistrationStore => fileStoreOn(disk, directory)

/** A disk with so many saves on it, and the version of the last. */
async function saved(times: number): Promise<{ disk: ModelDisk; version: string | undefined }> {
  const disk = new ModelDisk()
  let version: string | undefined
  for (let count = 1; count <= times; count++)
    version = (await store(disk).save('key', `value ${count}`, version)) || undefined
  return { disk, version }
}

/** Something wrong at one call: the first, the second, … */
const at = (index: number, act: () => void): ((call: Call) => void) => {
  let calls = 0
  return () => {
    if (calls++ === index) act()
  }
}

/** The calls that a healthy disk gets. */
async function callsOf(disk: Disk, use: (disk: Disk) => Promise<unknown>): Promise<Call[]> {
  const calls: Call[] = []
  await use(around(disk, { before: (call) => void calls.push(call) }))
  return calls
}

const codes = ['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EMFILE'] as const
const when = ['instead of the call', 'after the call was made'] as const

describe('a save during which one call fails, whichever it is,', () => {
  test.for<[which: string, saves: number]>([
    ['the first of all', 0],
    ['the second', 1],
    ['one that removes old saves', 8],
  ])('is acknowledged and there, or throws a code and leaves what was there: %s', async ([, saves]) => {
    const calls = await callsOf((await saved(saves)).disk, async (disk) => {
      const found = await store(disk).load('key')
      return store(disk).save('key', 'new', found?.version)
    })
    const outcomes = new Map<string, number>()
    for (let index = 0; index < calls.length; index++)
      for (const code of codes)
        for (const moment of when) {
          const { disk, version } = await saved(saves)
          const fault = at(index, () => {
            throw systemError(code)
          })
          const failing = around(disk, moment === 'instead of the call' ? { before: fault } : { after: fault })
          const outcome = await store(failing)
            .save('key', 'new', version)
            .catch((error: unknown) => error)

          const what = `${code} ${moment} ${calls[index]} (${index})`
          const found = await store(disk).load('key')
          const old = saves === 0 ? undefined : `value ${saves}`
          if (typeof outcome === 'string') expect(found, what).toEqual({ value: 'new', version: outcome })
          else {
            expect(outcome, what).toBeInstanceOf(StoreError)
            const { code: said } = await failure(Promise.reject(outcome))
            if (said === 'store-unknown') expect([old, 'new'], what).toContain(found?.value)
            else expect(found?.value, what).toBe(old)
            outcomes.set(said, (outcomes.get(said) ?? 0) + 1)
          }
          expect(await store(disk).save('key', 'goes on', found?.version), what).toBeTypeOf('string')
        }
    expect([...outcomes.keys()].toSorted()).toEqual(['store-denied', 'store-unavailable', 'store-unknown'])
  })
})

describe('a load during which one call fails, whichever it is,', () => {
  test('finds the value or throws a code, and never takes it for absent', async () => {
    const { disk, version } = await saved(12)
    const calls = await callsOf(disk, (watched) => store(watched).load('key'))
    expect(calls.length).toBeGreaterThan(5)
    for (let index = 0; index < calls.length; index++)
      for (const code of codes)
        for (const moment of when) {
          const fault = at(index, () => {
            throw systemError(code)
          })
          const failing = around(disk, moment === 'instead of the call' ? { before: fault } : { after: fault })
          const outcome = await store(failing)
            .load('key')
            .catch((error: unknown) => error)
          if (outcome instanceof StoreError)
            expect(outcome.code).toBe(code === 'EROFS' || code === 'EACCES' ? 'store-denied' : 'store-unavailable')
          else expect(outcome).toEqual({ value: 'value 12', version })
        }
  })
})

describe('the error of a save says what is true and what to do', () => {
  const failing = (call: Call, code: string, more: Around = {}): Promise<Disk> =>
    saved(0).then(({ disk }) =>
      around(disk, {
        ...more,
        before(now) {
          if (now === call) throw systemError(code)
        },
      }),
    )

  test.for(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])(
    'on a file system without hard links (%s)',
    async (code) => {
      const error = await failure(store(await failing('link', code)).save('key', 'value', undefined))
      expect(error).toMatchObject({ code: 'store-denied' })
      expect(error.message).toContain('no hard links')
      expect(error.message).toContain('Nothing was saved')
    },
  )

  test('on a full disk', async () => {
    const error = await failure(store(await failing('writeFile', 'ENOSPC')).save('key', 'a-secret', undefined))
    expect(error).toMatchObject({ code: 'store-unavailable' })
    expect(error.message).toContain('not saved in /var/lib/orders/registrant/key: ENOSPC')
    expect(JSON.stringify(error) + error.message).not.toContain('a-secret')
  })

  test.for([
    ['EACCES', 'rwx'],
    ['EDQUOT', 'quota'],
    ['EMFILE', 'ulimit'],
    ['ENOSPC', 'make room'],
    ['EROFS', 'mounted read-only'],
  ] as const)('where the system says %s', async ([code, cure]) => {
    const error = await failure(store(await failing('open', code)).save('key', 'value', undefined))
    expect(error.message).toContain(cure)
    // Elsewhere there is no registration.
    expect(error.message).not.toContain('another directory')
  })
})

test('a link that was made, and was reported as failed over the network, counts', async () => {
  for (const code of ['EEXIST', 'EIO', 'ETIMEDOUT']) {
    const { disk, version } = await saved(2)
    const forgetful = around(disk, {
      after(call) {
        if (call === 'link') throw systemError(code)
      },
    })
    const outcome = await store(forgetful).save('key', 'new', version)
    expect(await store(disk).load('key')).toEqual({ value: 'new', version: outcome })
  }
})
