import ky, { isHTTPError } from 'ky'
import type { KyInstance } from 'ky'

import type { Outcome } from '../errors.ts'
import { RegistrationError, TransportError } from '../errors.ts'
import { endpointOf } from '../exchange/addresses.ts'
import { unexpected } from '../exchange/judge.ts'
import { secretsOf } from '../exchange/secrets.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { readBody } from './body.ts'
import { causeOf, neverLeft } from './network-failure.ts'

/** How one request is sent. */
interface Sending {
  /** Ends it; its reason is told in the error. */
  signal: AbortSignal
  /** What is known when no whole answer comes: `unknown`, or `not-sent` where nothing is at stake yet. */
  inDoubt: Outcome
  /** Repeats a GET when the network or a gateway failed: for discovery alone. */
  repeat?: boolean
}

/** Sends one request and returns its whole answer, whatever its status. */
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
): Transport {
  const client: KyInstance = ky.create({
    // Time is bounded by the signal of the whole operation; ky's own timer would start anew with each request.
    timeout: false,
    redirect: 'manual',
    cache: 'no-store',
    // Some runtimes have no cookies, and throw at the mention of them.
    ...('credentials' in Request.prototype ? { credentials: 'omit' as const } : {}),
  })

  return async (request, { signal, inDoubt, repeat = false }) => {
    const endpoint = endpointOf(request.url)
    const started = performance.now()
    let left = false
    let status: number | undefined
    try {
      signal.throwIfAborted()
      const response = await client(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        signal,
        retry: repeat ? repeated : 0,
        throwHttpErrors: (code) => repeat && passing.includes(code),
        fetch: async (...args) => {
          left = true
          const answered = await (fetch ?? globalThis.fetch)(...args)
          return repeat && !answered.ok ? withoutBody(answered) : answered
        },
      })
      status = response.status
      const { text, cutOff } = await readBody(response, signal)
      const answer = { status, headers: response.headers, body: text }
      if (cutOff === undefined || !response.ok) return answer
      throw unexpected(
        answer,
        { request, what: 'request', secrets: secretsOf(request), inDoubt },
        cutOff.why,
        cutOff.cause,
      )
    } catch (error) {
      if (isHTTPError(error)) {
        status = error.response.status
        return { status, headers: error.response.headers, body: '' }
      }
      if (error instanceof RegistrationError) throw error
      const cause = causeOf(error, signal, secretsOf(request))
      const unsent = !left || neverLeft(cause)
      throw new TransportError(
        `No answer to ${request.method} ${endpoint}: ${cause.message}. ${unsent ? 'Nothing was sent.' : hint(inDoubt)}`,
        { outcome: unsent ? 'not-sent' : inDoubt, endpoint, cause },
      )
    } finally {
      report({ endpoint, status, ms: performance.now() - started })
    }
  }
}

/** The body of a discovery answer that is no document is of no use, and must not be read without a limit. */
function withoutBody(answered: Response): Response {
  if (answered.status < 400) return answered
  answered.body?.cancel().catch(() => undefined)
  return new Response(null, { status: answered.status, headers: answered.headers })
}

const hint = (inDoubt: Outcome): string =>
  inDoubt === 'unknown'
    ? 'The server may have acted; the request is not repeated.'
    : 'Nothing was registered or changed.'
