import type { Outcome } from '../errors.ts'
import { TransportError } from '../errors.ts'

/**
 * Waits for work that several callers share. A caller whose signal aborts leaves; the work goes on for the others.
 *
 * @throws {TransportError} when the signal aborts first; `still` says what is true all the same
 */
export async function join<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
  still = 'Nothing was registered or changed.',
  outcome: Outcome = 'not-sent',
): Promise<T> {
  let leave = (): void => undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => {
      const cause = new Error(timedOut(signal) ? 'time ran out' : 'the caller left')
      reject(new TransportError(`No ${what} in time: ${cause.message}. ${still}`, { outcome, cause }))
    }
    signal?.addEventListener('abort', leave)
    if (signal?.aborted) leave()
  })
  try {
    return await Promise.race([left, work])
  } finally {
    signal?.removeEventListener('abort', leave)
  }
}

const timedOut = (signal: AbortSignal | undefined): boolean => Object(signal?.reason).name === 'TimeoutError'

/**
 * Waits for work that may not heed the signal itself, as a `fetch` of somebody's own may not; what comes too late is
 * let go of.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, discard: (late: T) => void): Promise<T> {
  let leave = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave)
  })
  try {
    return await Promise.race([work, aborted])
  } catch (error) {
    work.then(discard, () => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
