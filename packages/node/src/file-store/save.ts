import { StoreError } from '@registrant/core'

import { cleanUp } from './clean-up.ts'
import { encode, versionOf } from './content.ts'
import type { FileFacts, OpenFile } from './disk.ts'
import { codeOf, failure, quietly, unknown, unlessMissing } from './failure.ts'
import { numbersIn, temporaryName } from './folder.ts'
import type { Folder } from './folder.ts'
import { contentOf, find } from './load.ts'
import type { Found } from './load.ts'
import { requireOwnFile, requireWritable } from './permissions.ts'

/**
 * Saves under the number after the one that was loaded: the link to that name is the compare-and-swap.
 *
 * Two writers can't both link a name that exists, however old their lists of the folder are. A writer that slept may link
 * a name that was used and removed meanwhile; it finds that what it built on has been emptied or removed (see
 * `clean-up.ts`). The order is what makes a save last: the data on the disk, then its name, then the name on the disk,
 * and only then anything older is touched.
 */
export async function save(
  folder: Folder,
  value: string,
  expected: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | false> {
  const found = await find(folder, signal)
  const base = found.saved ?? found.damaged
  // A save over damage is only for a caller that was told of it, with its version.
  if (found.damaged !== undefined && expected !== found.damaged.version) throw found.damaged.error
  if (expected !== base?.version) return false
  if (found.saved !== undefined) {
    const path = folder.file(found.saved.number)
    const there = await unlessMissing(folder.disk.lstat(path))
    if (there !== undefined) requireWritable(there, path)
  }

  const token = crypto.randomUUID()
  const number = (base?.number ?? 0) + 1
  const content = encode(`${folder.name}/${number}`, { token, base: found.saved?.token ?? '-', value })
  await folder.make()

  const temporary = folder.file(temporaryName(token))
  const file = await folder.create(temporary)
  let facts: FileFacts
  try {
    await file.writeFile(content)
    await file.sync()
    facts = await file.stat()
    requireOwnFile(facts, folder.file(number))
    signal?.throwIfAborted()
    if (!(await link(folder, file, token, number))) return false
    if (!(await lasts(folder, file, token, number, found))) return false
  } finally {
    await quietly(folder.disk.unlink(temporary))
    await quietly(file.close())
  }
  await quietly(cleanUp(folder, found, facts.mtimeMs))
  return versionOf({ number, token })
}

/** Whether the name was free. */
async function link(folder: Folder, file: OpenFile, token: string, number: number): Promise<boolean> {
  const path = folder.file(number)
  try {
    await folder.disk.link(folder.file(temporaryName(token)), path)
    return true
  } catch (error) {
    // Over a network a link can be made although its answer is lost, and a taken name can be told as any failure.
    const [mine, taken] = await whose(folder, file, token, number).catch((cause: unknown) => {
      throw unknown(cause, path)
    })
    if (mine) return true
    const code = codeOf(error)
    if (code === 'EEXIST' || taken) return false
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

/** Whether the number is our file's, and whether it is taken. Our file's count of links says nothing: a snapshot may be one. */
async function whose(
  folder: Folder,
  file: OpenFile,
  token: string,
  number: number,
): Promise<readonly [mine: boolean, taken: boolean]> {
  await folder.refresh()
  // A writer that built on our file has emptied it, and perhaps removed its number.
  if ((await says(folder, number, token)) || (await file.stat()).size === 0) return [true, true]
  const [highest = 0] = numbersIn((await folder.list()) ?? [])
  return [false, highest >= number]
}

/** Whether our link was the first under its number; if so, makes it last. */
async function lasts(folder: Folder, file: OpenFile, token: string, number: number, found: Found): Promise<boolean> {
  const path = folder.file(number)
  let first: boolean
  try {
    // If our base has lost its token, another writer has built on it; or on our file, which that writer has emptied then.
    first = (await isNewest(folder, number, found)) || (await file.stat()).size === 0
    if (first) await folder.sync()
  } catch (error) {
    throw unknown(error, path)
  }
  // The number may be another writer's by now.
  if (!first && (await quietly(says(folder, number, token)))) await quietly(folder.disk.unlink(path))
  return first
}

const says = async (folder: Folder, number: number, token: string): Promise<boolean> =>
  (await contentOf(folder, number))?.token === token

async function isNewest(folder: Folder, number: number, { saved, damaged }: Found): Promise<boolean> {
  if (saved !== undefined) return says(folder, saved.number, saved.token)
  // A base that can't be read can't be seen to change, so the highest number decides. The first number is never removed.
  return damaged === undefined || numbersIn((await folder.list()) ?? [])[0] === number
}
