import { link, lstat, mkdir, open, readdir, unlink } from 'node:fs/promises'

import type { RegistrationStore } from '@registrant/node'
import { fileStoreOn } from '@registrant/node/testing'
import type { TorturePlace } from '@registrant/node/testing'

import { keepingLists, withoutFolderFlush } from './disks.ts'

/** The file store on machines that keep lists of folders; the second can't flush a folder either. */
export function makeStore(directory: string, { machine }: TorturePlace): RegistrationStore {
  const disk = { link, lstat, mkdir, open, readdir, unlink }
  return fileStoreOn(keepingLists(machine === 1 ? withoutFolderFlush(disk, 'EINVAL') : disk, 500), directory)
}
