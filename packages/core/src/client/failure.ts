import type { Outcome } from '../errors.ts'
import { TransportError } from '../errors.ts'
import type { HttpRequest } from '../model/http.ts'
import { ifSoon } from './if-soon.ts'

/** A request that got no answer. */
export interface Failed {
  request: HttpRequest
  signal: AbortSignal
  /** What is known if the request may have left. */
  inDoubt: Outcome
  /** It was handed to `fetch`. */
  left: boolean
  /** What a profile knows of the server where a browser says no more than "failed". */
  knownOfCors: string | undefined
}

/** The error for a request without an answer. What finds the words is loaded then; where it can't be, a short one does. */
export async function failureOf(error: unknown, failed: Failed): Promise<TransportError> {
  const words = await ifSoon(import('./failure-described.ts'))
  if (words) return words.describe(error, failed)
  return new TransportError('No answer came, and the code that says why could not be loaded.', {
    outcome: failed.left ? failed.inDoubt : 'not-sent',
  })
}
