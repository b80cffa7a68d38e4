import type { Outcome } from '../errors.ts'
import { StoreError, TransportError } from '../errors.ts'
import type { Awaitable } from '../model/values.ts'
import { platform } from '../platform.ts'

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

/** Why somebody stopped waiting. */
export type Why = 'late' | 'left'

/**
 * Waits for what is not ours, for so many milliseconds at most, and no longer than the signal lets it. What is waited for is
 * told by a signal of its own; whatever it does afterwards is nobody's business.
 */
export function bounded<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Awaitable<T>,
  failure: (why: Why) => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const own = new AbortController()
    const settle = (): void => {
      cancel()
      signal?.removeEventListener('abort', leave)
    }
    const end = (why: Why): void => {
      settle()
      const error = failure(why)
      own.abort(error)
      reject(error)
    }
    const leave = (): void => end('left')
    const cancel = platform.after(Math.min(ms, longest), () => end('late'))
    if (signal?.aborted) return leave()
    signal?.addEventListener('abort', leave)
    const begun = async (): Promise<T> => work(own.signal)
    begun().then(
      (value) => {
        settle()
        resolve(value)
      },
      (error: unknown) => {
        settle()
        reject(error instanceof Object ? error : new TypeError(String(error)))
      },
    )
  })
}

/** What a timer takes: 24 days. */
export const longest: number = 2 ** 31 - 1

/** The error for a call that did not end in time, or whose caller left. */
export const late =
  (what: 'store' | 'key home') =>
  (why: Why): StoreError =>
    new StoreError(
      'store-unavailable',
      why === 'late' ? `The ${what} did not answer in time.` : `Nobody waited for the ${what} any more.`,
    )

/** The error for a caller whose signal aborted. */
export const left = (isBegun: boolean): TransportError =>
  isBegun
    ? new TransportError('The caller left. What has begun goes on.', { outcome: 'unknown' })
    : new TransportError('The signal was aborted before the call: nothing was done.', { outcome: 'not-sent' })

/** Throws where the signal was aborted before the call began. */
export function requirePresent(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw left(false)
}

/** Waits on behalf of a caller who may leave; what was begun goes on. */
export async function unlessLeft<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(left(true))
    const settle = (): void => signal.removeEventListener('abort', leave)
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    work.finally(settle).then(resolve, reject)
  })
}

/** Resolves after that many milliseconds; rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = platform.after(Math.min(Math.max(0, ms), longest), () => {
      signal?.removeEventListener('abort', leave)
      resolve()
    })
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave, { once: true })
  })
}

/**
 * A signal that aborts with either of two, and lets go of both when one does. The caller's may be of another realm, and may
 * live as long as the process: it is listened to by its event, and nothing stays at it beyond the deadline.
 */
export function linked(deadline: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  if (signal === undefined) return deadline
  const controller = new AbortController()
  const end = (by: AbortSignal) => (): void => {
    deadline.removeEventListener('abort', expire)
    signal.removeEventListener('abort', leave)
    controller.abort(by.reason)
  }
  const expire = end(deadline)
  const leave = end(signal)
  deadline.addEventListener('abort', expire)
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  return controller.signal
}
