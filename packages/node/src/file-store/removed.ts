import { constants } from 'node:fs/promises'

import type { Disk } from './disk.ts'
import { unlessMissing } from './failure.ts'
import { judgeFile } from './judge.ts'

/*
 * A number whose file was removed could be linked again, by a writer that slept since before the number was used. So
 * a file says up to which number all are gone: it is only ever appended to, on the disk before the first of them is
 * removed, and looked at after each link and each read. Every line begins with a line break: what a crash cut off stays
 * a line of its own, and the beginning of a number is a lower one.
 */

/** Numbers up to this one are gone for good, whatever stands under them. */
export async function removedUpTo(disk: Disk, path: string): Promise<number> {
  const file = await unlessMissing(disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
  if (file === undefined) return 0
  try {
    judgeFile(await file.stat(), path)
    const lines = Buffer.from(await file.readFile())
      .toString('latin1')
      .split('\n')
    return lines.reduce((highest, line) => (/^\d{1,15}$/.test(line) ? Math.max(highest, Number(line)) : highest), 0)
  } finally {
    await file.close()
  }
}

/** Says that these numbers are about to be removed; they may be when this resolves. */
export async function announceRemoval(disk: Disk, path: string, upTo: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  const file = await disk.open(path, flags, 0o600)
  try {
    await file.writeFile(Buffer.from(`\n${upTo}\n`))
    await file.sync()
  } finally {
    await file.close()
  }
}
