import { constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { StoreError } from '@registrant/core'

import type { Disk, OpenFile } from './disk.ts'
import { codeOf, quietly, unlessMissing } from './failure.ts'
import { requireOwnFolder } from './permissions.ts'

/**
 * The error codes of a folder that can't be flushed: on Windows, by some file systems that are reached over a network, and where
 * this user may not read it.
 */
const notFlushable = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EBADF'])

/** A file of one key that can't be read, and since when this process has known it. */
export interface Trouble {
  readonly what: string
  readonly since: number
}

/**
 * The folder of one key, inside our own `registrant`. Both are made when they are first needed, belong to this user alone,
 * and are checked whenever they are used. Saves are files named by numbers.
 */
export class Folder {
  readonly disk: Disk
  readonly path: string
  /** What a file's checksum binds it to, besides its number. */
  readonly name: string
  readonly #directory: string
  readonly #root: string
  #anchored = false
  /** The file that stays unreadable; it is called damaged only when no cache can be the reason. */
  trouble: Trouble | undefined

  constructor(disk: Disk, directory: string, name: string) {
    this.disk = disk
    this.name = name
    this.#directory = directory
    this.#root = rootIn(directory)
    this.path = join(this.#root, name)
  }

  /** The path of a file in it: of a numbered save, or of one that is being written. */
  file(name: number | string): string {
    return join(this.path, String(name))
  }

  /** Makes a file that nobody else may read. */
  create(path: string): Promise<OpenFile> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    return this.disk.open(path, flags, 0o600)
  }

  /** The names in the folder; `undefined` when there is no folder. */
  async list(): Promise<string[] | undefined> {
    if (!(await this.#isOurs(this.#root))) {
      await this.#requireWay()
      return undefined
    }
    if (!(await this.#isOurs(this.path))) return undefined
    return unlessMissing(this.disk.readdir(this.path))
  }

  /** Makes sure that the folder exists, and (once) that the path to it is on the disk, whoever made it. */
  async make(): Promise<void> {
    if (this.#anchored && (await unlessMissing(this.disk.lstat(this.path))) !== undefined) return
    await this.#makeFolder(this.path)
    await flush(this.disk, this.#root)
    for (let above = this.#directory; ; above = dirname(above)) {
      // Folders above may be closed to this user: then others made them, and it is not for us to flush them.
      if (above === this.#directory) await flush(this.disk, above)
      else await quietly(flush(this.disk, above))
      if (above === dirname(above)) break
    }
    this.#anchored = true
  }

  /** Flushes the folder, so that links and removals in it last; `false` where this file system can't flush folders. */
  sync(): Promise<boolean> {
    return flush(this.disk, this.path)
  }

  /**
   * Makes a file and removes it: a machine that changes a folder over a network gets a new list of it, however long lists are
   * cached. Resolves to the file system's own time in milliseconds, so that no clock of ours matters; `undefined`
   * where nothing can be written.
   */
  async refresh(): Promise<number | undefined> {
    return (await quietly(this.#touch(this.path))) ?? quietly(this.#touch(this.#root))
  }

  async #isOurs(path: string): Promise<boolean> {
    const facts = await unlessMissing(this.disk.lstat(path))
    if (facts !== undefined) requireOwnFolder(facts, path)
    return facts !== undefined
  }

  async #touch(folder: string): Promise<number> {
    const path = join(folder, temporaryName(crypto.randomUUID()))
    const file = await this.create(path)
    try {
      return (await file.stat()).mtimeMs
    } finally {
      await quietly(this.disk.unlink(path))
      await quietly(file.close())
    }
  }

  /** Refuses a path with a link that leads nowhere, as to a volume that is not mounted yet: a registration may be behind it. */
  async #requireWay(): Promise<void> {
    for (let path = this.#directory; path !== dirname(path); path = dirname(path)) {
      const facts = await unlessMissing(this.disk.lstat(path))
      if (facts === undefined) continue
      if (!facts.isDirectory() && (await unlessMissing(this.disk.lstat(`${path}/.`))) === undefined)
        throw new StoreError(
          'store-unavailable',
          `${path} is a symbolic link that leads nowhere. Is the volume mounted? That is not taken for an absent registration.`,
        )
      return
    }
  }

  async #makeFolder(path: string): Promise<void> {
    if ((await this.#mkdir(path)) || path === dirname(path)) return
    await this.#makeFolder(dirname(path))
    if (await this.#mkdir(path)) return
    throw new StoreError(
      'store-denied',
      `${path} can't be made: the file system makes no folder there (ENOENT), as under /proc. Choose another directory.`,
    )
  }

  /** Makes one folder, unless it is there; `false`: the folder around it does not exist. */
  async #mkdir(path: string): Promise<boolean> {
    try {
      await this.disk.mkdir(path, 0o700)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      if (codeOf(error) !== 'EEXIST') throw error
    }
    return true
  }
}

/** Flushes a folder, so that changes in it last; `false` where this file system can't flush folders. */
async function flush(disk: Disk, path: string): Promise<boolean> {
  let folder: OpenFile | undefined
  try {
    folder = await disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    await folder.sync()
    return true
  } catch (error) {
    if (notFlushable.has(codeOf(error) ?? '')) return false
    throw error
  } finally {
    await folder?.close()
  }
}

/** Our own folder, which holds those of the keys. */
export const rootIn = (directory: string): string => join(directory, 'registrant')

/** Whether folders can be flushed there, tried with the nearest one that exists. */
export async function canFlush(disk: Disk, directory: string): Promise<boolean> {
  return (
    (await unlessMissing(flush(disk, directory))) ??
    (directory === dirname(directory) || canFlush(disk, dirname(directory)))
  )
}

/** The name of a file that is being written; nobody reads it until it is linked under a number. */
export const temporaryName = (token: string): string => `${token}.temp`

export const isTemporary = (name: string): boolean => /^[0-9a-f-]{36}\.temp$/.test(name)

/** The numbers among these names, the highest first. */
export const numbersIn = (names: readonly string[]): number[] =>
  names
    .filter((name) => /^[1-9]\d{0,14}$/.test(name))
    .map(Number)
    .toSorted((a, b) => b - a)

/** Names that Windows keeps for devices, whatever follows a dot. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/

/**
 * The name of a key's folder: the key itself where any file system takes it as a name, so that a person recognises it, and
 * else its digest. No two names differ in case alone.
 */
export async function folderName(key: string): Promise<string> {
  if (/^[a-z0-9-](?:[a-z0-9.-]{0,198}[a-z0-9-])?$/.test(key) && !device.test(key)) return key
  return `_${Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(key))).toString('hex')}`
}
