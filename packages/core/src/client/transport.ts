import ky, { isHTTPError } from 'ky'

import type { Outcome } from '../errors.ts'
import { TransportError } from '../errors.ts'
import { secretsOf } from '../exchange/secrets.ts'
import { shownEndpoint } from '../exchange/shown.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { discardBody, readBody } from './body.ts'
import { corsHint, pageElsewhere } from './cors.ts'
import { networkFailure } from './network-failure.ts'
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

const passing = [429, 502, 503, 504]
const repeated = {
  limit: 2,
  methods: ['get' as const],
  statusCodes: passing,
  afterStatusCodes: [429, 503],
  maxRetryAfter: 2000,
  backoffLimit: 1000,
}

/**
 * The only place that touches the network. Redirects are never followed, cookies never sent, bodies are read up to a
 * limit, and nothing is repeated but a discovery GET.
 */
export function createTransport(
  fetch: typeof globalThis.fetch | undefined,
  report: (sent: { endpoint: string; status?: number | undefined; ms: number }) => void,
  knownOfCors?: string,
): Transport {
  // Time is bounded by the signal of the whole operation; ky's own timer would start anew with each request.
  const client = ky.create({ timeout: false, retry: 0, throwHttpErrors: false })
  const repeating = client.extend({ retry: repeated, throwHttpErrors: (status) => passing.includes(status) })

  return async (request, { signal, inDoubt, repeat = false }) => {
    const endpoint = shownEndpoint(request)
    const started = performance.now()
    let left = false
    let status: number | undefined
    try {
      signal.throwIfAborted()
      const init = initOf(request, signal)
      // ky decides whether to send again; what is sent is ours, so that its copies of it, and what they cost, are spared.
      const once = async (): Promise<Response> => {
        left = true
        const response = await untilAborted((fetch ?? globalThis.fetch)(request.url, init), signal, discardBody)
        return repeat && response.status >= 400 ? withoutBody(response) : response
      }
      const { method } = request
      const response = await (repeat
        ? repeating(request.url, { signal, fetch: once })
        : client(request.url, { method, fetch: once }))
      if (response.type === 'error') throw new TypeError('the network failed')
      // A `fetch` of the caller's own may have followed a redirect all the same.
      status = response.redirected ? 0 : response.status
      // The status says all there is to say about a deletion that was done.
      const unread = method === 'DELETE' && response.ok
      if (unread) discardBody(response)
      return { status, headers: response.headers, ...(unread ? { body: '' } : await readBody(response, signal)) }
    } catch (error) {
      if (isHTTPError(error)) {
        status = error.response.status
        return { status, headers: error.response.headers, body: '' }
      }
      const { cause, neverLeft } = networkFailure(error, signal, secretsOf(request))
      const unsent = !left || neverLeft
      const page = unsent || signal.aborted ? undefined : pageElsewhere(request.url)
      const cors = await corsHint(request, page, knownOfCors)
      throw new TransportError(
        `No answer to ${request.method} ${endpoint}: ${cause.message}. ${unsent ? 'Nothing was sent.' : hint(inDoubt)}${cors}`,
        { outcome: unsent ? 'not-sent' : inDoubt, endpoint, cause },
      )
    } finally {
      report({ endpoint, status, ms: performance.now() - started })
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

/** The body of a discovery answer that is no document is of no use, and must not be read without a limit. */
function withoutBody(response: Response): Response {
  discardBody(response)
  return new Response(null, { status: response.status, headers: response.headers })
}

const hint = (inDoubt: Outcome): string =>
  inDoubt === 'unknown'
    ? 'The server may have acted; the request is not repeated.'
    : 'Nothing was registered or changed.'
