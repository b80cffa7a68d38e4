import { platform } from '../platform.ts'

/** What a timer takes: 24 days. */
export const longest: number = 2 ** 31 - 1

/** Resolves after that many milliseconds; rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    const cancel = platform.after(Math.min(Math.max(0, ms), longest), wake)
    const leave = (): void => {
      cancel()
      reject(signal?.reason)
    }
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave, { once: true })
  })
}
