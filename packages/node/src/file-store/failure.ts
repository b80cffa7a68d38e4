import { StoreError } from '@registrant/core'

/** What waiting does not cure: somebody has to change the file system, or the program. */
const denied = new Set(['EACCES', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOTDIR', 'EPERM', 'EROFS'])

/** The code of an error of the file system; `undefined` for any other. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Says for a person what the file system said; what is not the file system's is thrown as it is. */
export function failure(error: unknown, what: string): unknown {
  const code = codeOf(error)
  if (code === undefined || error instanceof StoreError) return error
  return new StoreError(denied.has(code) ? 'store-denied' : 'store-unavailable', `${what}: ${reason(error)}.`, {
    cause: error,
  })
}

/** A save that reached its point of no return and could not be followed to its end. */
export function unknown(error: unknown, path: string): StoreError {
  const message = `${path} was written, and whether it lasts could not be made certain: ${reason(error)}. Load to see.`
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

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
