import type { RegistrationStore } from '@registrant/core'

import type { Disk } from '../file-store/disk.ts'
import { openFileStore } from '../file-store/file-store.ts'

/**
 * `fileStore` on a file system of yours: one that fails, fills up or loses power when a test wants it to.
 *
 * @param disk answers every call that the store makes
 */
export function fileStoreOn(disk: Disk, directory: string): RegistrationStore {
  return openFileStore(directory, disk)
}
