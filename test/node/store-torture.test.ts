import { existsSync } from 'node:fs'

import { InvalidRequestError } from '@registrant/node'
import { storeTorture } from '@registrant/node/testing'
import { describe, expect, test } from 'vitest'

// Here only the order of what is done matters, so the memory will do for a disk. `npm run test:endurance` does it with 20,000
// saves and 200 deaths.
const directory = existsSync('/dev/shm') ? '/dev/shm' : undefined
const moduleNamed = (name: string): URL => new URL(`../support/${name}-store-module.ts`, import.meta.url)

describe('fileStore loses no acknowledged save and takes no number twice', () => {
  test('while six processes save, are paused, and old saves are removed', async () => {
    const options = { processes: 6, writes: 250, kills: 5 } as const
    const result = await storeTorture({ module: moduleNamed('file'), directory, ...options })
    expect(result).toMatchObject({ lost: 0, double: 0, late: 0, unavailable: 0, killed: 5 })
    expect(result.acknowledged).toBeGreaterThanOrEqual(250)
    expect(result.paused).toBeGreaterThan(5)
  })

  test('while three machines keep old lists of the folder, and one of them can’t flush it', async () => {
    const options = { machines: 3, processes: 6, writes: 200, kills: 3 } as const
    const result = await storeTorture({ module: moduleNamed('network-file'), directory, ...options })
    expect(result).toMatchObject({ lost: 0, double: 0, late: 0, unavailable: 0, unknown: 0, killed: 3 })
  })

  test('while processes are killed in the middle of a save', async () => {
    const options = { processes: 3, writes: 200, kills: 10, pauses: false, skew: 0 } as const
    const result = await storeTorture({ module: moduleNamed('file'), directory, ...options })
    expect(result).toMatchObject({ lost: 0, double: 0, late: 0, unavailable: 0, killed: 10 })
  })
})

describe('storeTorture', () => {
  test('notices a store that compares before it writes', async () => {
    const options = { processes: 4, writes: 200, kills: 0 } as const
    const { lost, double } = await storeTorture({ module: moduleNamed('careless'), directory, ...options })
    expect(lost + double).toBeGreaterThan(0)
  })

  test('ends with a store that does everything at once', async () => {
    const options = { processes: 3, writes: 100, kills: 2 } as const
    const result = await storeTorture({ module: moduleNamed('sqlite'), directory, ...options })
    expect(result).toMatchObject({ lost: 0, double: 0, killed: 2 })
  })

  test('notices a store whose exclusive is not freed by its holder’s death', async () => {
    // One of two holds it when one of them is killed, so twenty kills miss it once in a million.
    const options = { processes: 2, writes: 500, kills: 20, pauses: false, patience: 5000 } as const
    const torture = storeTorture({ module: moduleNamed('locked'), directory, ...options })
    await expect(torture).rejects.toThrow('Nothing was saved for 5 seconds')
  })

  test('says what ended a process', async () => {
    const nothing = new URL(import.meta.resolve('@registrant/node'))
    await expect(storeTorture({ module: nothing, processes: 1 })).rejects.toThrow('exports neither makeStore')
  })
})

test('a store without a module is refused before anything is started', async () => {
  for (const wrong of [undefined, {}, { module: 'store.ts' }])
    await expect(Reflect.apply(storeTorture, undefined, [wrong])).rejects.toThrow(InvalidRequestError)
})
