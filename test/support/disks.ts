import { constants } from 'node:fs'
import { dirname } from 'node:path'

import type { Disk, OpenFile } from '@registrant/node/testing'

import { systemError } from './model-disk.ts'

/** A call that the store makes, of a disk or of an open file. */
export type Call = keyof Disk | keyof OpenFile

/** What happens around each call: a throw before it prevents the call, and a throw after it hides that it was made. */
export interface Around {
  before?: (call: Call, path: string) => void | Promise<void>
  after?: (call: Call, path: string) => void | Promise<void>
}

/** The same disk, with something around each call. */
export function around(disk: Disk, { before, after }: Around): Disk {
  const make = async <T>(call: Call, path: string, act: () => Promise<T>): Promise<T> => {
    await before?.(call, path)
    const result = await act()
    await after?.(call, path)
    return result
  }
  const opened = (file: OpenFile, path: string): OpenFile => ({
    stat: () => make('stat', path, () => file.stat()),
    readFile: () => make('readFile', path, () => file.readFile()),
    writeFile: (data) => make('writeFile', path, () => file.writeFile(data)),
    truncate: () => make('truncate', path, () => file.truncate()),
    sync: () => make('sync', path, () => file.sync()),
    close: () => make('close', path, () => file.close()),
  })
  return {
    lstat: (path) => make('lstat', path, () => disk.lstat(path)),
    readdir: (path) => make('readdir', path, () => disk.readdir(path)),
    mkdir: (path, mode) => make('mkdir', path, () => disk.mkdir(path, mode)),
    link: (path, name) => make('link', name, () => disk.link(path, name)),
    unlink: (path) => make('unlink', path, () => disk.unlink(path)),
    open: (path, flags, mode) => make('open', path, async () => opened(await disk.open(path, flags, mode), path)),
  }
}

/**
 * A disk as a machine sees it that reaches it over a network and keeps lists of folders: an old list is answered until
 * this machine itself changes the folder, for `life` milliseconds, or until `expire()`.
 */
export function keepingLists(disk: Disk, life = Infinity): Disk & { expire(): void } {
  const lists = new Map<string, { list: string[]; until: number }>()
  const changing: ReadonlySet<Call> = new Set(['link', 'unlink', 'mkdir'])
  const watched = around(disk, {
    after: (call, path) => void (changing.has(call) && lists.delete(dirname(path))),
  })
  return {
    ...watched,
    async readdir(path) {
      const kept = lists.get(path)
      if (kept && performance.now() < kept.until) return [...kept.list]
      const list = await disk.readdir(path)
      lists.set(path, { list, until: performance.now() + life })
      return [...list]
    },
    async open(path, flags, mode) {
      const file = await watched.open(path, flags, mode)
      if ((flags & constants.O_CREAT) !== 0) lists.delete(dirname(path))
      return file
    },
    expire: () => lists.clear(),
  }
}

/** A disk on which nothing can be changed: a mount that is read-only. */
export const readOnly = (disk: Disk): Disk => {
  const refuse = (): never => {
    throw systemError('EROFS')
  }
  return {
    ...around(disk, {}),
    link: async () => refuse(),
    unlink: async () => refuse(),
    mkdir: async () => refuse(),
    open: async (path, flags, mode) =>
      (flags & (constants.O_CREAT | constants.O_WRONLY | constants.O_RDWR)) === 0
        ? disk.open(path, flags, mode)
        : refuse(),
  }
}

/** A disk whose folders can't be flushed; the code is what it says then. */
export const withoutFolderFlush = (disk: Disk, code: string): Disk =>
  around(disk, {
    async before(call, path) {
      if (call === 'sync' && (await disk.lstat(path)).isDirectory()) throw systemError(code)
    },
  })
