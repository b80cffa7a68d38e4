import type { Outcome } from '../errors.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'
import { discardBody, readBody } from './body.ts'
import { failureOf } from './failure.ts'
import { patiently } from './repeat.ts'
import { untilAborted } from './until-aborted.ts'

/** How one request is sent. */
export interface Sending {
  /** Ends it; its reason is told in the error. */
  signal: AbortSignal
  /** What is known when no whole answer comes: `unknown`, or `not-sent` where nothing is at stake yet. */
  inDoubt: Outcome
  /** Repeats a GET when the network or a gateway failed: for discovery alone. */
  repeat?: boolean
}

/** Sends one request and returns its answer as far as it came, whatever its status. */
export type Transport = (request: HttpRequest, sending: Sending) => Promise<HttpAnswer>

/** What became of a request: the status of its answer, where one came, after so many milliseconds. */
export type Sent = (request: HttpRequest, status: number | undefined, ms: number) => Promise<void> | void

/**
 * The only place that touches the network. Redirects are never followed, cookies never sent, bodies are read up to a
 * limit, and nothing is repeated but a discovery GET.
 */
export function createTransport(
  fetch: typeof globalThis.fetch | undefined,
  report: Sent,
  knownOfCors?: string,
): Transport {
  return async (request, { signal, inDoubt, repeat = false }) => {
    const started = platform.monotonic()
    let left = false
    let status: number | undefined
    try {
      signal.throwIfAborted()
      const init = initOf(request, signal)
      const once = async (): Promise<Response> => {
        left = true
        return untilAborted((fetch ?? globalThis.fetch)(request.url, init), signal, discardBody)
      }
      const response = await (repeat ? patiently(once, request.url, signal) : once())
      if (response.type === 'error') throw new TypeError('the network failed')
      // A `fetch` of the caller's own may have followed a redirect all the same.
      status = response.redirected ? 0 : response.status
      // The status says all there is to say about a deletion that was done.
      const unread = request.method === 'DELETE' && response.ok
      if (unread) discardBody(response)
      return { status, headers: response.headers, ...(unread ? { body: '' } : await readBody(response, signal)) }
    } catch (error) {
      throw await failureOf(error, { request, signal, inDoubt, left, knownOfCors })
    } finally {
      await report(request, status, platform.monotonic() - started)
    }
  }
}

function initOf({ method, headers, body }: HttpRequest, signal: AbortSignal): RequestInit {
  return {
    method,
    // A token that no header can carry fails here, before anything is sent.
    headers: new Headers(headers),
    ...(body === undefined ? {} : { body }),
    signal,
    redirect: 'manual',
    // Some runtimes have neither cookies nor a cache, and throw at the mention of them.
    ...('credentials' in Request.prototype ? { credentials: 'omit' } : {}),
    ...('cache' in Request.prototype ? { cache: 'no-store' } : {}),
  }
}
