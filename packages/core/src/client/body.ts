const maxBytes = 256 * 1024

/** A body as far as it was read, and why no further. */
export interface ReadBody {
  text: string
  /** Absent when the body is whole. */
  cutOff?: { why: string; cause?: Error }
}

/** Reads a body as a stream up to 256 KiB after decompression, and cancels the rest; never throws. */
export async function readBody(response: Response, signal: AbortSignal): Promise<ReadBody> {
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  const cancel = (): void => void reader?.cancel(signal.reason).catch(() => undefined)
  signal.addEventListener('abort', cancel)
  let text = ''
  let bytes = 0
  try {
    signal.throwIfAborted()
    for (;;) {
      const chunk = await reader?.read()
      if (chunk === undefined || chunk.done) break
      bytes += chunk.value.byteLength
      if (bytes > maxBytes) {
        cancel()
        return { text, cutOff: { why: `is longer than ${maxBytes / 1024} KiB` } }
      }
      text += decoder.decode(chunk.value, { stream: true })
    }
    signal.throwIfAborted()
    return { text: text + decoder.decode() }
  } catch {
    const why = signal.aborted ? 'was not complete when time ran out or the caller left' : 'broke off before its end'
    return { text, cutOff: { why, cause: new Error(signal.aborted ? 'aborted' : 'the connection broke') } }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
