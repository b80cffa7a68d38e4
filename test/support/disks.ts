import type { Disk, OpenFile } from '@registrant/node/testing'

/** A call that the store makes, of a disk or of an open file. */
export type Call = keyof Disk | keyof OpenFile

/** What happens around each call: whoever throws before it prevents it, and whoever throws after it hides that it was made. */
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
