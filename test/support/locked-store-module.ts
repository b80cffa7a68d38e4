import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

/** A store whose `exclusive` is a folder that is there until its holder removes it. */
export function makeStore(directory: string): RegistrationStore {
  const lock = join(directory, 'lock')
  return {
    ...fileStore(directory),
    async exclusive(_, task) {
      while (
        !(await mkdir(lock).then(
          () => true,
          () => false,
        ))
      )
        await pause(5)
      try {
        await pause(20)
        return await task()
      } finally {
        await rmdir(lock)
      }
    },
  }
}
