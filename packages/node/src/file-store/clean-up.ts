import { constants } from 'node:fs/promises'

import { decode } from './content.ts'
import { quietly, unlessMissing } from './failure.ts'
import { isTemporary, numbersIn } from './folder.ts'
import type { Folder } from './folder.ts'
import type { Found } from './load.ts'

/*
 * A number whose file was removed could be linked again, by a writer that slept since before the number was used. So a
 * number is removed only when the one before it is emptied or gone: the sleeper looks at that one after its link. The
 * first number, which has none before it, is never removed. And whoever empties a file looks first whether it is the one
 * that it means, since a sleeper takes it for the sign that somebody built on its save.
 */

/** So many emptied files of a key may stand before they are removed. */
const kept = 6

/** A writer that took longer than this is gone, or finds its temporary file gone: it fails without having saved. */
const temporaryLife = 600_000

/**
 * After a save that lasts: takes away what older saves, and writers that died, left of their secrets.
 *
 * @param found what it was built on, and what was in the folder before it
 * @param now the file system's own time
 */
export async function cleanUp(folder: Folder, { names, saved, damaged }: Found, now: number): Promise<void> {
  if (saved !== undefined) {
    await quietly(empty(folder, saved.number, saved.token))
    // Its writer may have died before it could do so.
    if (saved.number > 1) await quietly(empty(folder, saved.number - 1, saved.base))
  } else if (damaged !== undefined) await quietly(empty(folder, damaged.number))

  // What can't be taken away keeps nothing else: there may be a secret in each.
  for (const name of names.filter(isTemporary)) await quietly(removeTemporary(folder, folder.file(name), now))

  const base = (saved ?? damaged)?.number ?? 0
  const older = numbersIn(names).filter((number) => number > 1 && number < base)
  if (older.length < kept) return
  await empty(folder, 1)
  for (const number of older.toReversed()) {
    const facts = await unlessMissing(folder.disk.lstat(folder.file(number)))
    // What somebody put there is none of ours.
    if (facts && !facts.isDirectory()) await unlessMissing(folder.disk.unlink(folder.file(number)))
  }
}

async function removeTemporary({ disk }: Folder, path: string, now: number): Promise<void> {
  const facts = await disk.lstat(path)
  // A time that lies far ahead is that of a clock which was set back.
  if (facts.isFile() && Math.abs(now - facts.mtimeMs) > temporaryLife) await disk.unlink(path)
}

/** Empties a file; if a token is given, only that which says it. */
async function empty(folder: Folder, number: number, token?: string): Promise<void> {
  const path = folder.file(number)
  const facts = await unlessMissing(folder.disk.lstat(path))
  if (facts === undefined || facts.size === 0 || !facts.isFile()) return
  const file = await unlessMissing(
    folder.disk.open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK),
  )
  if (file === undefined) return
  try {
    const content = token === undefined ? undefined : decode(`${folder.name}/${number}`, await file.readFile())
    if (token === undefined || (typeof content === 'object' && content.token === token)) await file.truncate()
  } finally {
    await file.close()
  }
}
