import { RegistrationError, TransportError } from '../errors.ts'
import type { Awaitable } from '../model/values.ts'
import { isTimeout, reasonOf } from './abort.ts'
import type { Why } from './deadline.ts'
import { isFilled } from './options.ts'
import { bounded } from './deadline.ts'

/** What is asked, until when, how, and what it should return. */
export type OwnFunction<T> = [
  what: string,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Awaitable<T>,
  right: (answered: unknown) => boolean,
  should: string,
]

/**
 * Calls a function of the caller's own, which may hang or throw whatever it likes.
 *
 * @throws {TransportError} `not-sent` when it fails, does not end in time, or returns something else than it `should`;
 *   `aborted` when the caller leaves
 */
export async function askOwn<T>(ms: number, ...[what, signal, call, right, should]: OwnFunction<T>): Promise<T> {
  const late = (why: Why): TransportError =>
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
    const answered = await bounded(ms, signal, call, late)
    if (!right(answered))
      throw new TransportError(`The ${what} must return ${should}, and did not. Nothing was registered or changed.`, {
        outcome: 'not-sent',
      })
    return answered
  } catch (cause) {
    if (cause instanceof RegistrationError) throw cause
    throw new TransportError(`The ${what} failed; cause says how. Nothing was registered or changed.`, {
      outcome: 'not-sent',
      cause,
    })
  }
}

/** Whether a function that encodes a body has returned one. */
export const isBody = (value: unknown): boolean =>
  isFilled(Object(value).contentType) && typeof Object(value).body === 'string'
