import { constants, openSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'

import { loadNet } from './load.ts'

/**
 * Reads a file whole. A pipe is waited for without holding a thread: as long as one is held, process.exit() does not end the
 * process. Elsewhere than on Linux a pipe to which nobody has come to write might seem empty.
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  if (process.platform !== 'linux' || !(await stat(path)).isFIFO()) return readFile(path)
  const { Socket } = await loadNet()
  return buffer(new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), writable: false }))
}
