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
