import { constants } from 'node:fs/promises'
import { join } from 'node:path'

import type { Disk } from './disk.ts'
import { unlessMissing } from './failure.ts'
import type { Folder } from './folder.ts'
import { isTemporary } from './names.ts'
import type { Names } from './names.ts'
import { announceRemoval, removedUpTo } from './removed.ts'

/** So many emptied files of a key may stand before they are removed. */
const kept = 8

/** A writer that took longer than this is gone, or finds its temporary file gone: it fails without having saved. */
const temporaryLife = 600_000

/** A save that lasts, and what was in the folder before it. */
interface Done {
  disk: Disk
  folder: Folder
  own: Names
  names: readonly string[]
  number: number
  /** The number that was built on. */
  base: number | undefined
  /** The file system's own time, so that no clock of ours matters. */
  now: number
}

/** After a save that lasts: takes away what older saves, and writers that died, left of their secrets. */
export async function tidy(done: Done): Promise<void> {
  const { disk, folder, own, names, number, base } = done
  if (base !== undefined) await empty(done, base)
  await removeTemporary(done)

  const older = own.numbersIn(names)
  if (older.length < kept) return
  for (const gone of older) await empty(done, gone)
  await announceRemoval(disk, join(folder.path, own.removed), number - 1)
  await folder.sync()
  for (const gone of older) await unlessMissing(disk.unlink(join(folder.path, own.numbered(gone))))
}

/**
 * Empties a file that was built on. A writer that slept meanwhile takes that for the sign that its save was made, so no
 * file is removed before it is emptied, and none is emptied that only later came to the name of a removed one.
 */
async function empty({ disk, folder, own }: Done, number: number): Promise<void> {
  const path = join(folder.path, own.numbered(number))
  if (((await unlessMissing(disk.lstat(path)))?.size ?? 0) === 0) return
  const file = await unlessMissing(disk.open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
  if (file === undefined) return
  try {
    if (number > (await removedUpTo(disk, join(folder.path, own.removed)))) await file.truncate()
  } finally {
    await file.close()
  }
}

async function removeTemporary({ disk, folder, names, now }: Done): Promise<void> {
  for (const name of names.filter(isTemporary)) {
    const path = join(folder.path, name)
    const facts = await unlessMissing(disk.lstat(path))
    if (facts && facts.mtimeMs < now - temporaryLife) await unlessMissing(disk.unlink(path))
  }
}
