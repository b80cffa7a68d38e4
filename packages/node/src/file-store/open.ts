import { resolve } from 'node:path'

import type { RegistrationStore } from '@registrant/core'

import type { Disk } from './disk.ts'
import { failure } from './failure.ts'
import { Folder } from './folder.ts'
import { load } from './load.ts'
import { namesOf } from './names.ts'
import { nodeDisk } from './node-disk.ts'
import { save } from './save.ts'
import { versionOf } from './version.ts'

/** The file store, over any disk. */
export function openFileStore(directory: string, disk: Disk = nodeDisk): RegistrationStore {
  const folder = new Folder(resolve(directory), disk)
  return {
    async load(key, signal) {
      try {
        const { saved } = await load(disk, folder, await namesOf(key), signal)
        return saved && { value: saved.value, version: versionOf(saved) }
      } catch (error) {
        throw failure(error, `The registration in ${folder.path} could not be read`)
      }
    },
    async save(key, value, expected, signal) {
      try {
        return await save(disk, folder, await namesOf(key), value, expected, signal)
      } catch (error) {
        throw failure(error, `The registration was not saved in ${folder.path}`)
      }
    },
  }
}
