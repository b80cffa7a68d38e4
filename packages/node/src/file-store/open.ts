import { resolve } from 'node:path'

import type { RegistrationStore, StoreRisk } from '@registrant/core'

import { nodeDisk } from './disk.ts'
import type { Disk } from './disk.ts'
import { failure } from './failure.ts'
import { canFlush, Folder, folderName, rootIn } from './folder.ts'
import { find } from './load.ts'
import { save } from './save.ts'

/** The methods of a file store. */
export type OpenFileStore = RegistrationStore & Required<Pick<RegistrationStore, 'risks'>>

/** The file store, over any disk. */
export function openFileStore(directory: string, disk: Disk = nodeDisk): OpenFileStore {
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
        return (await canFlush(disk, rootIn(path))) ? [] : [folderNotFlushed(path)]
      } catch (error) {
        throw failure(error, `${path} could not be asked what it may lose`)
      }
    },
  }
}

/** The caller's own reason where it aborted; otherwise the failure in words for a person. */
const said = (error: unknown, signal: AbortSignal | undefined, what: string): unknown =>
  signal?.aborted && error === signal.reason ? error : failure(error, what)

const folderNotFlushed = (path: string): StoreRisk => ({
  rule: 'folder-not-flushed',
  message:
    `A folder in ${path} can't be flushed, by its file system or by this user: a power failure may take back a save that was acknowledged. ` +
    'Files are flushed all the same.',
})
