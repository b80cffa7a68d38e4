import type { HttpAnswer } from '../model/http.ts'
import { untilAborted } from './abort.ts'
import { browserOrigin } from './cross-origin.ts'

const maxBytes = 256 * 1024
/** What a browser may read as a whole: it shows a request as cancelled whose body was read as a stream. */
const smallBytes = 16 * 1024

/** A body as far as it was read, and why no further. */
type ReadBody = Pick<HttpAnswer, 'body' | 'cutOff'>

/**
 * Reads a body up to 256 KiB after decompression; never throws. A stream is read part by part, and the rest of it is
 * cancelled. A Response without a web stream (React Native, node-fetch, cross-fetch) is read by `text()`, and so is a
 * small one in a browser.
 */
export async function readBody(response: Response, signal: AbortSignal): Promise<ReadBody> {
  const stream: unknown = response.body
  return isWebStream(stream) && !(browserOrigin() !== undefined && isSmall(response))
    ? readStream(stream, signal)
    : readText(response, signal)
}

/** Lets go of a body that nobody will read, whatever kind of stream it is. */
export function discardBody({ body }: Response): void {
  const stream: unknown = body
  if (isWebStream(stream)) stream.cancel().catch(() => undefined)
  else if (isNodeStream(stream)) stream.destroy()
}

const isWebStream = (stream: unknown): stream is ReadableStream<Uint8Array | string> => has(stream, 'getReader')
const isNodeStream = (stream: unknown): stream is { destroy: () => void } => has(stream, 'destroy')
const has = (value: unknown, method: string): boolean => typeof Object(value)[method] === 'function'

/** Whether it says that it is small, and does not come compressed, so that it stays small. */
function isSmall({ headers }: Response): boolean {
  const length = headers.get('content-length')
  return length !== null && /^\d+$/.test(length) && Number(length) <= smallBytes && !headers.get('content-encoding')
}

async function readText(response: Response, signal: AbortSignal): Promise<ReadBody> {
  try {
    const text = await untilAborted(response.text(), signal, () => undefined)
    if (text.length > maxBytes) return { body: text.slice(0, maxBytes), cutOff: 'too-long' }
    const bytes = new TextEncoder().encode(text)
    if (bytes.byteLength <= maxBytes) return { body: text }
    return { body: new TextDecoder().decode(bytes.subarray(0, maxBytes)), cutOff: 'too-long' }
  } catch {
    return { body: '', cutOff: signal.aborted ? 'late' : 'broken' }
  }
}

async function readStream(stream: ReadableStream<Uint8Array | string>, signal: AbortSignal): Promise<ReadBody> {
  // Whoever was given it before, to log it perhaps, may have it in hand.
  if (stream.locked) return { body: '', cutOff: 'broken' }
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', cancel)
  let body = ''
  let bytes = 0
  try {
    while (!signal.aborted) {
      const { done, value: read } = await reader.read()
      if (done) break
      // A stream of somebody's own may bring texts.
      const value = typeof read === 'string' ? new TextEncoder().encode(read) : read
      bytes += value.byteLength
      if (bytes > maxBytes) {
        cancel()
        return { body, cutOff: 'too-long' }
      }
      body += decoder.decode(value, { stream: true })
    }
    // A reader that was cancelled says that it is done.
    return signal.aborted ? { body, cutOff: 'late' } : { body: body + decoder.decode() }
  } catch {
    return { body, cutOff: signal.aborted ? 'late' : 'broken' }
  } finally {
    signal.removeEventListener('abort', cancel)
    if (signal.aborted) cancel()
  }
}
