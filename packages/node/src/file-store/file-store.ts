import { resolve } from 'node:path'

import { InvalidRequestError } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'

/**
 * Keeps registrations as files in a folder of its own inside `directory`, for all processes that share that directory.
 *
 * The folder is `registrant`, made with mode 0700 by the first save; only it and its files (0600) are judged, so the
 * directory may be a volume that is open to everybody, and is made if it does not exist. A save is on the disk when it
 * resolves: data, name and folder are flushed. Old saves are emptied at once and removed soon after. Nothing is ever
 * overwritten, so a crash or a full disk leaves what was saved before.
 *
 * What can't be read is never taken for absent. Both verbs throw `StoreError`: `store-corrupt` for a damaged file,
 * `store-denied` for what belongs to somebody else, is open to others, is a symbolic link, is read-only, or lies on a file
 * system without hard links; `store-unavailable` for a full disk and everything else that may pass; `store-unknown` when a
 * save was written and the disk then failed before it could be called durable. It needs a file system with hard links.
 *
 * @param directory where the folder is made; a relative path is resolved now
 * @throws {InvalidRequestError} `directory` is empty
 */
export function fileStore(directory: string): RegistrationStore {
  if (directory === '')
    throw new InvalidRequestError([
      { member: 'directory', message: 'It must not be empty', rule: 'option', level: 'MUST', source: 'options' },
    ])
  const path = resolve(directory)
  // A program that only mentions the store need not load what it is made of.
  let opening: Promise<RegistrationStore> | undefined
  const opened = (): Promise<RegistrationStore> =>
    (opening ??= import('./open.ts').then(({ openFileStore }) => openFileStore(path)))
  return {
    load: async (...given) => (await opened()).load(...given),
    save: async (...given) => (await opened()).save(...given),
  }
}
