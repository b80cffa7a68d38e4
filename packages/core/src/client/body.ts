import type { HttpAnswer } from '../model/http.ts'

const maxBytes = 256 * 1024

/** A body as far as it was read, and why no further. */
export type ReadBody = Pick<HttpAnswer, 'body' | 'cutOff'>

/** Reads a body as a stream up to 256 KiB after decompression, and cancels the rest; never throws. */
export async function readBody({ body: stream }: Response, signal: AbortSignal): Promise<ReadBody> {
  if (stream === null) return { body: '' }
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', cancel)
  let body = ''
  let bytes = 0
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read()
      if (done) break
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

/** Lets go of a body that nobody will read. */
export function discardBody({ body }: Response): void {
  body?.cancel().catch(() => undefined)
}
