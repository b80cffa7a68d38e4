import { TransportError } from '../errors.ts'
import { refuseOptions } from './options.ts'
import type { Awaitable } from '../model/values.ts'
import { platform } from '../platform.ts'

/** Why somebody stopped waiting. */
export type Why = 'late' | 'left'

/**
 * Runs work of foreign code, such as a store, and waits for so many milliseconds at most, or until the signal aborts. The work
 * gets a signal of its own that then aborts; its later result is ignored.
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
    const cancel = countDown(Math.min(Math.max(0, ms), longest), () => end('late'))
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
        reject(typeof error === 'object' && error !== null ? error : new TypeError(String(error)))
      },
    )
  })
}

/**
 * Calls a task when so many milliseconds are over, counted in steps of a second: a process that was stopped for long has the
 * rest of its time when it goes on, and does not find that the time ran out meanwhile.
 */
function countDown(ms: number, task: () => void): () => void {
  const next = Math.min(ms, 1000)
  let cancel = platform.after(next, () => {
    if (ms > next) cancel = countDown(ms - next, task)
    else task()
  })
  return () => cancel()
}

/** The longest time that a timer takes, in milliseconds: 24 days. */
export const longest: number = 2 ** 31 - 1

/** The error for a caller whose signal aborted; its reason is the cause. */
const callerLeft = (isBegun: boolean, { reason }: AbortSignal): TransportError =>
  isBegun
    ? new TransportError('The caller left: the signal of the call aborted. What has begun goes on.', {
        code: 'aborted',
        outcome: 'unknown',
        cause: reason,
      })
    : new TransportError('The signal was aborted before the call: nothing was done.', {
        code: 'aborted',
        outcome: 'not-sent',
        cause: reason,
      })

/**
 * Throws where the signal was aborted before the call began.
 *
 * @throws {InvalidRequestError} `signal` is no AbortSignal
 */
export function requirePresent(signal: AbortSignal | undefined): void {
  requireSignal(signal)
  if (signal?.aborted) throw callerLeft(false, signal)
}

/**
 * Refuses a value that is no signal. Another realm, or a polyfill, may have made the signal, so all that is used of it is tried.
 *
 * @throws {InvalidRequestError} `signal` is no AbortSignal
 */
export function requireSignal(signal: AbortSignal | undefined): void {
  const listener = (): void => undefined
  try {
    signal?.addEventListener('abort', listener)
    signal?.removeEventListener('abort', listener)
    if (signal === undefined || typeof [signal.aborted, signal.reason][0] === 'boolean') return
  } catch {
    // Named below.
  }
  refuseOptions([['signal', 'It must be an AbortSignal']])
}

/** Waits for work until a signal aborts; then throws what `error` returns. Work that has begun goes on. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, error: () => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(error())
    const settle = (): void => signal.removeEventListener('abort', leave)
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    work.finally(settle).then(resolve, reject)
  })
}

/** Waits on behalf of a caller that may leave; work that has begun goes on. */
export const unlessLeft = async <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  signal === undefined ? work : unlessAborted(work, signal, () => callerLeft(true, signal))
