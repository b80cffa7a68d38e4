import { RegistrationError, StoreError, TransportError } from '../errors.ts'
import { escape, redact } from '../exchange/redact.ts'
import { platform } from '../platform.ts'
import type { Why } from './deadline.ts'
import { bounded, longest, unlessAborted } from './deadline.ts'
import type { Awaitable } from '../model/values.ts'

/**
 * Waits for work that several callers share. A caller whose signal aborts leaves; the work goes on for the others.
 *
 * @throws {TransportError} `not-sent` when the signal aborts first
 */
export const join = <T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> =>
  unlessAborted(work, signal, () =>
    isTimeout(signal)
      ? new TransportError(`No ${what} in time: time ran out. Nothing was registered or changed.`, {
          outcome: 'not-sent',
          cause: new Error('time ran out'),
        })
      : new TransportError(`The caller left before there was any ${what}. Nothing was registered or changed.`, {
          code: 'aborted',
          outcome: 'not-sent',
          cause: reasonOf(signal),
        }),
  )

/** Says that a caller has left; the cause is the reason of its own signal, even if that was a time-out of its own. */
class CallerLeft extends Error {
  override readonly name = 'AbortError'
}

/** Why a signal aborted: the reason of the caller's own signal where that was the cause. */
export const reasonOf = ({ reason }: AbortSignal): unknown => (reason instanceof CallerLeft ? reason.cause : reason)

/** Whether a signal aborted because the time of the operation ran out. */
export const isTimeout = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && Object(signal.reason).name === 'TimeoutError'

/**
 * Waits for work that may not heed the signal itself, such as a `fetch` of the caller's own. A result that comes too late is
 * given to `discard`; it may be anything, so what `discard` throws at it is swallowed.
 */
export const untilAborted = <T>(work: Promise<T>, signal: AbortSignal, discard: (late: T) => void): Promise<T> =>
  unlessAborted(work, signal, () => {
    work.then(discard).catch(() => undefined)
    return signal.reason
  })

/** The error for a call to a store or key home that did not end in time, or whose caller left. */
export const late =
  (what: 'store' | 'key home') =>
  (why: Why): StoreError =>
    new StoreError(
      'store-unavailable',
      why === 'late' ? `The ${what} did not answer in time.` : `Nobody waited for the ${what} any more.`,
    )

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
 * A signal that aborts with either of two, and then removes its listeners from both. The caller's signal may come from another
 * realm, so it is used by its event alone; it may live as long as the process, so no listener stays beyond the deadline.
 */
export function linked(deadline: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  if (signal === undefined) return deadline
  const controller = new AbortController()
  const end = (reason: unknown): void => {
    deadline.removeEventListener('abort', expire)
    signal.removeEventListener('abort', leave)
    controller.abort(reason)
  }
  const expire = (): void => end(deadline.reason)
  const leave = (): void => end(new CallerLeft('the caller left', { cause: signal.reason }))
  deadline.addEventListener('abort', expire)
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  return controller.signal
}

/** A member of a thrown value, which may be no error, or come from another realm; reading a member may throw again. */
export function partOf(thrown: unknown, name: string): unknown {
  try {
    return Reflect.get(Object(thrown), name)
  } catch {
    return undefined
  }
}

/** A member of a thrown value as a text, empty where it is none; the message of a thrown text is the text. */
export function textAt(thrown: unknown, name: string): string {
  const text = typeof thrown === 'string' && name === 'message' ? thrown : partOf(thrown, name)
  return typeof text === 'string' ? text : ''
}

/**
 * A copy of a thrown value that may be printed: its message, its name and its code, with secrets struck out. Everything else in
 * an error, such as the failed request with its headers, is left out.
 */
export function readable(thrown: unknown, secrets: readonly string[] = []): Error & { code?: string } {
  const [message, name, code] = ['message', 'name', 'code'].map((part) => escape(redact(textAt(thrown, part), secrets)))
  const said = name === 'TimeoutError' ? 'time ran out' : message || 'no reason given'
  const cause: ReturnType<typeof readable> = new Error(said)
  cause.name = name || cause.name
  if (code) cause.code = code
  return cause
}

/** What is asked, until when, how, whether its result is right, for the message what it should return, and secrets it is given. */
export type OwnFunction<T> = [
  what: string,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Awaitable<T>,
  right: (answered: unknown) => boolean,
  should: string,
  secrets?: readonly (string | undefined)[],
]

/**
 * Calls a function of the caller's own, which may hang or throw whatever it likes.
 *
 * @throws {TransportError} `not-sent` when it fails, does not end in time, or returns something else than it `should`;
 *   `aborted` when the caller leaves
 */
export async function askOwn<T>(ms: number, ...own: OwnFunction<T>): Promise<T> {
  const [what, signal, call, right, should, given = []] = own
  const secrets = given.filter((it) => it !== undefined)
  const failure = (why: Why): TransportError =>
    why === 'left' && signal !== undefined && !isTimeout(signal)
      ? new TransportError(`The caller left before the ${what} answered. Nothing was registered or changed.`, {
          code: 'aborted',
          outcome: 'not-sent',
          cause: reasonOf(signal),
        })
      : new TransportError(`The ${what} did not answer in time. Nothing was registered or changed.`, {
          outcome: 'not-sent',
        })
  try {
    const answered = await bounded(ms, signal, call, failure)
    if (!right(answered))
      throw new TransportError(`The ${what} must return ${should}, and did not. Nothing was registered or changed.`, {
        outcome: 'not-sent',
      })
    return answered
  } catch (cause) {
    if (cause instanceof RegistrationError) throw cause
    const shown = readable(cause, secrets)
    // The author of that code looks for the place where it failed, so the stack is kept; the message stands in it too.
    const [message, stack] = [partOf(cause, 'message'), textAt(cause, 'stack')]
    if (typeof message === 'string' && stack !== '')
      shown.stack = redact(message === '' ? stack : stack.replace(message, () => shown.message), secrets)
    throw new TransportError(`The ${what} failed; cause says how. Nothing was registered or changed.`, {
      outcome: 'not-sent',
      cause: shown,
    })
  }
}
