import { ifSoon } from './if-soon.ts'

/** What will pass: the server, or a gateway before it, asks for patience. */
export const passing: readonly number[] = [429, 502, 503, 504]

/**
 * Sends a GET, and again where the network or a gateway failed. What knows when, and after what pause, is loaded only
 * when there is something to repeat; where it can't be, the first outcome counts.
 */
export async function patiently(once: () => Promise<Response>, url: string, signal: AbortSignal): Promise<Response> {
  const first = once()
  const failed = await first.then(
    ({ status }) => passing.includes(status),
    () => true,
  )
  if (!failed || signal.aborted) return first
  const repeating = await ifSoon(import('./repeat-with-ky.ts'))
  return repeating ? repeating.repeatWithKy(first, once, url, signal) : first
}
