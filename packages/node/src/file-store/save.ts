import { constants } from 'node:fs/promises'
import { join } from 'node:path'

import { StoreError } from '@registrant/core'

import { encode } from './content.ts'
import type { Disk, FileFacts, OpenFile } from './disk.ts'
import { codeOf, failure, unknown } from './failure.ts'
import type { Folder } from './folder.ts'
import { judgeFile } from './judge.ts'
import { load } from './load.ts'
import { temporaryName } from './names.ts'
import type { Names } from './names.ts'
import { removedUpTo } from './removed.ts'
import { tidy } from './tidy.ts'
import { versionOf } from './version.ts'

/**
 * Saves under the number after the one that was loaded: the link to that name is the compare-and-swap.
 *
 * Two writers can't both link a name that exists, and a name that existed and was removed is told by the file that
 * `removed.ts` keeps. The order is what makes it last: the data on the disk, then its name, then the name on the disk,
 * and only then anything older is touched.
 */
export async function save(
  disk: Disk,
  folder: Folder,
  own: Names,
  value: string,
  expected: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | false> {
  const { names, saved: base } = await load(disk, folder, own, signal)
  if (expected !== (base && versionOf(base))) return false

  const token = crypto.randomUUID()
  const number = (base?.number ?? 0) + 1
  const name = own.numbered(number)
  const content = encode(name, token, value)
  await folder.make()

  const temporary = join(folder.path, temporaryName(token))
  const path = join(folder.path, name)
  const file = await disk.open(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  )
  let facts: FileFacts
  try {
    await file.writeFile(content)
    await file.sync()
    facts = await file.stat()
    judgeFile(facts, path)
    signal?.throwIfAborted()
    if (!(await link(disk, file, temporary, path))) return false
    if (!(await lasts(disk, folder, own, number, file))) return false
  } finally {
    await quietly(disk.unlink(temporary))
    await quietly(file.close())
  }
  await quietly(tidy({ disk, folder, own, names, number, base: base?.number, now: facts.mtimeMs }))
  return versionOf({ number, token })
}

/** Whether the name was free. */
async function link(disk: Disk, file: OpenFile, temporary: string, path: string): Promise<boolean> {
  try {
    await disk.link(temporary, path)
    return true
  } catch (error) {
    // Over a network a link can be made and the answer get lost; the file itself knows how many names it has.
    const { nlink } = await file.stat().catch((cause: unknown) => {
      throw unknown(cause, path)
    })
    if (nlink === 2) return true
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS' || code === 'EMLINK')
      throw new StoreError(
        'store-denied',
        `${path} can't be linked: this file system has no hard links, which the file store needs to tell who was first ` +
          `(${code}). Keep the registration on a local disk or volume that has them, or in another store. Nothing was saved.`,
        { cause: error },
      )
    throw failure(error, `${path} could not be linked, and nothing was saved`)
  }
}

/** Whether our link was the first under its number, and if so that it lasts. */
async function lasts(disk: Disk, folder: Folder, own: Names, number: number, file: OpenFile): Promise<boolean> {
  const path = join(folder.path, own.numbered(number))
  let first: boolean
  try {
    first = number > (await removedUpTo(disk, join(folder.path, own.removed)))
    // Used and removed before our link, or since then: in the latter case somebody built on our file and emptied it.
    if (!first) first = (await file.stat()).size === 0
    else await folder.sync()
  } catch (error) {
    throw unknown(error, path)
  }
  if (!first) await quietly(disk.unlink(path))
  return first
}

/** Nothing that was saved depends on it, and the next save does it again. */
async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch {
    // See above.
  }
}
