import ky from 'ky'

import { TransportError } from '../../errors.ts'
import { retryAfterOf } from '../../exchange/answer-headers.ts'
import type { HttpAnswer, HttpRequest } from '../../model/http.ts'
import { networkError } from '../network-error.ts'
import type { Sending, Transport } from '../transport.ts'
import { willPass } from '../transport.ts'

/** The longest `Retry-After`, in milliseconds, after which the same call asks a server again. */
const longestWait = 2000

// The signal of the whole operation bounds the time; ky's own timer would start anew with each request.
const discovery = ky.create({
  timeout: false,
  throwHttpErrors: (status) => willPass.includes(status),
  retry: {
    limit: 2,
    methods: ['get'],
    statusCodes: [...willPass],
    afterStatusCodes: [429, 503],
    maxRetryAfter: longestWait,
    backoffLimit: 1000,
    shouldRetry: ({ error }) => (error instanceof TransportError ? !failedByCertificate(error) : undefined),
  },
})

/** Whether a request failed because of the server's certificate, so that it would fail again. */
const failedByCertificate = ({ cause }: TransportError): boolean =>
  /^(?:CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+)$/.test(
    String(Object(cause).code),
  )

/**
 * Sends a GET again that got no answer, or one with a status that will pass. ky decides whether and when, by its back-off and
 * by `Retry-After`; the last answer counts. A server that asks for more patience than a call has is not asked again.
 *
 * @param first the answer or error of the GET when it was sent before
 */
export async function retryGet(
  send: Transport,
  request: HttpRequest,
  sending: Sending,
  first: HttpAnswer | TransportError,
): Promise<HttpAnswer> {
  const { url, headers } = request
  let before: typeof first | undefined = first
  let last: HttpAnswer | undefined
  const fetch = async (): Promise<Response> => {
    const became = before ?? (await send(request, sending))
    before = undefined
    if (became instanceof TransportError) throw became
    last = became
    // ky needs to know no more, and would read the body of an error without a limit.
    const { status, headers: told } = became
    const isPatient = (retryAfterOf(became) ?? 0) <= longestWait
    return willPass.includes(status) && isPatient ? new Response(null, { status, headers: told }) : new Response()
  }
  try {
    await discovery.get(url, { headers, signal: sending.signal, fetch })
  } catch (error) {
    if (error instanceof TransportError) throw error
    // An error of ky holds the request, so it is never passed on.
    if (sending.signal.aborted)
      throw networkError(undefined, { ...sending, request, left: true, knownOfCors: undefined })
  }
  if (last === undefined) throw networkError(undefined, { ...sending, request, left: false, knownOfCors: undefined })
  return last
}
