import type { Outcome, TransportError } from '../errors.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'
import { untilAborted } from './abort.ts'
import { browserOrigin, networkError, wasKeptBack } from './network-error.ts'
import type { SessionOptions } from './options.ts'

/** How one request is sent. */
export interface Sending {
  /** Ends the request when it aborts; the error tells its reason. */
  signal: AbortSignal
  /** The outcome when no whole answer comes: `unknown`, or `not-sent` where nothing is at stake yet. */
  inDoubt: Outcome
}

/** Sends one request and returns its answer as far as it came, whatever its status. */
export type Transport = (request: HttpRequest, sending: Sending) => Promise<HttpAnswer>

/** Called when a request leaves, and with its answer. */
export type Watch = (request: HttpRequest, sending: Sending, answer?: HttpAnswer) => void

/** Called with what became of a request: the status of its answer, or why none came, after how many milliseconds. */
export type Sent = (
  request: HttpRequest,
  became: { status: number | undefined; failure: TransportError | undefined; ms: number },
) => void

/**
 * Makes the transport, the only code that uses the network: `fetch` gets an address and plain options. Redirects are never
 * followed, cookies never sent, bodies are read up to a limit, and a request ends with its signal even where `fetch` does not.
 */
export function createTransport(
  options: Pick<SessionOptions, 'fetch' | 'profile'>,
  report: Sent,
  watch?: Watch,
): Transport {
  return async function send(request, sending) {
    const { signal, inDoubt } = sending
    const started = platform.monotonic()
    const passed = (): number => Math.round(platform.monotonic() - started)
    let left = false
    let status: number | undefined
    let failure: TransportError | undefined
    let ms: number | undefined
    try {
      signal.throwIfAborted()
      const init = initOf(request, signal)
      const { fetch = globalThis.fetch } = options
      left = true
      watch?.(request, sending)
      const asked = Promise.resolve(fetch(request.url, init))
      const response = await untilAborted(asked, signal, discardBody)
      if (!Number.isInteger(Object(response).status)) throw new TypeError('what fetch returned is no Response')
      if (response.type === 'error') throw new TypeError('the network failed')
      // A `fetch` of the caller's own may have followed a redirect all the same.
      status = response.redirected ? 0 : response.status
      const headers = headersOf(response)
      const answer = { status, headers, ...(await readBody(response, signal)) }
      watch?.(request, sending, answer)
      return answer
    } catch (error) {
      ms = passed()
      const { fetch = globalThis.fetch } = options
      const ask = async (...asked: Parameters<typeof fetch>): Promise<void> => discardBody(await fetch(...asked))
      // In a page, two more requests find out whether a request that may have changed something left at all.
      const isKeptBack = left && inDoubt === 'unknown' && !signal.aborted && (await wasKeptBack(request, ask, signal))
      failure = networkError(error, { request, signal, inDoubt, left, isKeptBack, knownOfCors: options.profile?.cors })
      throw failure
    } finally {
      report(request, { status, failure, ms: ms ?? passed() })
    }
  }
}

/** The headers of an answer of any `fetch`: an invalid one, such as `:status` of HTTP/2, must not make the answer unusable. */
function headersOf({ headers: given }: Response): Headers {
  const isPlatforms: boolean = given instanceof Headers
  if (isPlatforms) return given
  const headers = new Headers()
  const take = (value: unknown, name: unknown): void => {
    try {
      headers.append(String(name), String(value))
    } catch {
      // No valid header: left out.
    }
  }
  if (typeof Object(given).forEach === 'function') given.forEach(take)
  else for (const [name, value] of Object.entries(given ?? {})) take(value, name)
  return headers
}

function initOf({ method, headers, body }: HttpRequest, signal: AbortSignal): RequestInit {
  return {
    method,
    headers: toHeaders(headers),
    ...(body === undefined ? {} : { body }),
    signal,
    redirect: 'manual',
    // Some runtimes have neither cookies nor a cache, and throw at these options.
    ...('credentials' in Request.prototype ? { credentials: 'omit' } : {}),
    ...('cache' in Request.prototype ? { cache: 'no-store' } : {}),
  }
}

/** A token that no header can carry fails here, before anything is sent; the error does not show it. */
function toHeaders(headers: HttpRequest['headers']): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new TypeError(
      'a header can not hold the value that it is given; check the token for line breaks and letters beyond Latin-1',
    )
  }
}

/** Statuses that will pass: the server, or a gateway before it, asks for patience. */
export const willPass: readonly number[] = [429, 502, 503, 504]

const maxBytes = 256 * 1024
/** The most bytes that a browser reads as a whole, since it shows a request as cancelled whose body was read as a stream. */
const smallBytes = 16 * 1024

/** A body as far as it was read, and why no further. */
type ReadBody = Pick<HttpAnswer, 'body' | 'cutOff'>

/**
 * Reads a body up to 256 KiB after decompression; never throws. A stream of either kind is read part by part, and its rest is
 * cancelled. A Response without a stream (React Native) is read by `text()`, and so is a small one in a browser; a copy of that
 * is read part by part too, since `text()` returns nothing of a body that breaks off.
 */
async function readBody(response: Response, signal: AbortSignal): Promise<ReadBody> {
  const stream: unknown = response.body
  if (!isWebStream(stream)) return isNodeStream(stream) ? readStream(stream, signal) : readText(response, signal)
  if (browserOrigin() === undefined || !isSmall(response) || stream.locked || !has(response, 'clone'))
    return readStream(stream, signal)
  const copy = response.clone().body
  const parts = copy && readStream(copy, signal)
  const whole = await readText(response, signal)
  return (whole.cutOff && parts) || whole
}

/** Cancels a body that nobody will read, whatever kind of stream it is. */
function discardBody({ body }: Response): void {
  const stream: unknown = body
  if (isWebStream(stream)) Promise.resolve(stream.cancel()).catch(() => undefined)
  else if (isNodeStream(stream)) stream.destroy()
}

type WebStream = ReadableStream<Uint8Array | string>
type NodeStream = AsyncIterable<Uint8Array | string, undefined> & { destroy: () => void }

const isWebStream = (stream: unknown): stream is WebStream => has(stream, 'getReader')
const isNodeStream = (stream: unknown): stream is NodeStream =>
  has(stream, 'destroy') && has(stream, Symbol.asyncIterator)
const has = (value: unknown, method: PropertyKey): boolean => typeof Object(value)[method] === 'function'

/** Whether the headers say that the body is small, and not compressed, so that it stays small. */
function isSmall({ headers }: Response): boolean {
  const length = headers.get('content-length')
  return length !== null && /^\d+$/.test(length) && Number(length) <= smallBytes && !headers.get('content-encoding')
}

async function readText(response: Response, signal: AbortSignal): Promise<ReadBody> {
  try {
    const text: unknown = await untilAborted(Promise.resolve(response.text()), signal, () => undefined)
    if (typeof text !== 'string') throw new TypeError('what text() returned is no text')
    const isLong = new TextEncoder().encode(text).byteLength > maxBytes
    return isLong ? { body: text.slice(0, maxBytes), cutOff: 'too-long' } : { body: text }
  } catch {
    return { body: '', cutOff: signal.aborted ? 'late' : 'broken' }
  }
}

async function readStream(stream: WebStream | NodeStream, signal: AbortSignal): Promise<ReadBody> {
  const decoder = new TextDecoder()
  let cancel = async (): Promise<unknown> => undefined
  let body = ''
  let bytes = 0
  try {
    // Code that got the response before, perhaps to log it, may be reading the stream: then this throws.
    const reader = readerOf(stream)
    cancel = async () => reader.cancel()
    for (;;) {
      // A custom reader may not heed that it is cancelled.
      const { value: read } = await untilAborted(Promise.resolve(reader.read()), signal, () => undefined)
      if (read === undefined) return { body: body + decoder.decode() }
      // A custom stream may give texts.
      const value = typeof read === 'string' ? new TextEncoder().encode(read) : read
      // One part counts, even if it is empty: nothing else would end a stream of empty parts, whose reading lets no timer run.
      bytes += value.byteLength || 1
      body += decoder.decode(value, { stream: true })
      if (bytes > maxBytes) {
        cancel().catch(() => undefined)
        return { body: body.slice(0, maxBytes), cutOff: 'too-long' }
      }
    }
  } catch {
    if (signal.aborted) cancel().catch(() => undefined)
    return { body, cutOff: signal.aborted ? 'late' : 'broken' }
  }
}

/** A reader for either kind of stream, Web or Node. */
function readerOf(stream: WebStream | NodeStream): {
  read: () => Promise<{ value?: Uint8Array | string | undefined }>
  cancel: () => unknown
} {
  if (isWebStream(stream)) return stream.getReader()
  const parts = stream[Symbol.asyncIterator]()
  return { read: () => parts.next(), cancel: () => stream.destroy() }
}
