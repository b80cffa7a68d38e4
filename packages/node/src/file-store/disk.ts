import { link, lstat, mkdir, open, readdir, unlink } from 'node:fs/promises'

/** What is known of a file without reading it. */
export interface FileFacts {
  readonly uid: number
  readonly mode: number
  readonly size: number
  readonly mtimeMs: number
  isFile(): boolean
  isDirectory(): boolean
}

/** An open file, which stays the same file whatever happens to its name. */
export interface OpenFile {
  stat(): Promise<FileFacts>
  readFile(): Promise<Uint8Array>
  writeFile(data: Uint8Array): Promise<void>
  truncate(): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/**
 * The calls that the file store makes to the file system: it makes no others, so an implementation decides all that the
 * store sees. `node:fs/promises` is one.
 *
 * Failures are errors with a `code`, as Node's are; `flags` are numbers of `node:fs` `constants`.
 */
export interface Disk {
  /** Does not follow a symbolic link at the end of the path. */
  lstat(path: string): Promise<FileFacts>
  readdir(path: string): Promise<string[]>
  mkdir(path: string, mode: number): Promise<unknown>
  open(path: string, flags: number, mode?: number): Promise<OpenFile>
  link(path: string, name: string): Promise<void>
  unlink(path: string): Promise<void>
}

/** The file system of this machine. */
export const nodeDisk: Disk = { link, lstat, mkdir, open, readdir, unlink }
