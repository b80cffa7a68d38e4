import { constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { Disk } from './disk.ts'
import { codeOf, unlessMissing } from './failure.ts'
import { judgeFolder } from './judge.ts'

/** Our own folder: made when it is first needed, ours alone, judged whenever it is used. */
export class Folder {
  readonly #disk: Disk
  readonly #directory: string
  readonly path: string
  #anchored = false

  constructor(directory: string, disk: Disk) {
    this.#disk = disk
    this.#directory = directory
    this.path = join(directory, 'registrant')
  }

  /** The names in it; `undefined` when there is no folder. */
  async list(): Promise<string[] | undefined> {
    const facts = await unlessMissing(this.#disk.lstat(this.path))
    if (facts === undefined) return undefined
    judgeFolder(facts, this.path)
    return unlessMissing(this.#disk.readdir(this.path))
  }

  /** Makes sure that there is one, and once that the way to it is on the disk, whoever made it. */
  async make(): Promise<void> {
    if (this.#anchored && (await unlessMissing(this.#disk.lstat(this.path))) !== undefined) return
    await this.#makeFolder(this.path)
    await this.#sync(this.#directory)
    for (let above = this.#directory; above !== dirname(above);) {
      above = dirname(above)
      // What was there before us may be closed to us, and then it isn't ours to make last.
      await this.#sync(above).catch(() => undefined)
    }
    this.#anchored = true
  }

  /** Makes what was linked and removed in it last. */
  sync(): Promise<void> {
    return this.#sync(this.path)
  }

  async #makeFolder(path: string): Promise<void> {
    try {
      await this.#disk.mkdir(path, 0o700)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return
      if (codeOf(error) !== 'ENOENT' || path === dirname(path)) throw error
      await this.#makeFolder(dirname(path))
      await this.#makeFolder(path)
    }
  }

  async #sync(path: string): Promise<void> {
    const folder = await this.#disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}
