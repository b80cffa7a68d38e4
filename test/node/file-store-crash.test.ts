import { createHash } from 'node:crypto'

import { fileStoreOn } from '@registrant/node/testing'
import type { Disk, OpenFile } from '@registrant/node/testing'
import { describe, expect, test } from 'vitest'

import { around } from '../support/disks.ts'
import { ModelDisk } from '../support/model-disk.ts'
import type { Remains } from '../support/model-disk.ts'

const directory = '/var/lib/orders'

/** What a power failure may leave, and the least that must be found there. */
interface Crash {
  remains: Remains
  acknowledged: number
  begun: number
}

interface Course {
  /** Names are lost in the order in which they were given, as a journal does it; otherwise in any combination. */
  ordered: boolean
  writers?: number
  through?: (disk: Disk) => Disk
}

/** Saves 1, 2, 3, … and collects every state that a power failure could leave, at each change that is made to the disk. */
async function crashesOf(
  saves: number,
  { ordered, writers = 1, through: pass = (disk) => disk }: Course,
): Promise<Crash[]> {
  const disk = new ModelDisk()
  const crashes = new Map<string, Crash>()
  let [acknowledged, begun] = [0, 0]
  disk.changed = () => {
    for (const remains of disk.crashes({ ordered }))
      crashes.set(fingerprint(remains, acknowledged, begun), { remains, acknowledged, begun })
  }
  const write = async (index: number): Promise<void> => {
    const store = fileStoreOn(writers > 1 ? taking(index, pass(disk)) : pass(disk), directory)
    while (acknowledged < saves) {
      const found = await store.load('key')
      const number = numberIn(found) + 1
      begun = Math.max(begun, number)
      if (await store.save('key', `value ${number}`, found?.version)) acknowledged = Math.max(acknowledged, number)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, index) => write(index)))
  return [...crashes.values()]
}

const numberIn = (found: { value: string } | undefined): number => Number(found?.value.replace('value ', '') ?? 0)

/** Another course of time for each writer, and the same in each run. */
function taking(seed: number, disk: Disk): Disk {
  let state = seed + 1
  return around(disk, {
    async before() {
      state = (state * 48_271) % 2_147_483_647
      for (let ticks = state % 40; ticks > 0; ticks--) await Promise.resolve()
    },
  })
}

function fingerprint(remains: Remains, acknowledged: number, begun: number): string {
  const hash = createHash('sha1').update(`${acknowledged} ${begun}`)
  for (const [path, data] of [...remains].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\0${path}\0`).update(data ?? '/')
  return hash.digest('base64')
}

/** What a program finds that starts after the crash, and if asked whether it can go on. */
async function judge(
  { remains, acknowledged, begun }: Crash,
  goOn: boolean,
): Promise<'good' | 'unreadable' | 'lost' | 'stuck'> {
  const store = fileStoreOn(ModelDisk.from(remains), directory)
  const found = await store.load('key').catch(() => 'unreadable' as const)
  if (found === 'unreadable') return 'unreadable'
  const number = numberIn(found)
  if (number < acknowledged || number > begun) return 'lost'
  if (!goOn) return 'good'
  const saved = await store.save('key', 'goes on', found?.version).catch(() => false)
  return saved !== false && (await store.load('key'))?.value === 'goes on' ? 'good' : 'stuck'
}

async function count(crashes: readonly Crash[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = { states: crashes.length }
  for (const [index, crash] of crashes.entries()) {
    const verdict = await judge(crash, index % 5 === 0)
    counts[verdict] = (counts[verdict] ?? 0) + 1
  }
  return counts
}

/** A disk on which one kind of flush does nothing. */
const without = (kind: 'file' | 'folder'): ((disk: Disk) => Disk) => {
  const forgetful = (file: OpenFile): OpenFile => ({
    ...file,
    sync: async () => ((await file.stat()).isFile() === (kind === 'file') ? undefined : file.sync()),
  })
  return (disk) => ({ ...around(disk, {}), open: async (...given) => forgetful(await disk.open(...given)) })
}

describe('when the power fails at any moment while saves are made and old ones removed', () => {
  test.for<[what: string, saves: number, course: Course, atLeast: number]>([
    ['names may be lost in any combination', 18, { ordered: false }, 5000],
    ['names are lost in order', 20, { ordered: true }, 500],
    ['three writers are at it, names lost in any combination', 5, { ordered: false, writers: 3 }, 5000],
    ['three writers are at it, names lost in order', 20, { ordered: true, writers: 3 }, 500],
  ])('and %s, what was acknowledged is there and the store goes on', async ([, saves, course, atLeast]) => {
    const counts = await count(await crashesOf(saves, course))
    expect(counts).toEqual({ states: counts['states'], good: counts['states'] })
    expect(counts['states']).toBeGreaterThan(atLeast)
  })

  test.for(['file', 'folder'] as const)('the enumeration notices if a %s is not flushed', async (kind) => {
    const counts = await count(await crashesOf(3, { ordered: false, through: without(kind) }))
    expect(counts[kind === 'file' ? 'unreadable' : 'lost']).toBeGreaterThan(0)
  })
})
