import { constants } from 'node:fs/promises'
import { join } from 'node:path'

import { StoreError } from '@registrant/core'

import { contentLimit, decode } from './content.ts'
import type { Disk } from './disk.ts'
import { unlessMissing } from './failure.ts'
import type { Folder } from './folder.ts'
import { judgeFile } from './judge.ts'
import type { Names } from './names.ts'
import { removedUpTo } from './removed.ts'

/** The newest save of a key. */
export interface Saved {
  number: number
  token: string
  value: string
}

/** What one look found. A `problem` may be that the folder changed under it: then the next look sees another number. */
interface Look {
  names: readonly string[]
  saved?: Saved
  number?: number
  problem?: string
}

const looks = 100

/** So often in a row the same trouble is no race. */
const certain = 10

/**
 * Reads the newest save of a key: `saved` is absent only if the folder was read and holds no file of that key.
 *
 * A file that can't be read counts only if it stays the newest: at one look it may have been superseded, emptied or
 * removed between the list and its opening.
 */
export async function load(disk: Disk, folder: Folder, own: Names, signal: AbortSignal | undefined): Promise<Look> {
  let before: Look | undefined
  let alike = 1
  for (let look = 0; look < looks; look++) {
    signal?.throwIfAborted()
    const now = await lookOnce(disk, folder, own)
    if (now.problem === undefined) return now
    alike = now.problem === before?.problem && now.number === before.number ? alike + 1 : 1
    if (alike === certain) throw corrupt(folder, own, now)
    before = now
  }
  throw new StoreError(
    'store-unavailable',
    `${folder.path} changed at each of ${looks} attempts to read it. Try again later.`,
  )
}

async function lookOnce(disk: Disk, folder: Folder, own: Names): Promise<Look> {
  const names = (await folder.list()) ?? []
  const [number] = own.numbersIn(names)
  if (number === undefined) return names.includes(own.removed) ? { names, problem: 'is gone' } : { names }

  const name = own.numbered(number)
  const bytes = await read(disk, join(folder.path, name))
  // A list is not taken in one instant. If a higher number was there when it was begun and escaped it, that number was
  // removed since then, and so the file that is read now speaks of it.
  const gone = await removedUpTo(disk, join(folder.path, own.removed))
  if (bytes === undefined || number <= gone) return { names, number, problem: 'is older than what was removed' }
  const content = decode(name, bytes)
  if (typeof content === 'string') return { names, number, problem: content }
  return { names, number, saved: { number, ...content } }
}

async function read(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  // A pipe must not keep us waiting until it is known for one.
  const file = await unlessMissing(disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
  if (file === undefined) return undefined
  try {
    const facts = await file.stat()
    judgeFile(facts, path)
    if (facts.size > contentLimit) throw new StoreError('store-corrupt', `${path} is larger than anything we write.`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function corrupt(folder: Folder, own: Names, { number, problem }: Look): StoreError {
  const path = join(folder.path, number === undefined ? own.removed : own.numbered(number))
  const what = number === undefined ? `What ${path} speaks of` : path
  return new StoreError(
    'store-corrupt',
    `${what} ${problem}. That is not taken for an absent registration. Bring the folder back from a backup; if there is ` +
      `none, the client at the server has to be found by hand, and then the folder may be removed.`,
  )
}
