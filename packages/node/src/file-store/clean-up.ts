import { constants } from 'node:fs/promises'

import { decode } from './content.ts'
import { quietly, unlessMissing } from './failure.ts'
import { isTemporary, numbersIn } from './folder.ts'
import type { Folder } from './folder.ts'
import type { Found } from './load.ts'

/*
 * A number whose file was removed could be linked again, by a writer that slept since before the number was used. So a
 * number is removed only when the file before it is emptied or gone: the sleeper looks at that file after its link. The
 * first number, which has none before it, is never removed. And a file is emptied only after a look whether it is the one
 * that is meant, since a sleeper takes an emptied file for the sign that another writer built on its save.
 */

/** The number of emptied files of a key at which they are removed. */
const kept = 6

/** Milliseconds. A writer that takes longer is dead, or finds its temporary file gone and fails without having saved. */
const temporaryLife = 600_000

/**
 * Takes away, after a save that lasts, the secrets that older saves and dead writers left behind.
 *
 * @param found what the save was built on, and what was in the folder before it
 * @param now the file system's own time
 */
export async function cleanUp(folder: Folder, { names, saved, damaged }: Found, now: number): Promise<void> {
  if (saved !== undefined) {
    await quietly(empty(folder, saved.number, saved.token))
    // The writer of that save may have died before it emptied the one before.
    if (saved.number > 1) await quietly(empty(folder, saved.number - 1, saved.base))
  } else if (damaged !== undefined) await quietly(empty(folder, damaged.number))

  // A file that can't be removed does not keep the others: each may hold a secret.
  for (const name of names.filter(isTemporary)) await quietly(removeTemporary(folder, folder.file(name), now))

  const base = (saved ?? damaged)?.number ?? 0
  const older = numbersIn(names).filter((number) => number > 1 && number < base)
  if (older.length < kept) return
  await empty(folder, 1)
  for (const number of older.toReversed()) {
    const facts = await unlessMissing(folder.disk.lstat(folder.file(number)))
    // A folder is none of ours: somebody else put it there.
    if (facts && !facts.isDirectory()) await unlessMissing(folder.disk.unlink(folder.file(number)))
  }
}

async function removeTemporary({ disk }: Folder, path: string, now: number): Promise<void> {
  const facts = await disk.lstat(path)
  // A time far in the future comes from a clock that was set back since.
  if (facts.isFile() && Math.abs(now - facts.mtimeMs) > temporaryLife) await disk.unlink(path)
}

/** Empties a file; if a token is given, only where the file holds it. */
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
