import { resolve } from 'node:path'

import { InvalidRequestError, StoreError } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'

import type { OpenFileStore } from './open.ts'

/**
 * Keeps registrations as files in a folder of its own inside `directory`, for all processes that share that directory.
 *
 * The folder is `registrant`, made with mode 0700 by the first save. It holds one folder for each registration, named after
 * its application. Owner and mode are checked of these folders and their files (0600) alone, so the directory may be a volume
 * that is open to everybody; it is made if it does not exist. A save is on the disk when it resolves: data, name and folder
 * are flushed; where a file system can't flush folders (Windows, some network folders) `risks()` says so. Old saves are emptied
 * at once and removed soon after. Nothing is ever overwritten, so a crash or a full disk leaves what was saved before.
 *
 * What can't be read is never taken for absent. `load` and `save` throw `StoreError`: `store-denied` for what belongs to somebody
 * else, is open to others, is a symbolic link, is read-only, or lies on a file system without hard links;
 * `store-unavailable` for a full disk, a link to a volume that is not mounted, and everything else that may pass;
 * `store-unknown` when a save was written and the disk then failed before it could be called durable. A newest file that
 * can't be read is `store-unavailable` as long as a network file system's old list of the folder may be the reason, and
 * after 90 seconds `store-corrupt` with the `version` to save over. For a newer release's file they
 * throw `StateError` `newer-schema`.
 *
 * The mount point of a volume that is not mounted is an empty folder, and so an empty store: `expectExisting` refuses that.
 *
 * It needs a file system with hard links. Machines may share the directory over a network.
 *
 * @param directory where the folder is made; a relative path is resolved now
 * @throws {InvalidRequestError} `directory` is no path of a folder: empty, an address, one that begins with `~/`, or with a null character
 */
export function fileStore(directory: string): RegistrationStore {
  const path = resolved(directory)
  // The code of the store is loaded at its first use, not by a program that only mentions it.
  let opening: Promise<OpenFileStore> | undefined
  const opened = (): Promise<OpenFileStore> =>
    (opening ??= import('./open.ts').then(
      ({ openFileStore }) => openFileStore(path),
      (cause: unknown) => {
        opening = undefined
        const message = 'Code of this package could not be loaded. Was it replaced while this process ran?'
        throw new StoreError('store-unavailable', message, { cause })
      },
    ))
  return {
    load: async (...given) => (await opened()).load(...given),
    save: async (...given) => (await opened()).save(...given),
    risks: async (...given) => (await opened()).risks(...given),
  }
}

/** The absolute path of a directory; refuses what is no path. */
function resolved(directory: unknown): string {
  const refuse = (message: string, cause?: unknown): never => {
    throw new InvalidRequestError(
      [{ member: 'directory', message, rule: 'option', level: 'MUST', source: 'options' }],
      { cause },
    )
  }
  if (typeof directory !== 'string') return refuse('It must be the path of a folder, as text')
  if (directory === '') return refuse('It must not be empty')
  if (directory.includes('\0')) return refuse('No path holds a null character')
  if (/^file:/i.test(directory)) return refuse('It must be a path, and this is an address: take fileURLToPath() of it')
  // A drive of Windows has one letter.
  if (/^[a-z][a-z\d+.-]+:/i.test(directory))
    return refuse('It must be a path, and this is an address of something else')
  if (/^~(?:[/\\]|$)/.test(directory)) return refuse('It must be a path: ~ is known to shells alone, so take homedir()')
  try {
    return resolve(directory)
  } catch (error) {
    return refuse('It is relative, and the current folder of this process is not there any more', error)
  }
}
