import { constants } from 'node:fs/promises'
import { join } from 'node:path'

import { decode } from './content.ts'
import type { Disk } from './disk.ts'
import { unlessMissing } from './failure.ts'
import type { Folder } from './folder.ts'
import type { Saved } from './load.ts'
import { isTemporary } from './names.ts'
import type { Names } from './names.ts'
import { announceRemoval } from './removed.ts'

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
  base: Saved | undefined
  /** The file system's own time, so that no clock of ours matters. */
  now: number
}

/** After a save that lasts: takes away what older saves, and writers that died, left of their secrets. */
export async function tidy(done: Done): Promise<void> {
  const { disk, folder, own, names, number, base } = done
  if (base) await empty(disk, folder, own.numbered(base.number), base.token)
  await removeTemporary(done)

  const older = own.numbersIn(names)
  if (older.length < kept) return
  await announceRemoval(disk, join(folder.path, own.removed), number - 1)
  await folder.sync()
  for (const gone of older) await unlessMissing(disk.unlink(join(folder.path, own.numbered(gone))))
}

/** Empties the file that was built on, and no other that came to its name: emptied means that a save replaced it. */
async function empty(disk: Disk, folder: Folder, name: string, token: string): Promise<void> {
  const path = join(folder.path, name)
  const file = await unlessMissing(disk.open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK))
  if (file === undefined) return
  try {
    const content = decode(name, await file.readFile())
    if (typeof content === 'object' && content.token === token) await file.truncate()
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
