import { TransportError } from '../errors.ts'

/** Waits on behalf of a caller who may leave; what was begun goes on. */
export async function unlessLeft<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void =>
      reject(new TransportError('The caller left. What has begun goes on.', { outcome: 'unknown' }))
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
