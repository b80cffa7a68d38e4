import { resolve } from 'node:path'

import { InvalidRequestError } from '@registrant/core'
import type { RegistrationStore, StoreRisk } from '@registrant/core'

import { nodeDisk } from './disk.ts'
import type { Disk } from './disk.ts'
import { failure } from './failure.ts'
import { canFlush, Folder, folderName } from './folder.ts'
import { find } from './load.ts'
import { save } from './save.ts'

/**
 * Keeps registrations as files in a folder of its own inside `directory`, for all processes that share that directory.
 *
 * The folder is `registrant`, made with mode 0700 by the first save, and in it one for each registration, named after its
 * application; only they and their files (0600) are judged, so the directory may be a volume that is open to everybody,
 * and is made if it does not exist. A save is on the disk when it resolves: data, name and folder are flushed; where a
 * file system can't flush folders (Windows, some network folders) `risks()` says so. Old saves are emptied at once and
 * removed soon after. Nothing is ever overwritten, so a crash or a full disk leaves what was saved before.
 *
 * What can't be read is never taken for absent. Both verbs throw `StoreError`: `store-denied` for what belongs to somebody
 * else, is open to others, is a symbolic link, is read-only, or lies on a file system without hard links;
 * `store-unavailable` for a full disk, a volume that is not mounted, and everything else that may pass; `store-unknown`
 * when a save was written and the disk then failed before it could be called durable. A newest file that can't be read is
 * `store-unavailable` as long as a network file system's old list of the folder may be the reason, and after 90 seconds
 * `store-corrupt` with the `version` to save over. Of a newer release's file it throws `StateError` `newer-schema`.
 *
 * It needs a file system with hard links. Machines may share the directory over a network.
 *
 * @param directory where the folder is made; a relative path is resolved now
 * @throws {InvalidRequestError} `directory` is empty
 */
export function fileStore(directory: string): RegistrationStore {
  if (directory === '')
    throw new InvalidRequestError([
      { member: 'directory', message: 'It must not be empty', rule: 'option', level: 'MUST', source: 'options' },
    ])
  return openFileStore(directory, nodeDisk)
}

/** The file store, over any disk. */
export function openFileStore(directory: string, disk: Disk): RegistrationStore {
  const path = resolve(directory)
  const folders = new Map<string, Promise<Folder>>()
  const folderOf = (key: string): Promise<Folder> => {
    const known = folders.get(key) ?? folderName(key).then((name) => new Folder(disk, path, name))
    folders.set(key, known)
    return known
  }
  return {
    async load(key, signal) {
      const folder = await folderOf(key)
      try {
        const { saved, damaged } = await find(folder, signal)
        if (damaged) throw damaged.error
        return saved && { value: saved.value, version: saved.version }
      } catch (error) {
        throw said(error, signal, `The registration in ${folder.path} could not be read`)
      }
    },
    async save(key, value, expected, signal) {
      const folder = await folderOf(key)
      try {
        return await save(folder, value, expected, signal)
      } catch (error) {
        throw said(error, signal, `The registration was not saved in ${folder.path}`)
      }
    },
    async risks() {
      try {
        return (await canFlush(disk, path)) ? [] : [folderNotFlushed(path)]
      } catch (error) {
        throw failure(error, `${path} could not be asked what it may lose`)
      }
    },
  }
}

/** A caller that left gets its own reason, whatever that is. */
const said = (error: unknown, signal: AbortSignal | undefined, what: string): unknown =>
  signal?.aborted && error === signal.reason ? error : failure(error, what)

const folderNotFlushed = (path: string): StoreRisk => ({
  rule: 'folder-not-flushed',
  message:
    `The file system of ${path} can't flush a folder: a power failure may take back a save that was acknowledged. ` +
    'Files are flushed all the same.',
})
