import { link, lstat, mkdir, open, readdir, unlink } from 'node:fs/promises'

import type { Disk } from './disk.ts'

/** The file system of this machine. */
export const nodeDisk: Disk = { link, lstat, mkdir, open, readdir, unlink }
