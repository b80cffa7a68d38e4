import { RegistrationError, StoreError } from '@registrant/core'

/** Codes of failures that waiting does not cure: somebody has to change the file system, or the program. */
const denied = new Set(['EACCES', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOTDIR', 'EPERM', 'EROFS'])

/** What to do, where the system's message does not say it. In another directory there is no registration: one would be made. */
const hints: Readonly<Record<string, string>> = {
  EACCES:
    'The user of this process may not do that there: folders need read, write and execute (rwx), files read and write (rw).',
  EDQUOT: 'The quota of this user is used up: make room.',
  ELOOP:
    'A symbolic link stands there that is not followed, or leads in a circle: put there what it leads to, or name the directory that it leads to.',
  EMFILE: 'This process has too many files open: raise the limit (ulimit -n), or close some.',
  ENAMETOOLONG: 'Choose a directory with a shorter path.',
  ENOSPC: 'The disk is full: make room.',
  ENOTDIR: 'A part of that path is a file and no folder: choose another directory.',
  EROFS: 'It is mounted read-only: mount it for writing.',
}

/**
 * The code of an error of the file system; `undefined` for any other.
 *
 * Node's errors may be of another realm than this module (Jest runs tests in one), so their class says nothing.
 */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || error instanceof RegistrationError) return undefined
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Makes a `StoreError` of an error of the file system, in words for a person; returns any other error as it is. */
export function failure(error: unknown, what: string): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  const hint = Object.hasOwn(hints, code) ? ` ${hints[code]}` : ''
  return new StoreError(
    denied.has(code) ? 'store-denied' : 'store-unavailable',
    `${what}: ${reasonOf(error)}.${hint}`,
    {
      cause: error,
    },
  )
}

/** The error of a save that passed its point of no return, and whose end is not known. */
export function unknown(error: unknown, path: string): StoreError {
  const message = `${path} was written, and whether it lasts could not be made certain: ${reasonOf(error)}. Load to see.`
  return new StoreError('store-unknown', message, { cause: error })
}

/** What a call resolves to, or `undefined` when the name it was about does not exist. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What a call resolves to, or `undefined` when it fails: nothing that was saved depends on it. */
export async function quietly<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch {
    return undefined
  }
}

/** The message of an error, with its code even where the message leaves that out. */
function reasonOf(error: unknown): string {
  const code = codeOf(error)
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`
}
