import { TransportError } from '../errors.ts'

/**
 * Waits for work that several callers share. A caller whose signal aborts leaves; the work goes on for the others.
 *
 * @throws {TransportError} `not-sent` when the signal aborts first
 */
export async function join<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  let leave: (() => void) | undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(abandoned(signal, what))
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    if (signal.aborted) throw abandoned(signal, what)
    return await Promise.race([work, left])
  } finally {
    if (leave) signal.removeEventListener('abort', leave)
  }
}

function abandoned({ reason }: AbortSignal, what: string): TransportError {
  const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError'
  const cause = new Error(timedOut ? 'time ran out' : 'the caller left')
  return new TransportError(`No ${what} in time: ${cause.message}. Nothing was registered or changed.`, {
    outcome: 'not-sent',
    cause,
  })
}
