import ky, { isHTTPError } from 'ky'

import { discardBody } from './body.ts'
import { passing } from './repeat.ts'

// Time is bounded by the signal of the whole operation; ky's own timer would start anew with each request.
const repeating = ky.create({
  timeout: false,
  throwHttpErrors: (status) => passing.includes(status),
  retry: {
    limit: 2,
    methods: ['get'],
    statusCodes: [...passing],
    afterStatusCodes: [429, 503],
    maxRetryAfter: 2000,
    backoffLimit: 1000,
  },
})

/** Goes on from a first outcome: ky decides whether and when to send again, and what is sent stays ours. */
export async function repeatWithKy(
  first: Promise<Response>,
  once: () => Promise<Response>,
  url: string,
  signal: AbortSignal,
): Promise<Response> {
  let known: Promise<Response> | undefined = first
  const fetch = async (): Promise<Response> => {
    const answering = known ?? once()
    known = undefined
    const response = await answering
    return passing.includes(response.status) ? withoutBody(response) : response
  }
  try {
    return await repeating(url, { signal, fetch })
  } catch (error) {
    if (isHTTPError(error)) return error.response
    throw error
  }
}

/** A body that is no document is of no use, and ky would read it without a limit. */
function withoutBody(response: Response): Response {
  discardBody(response)
  return new Response(null, { status: response.status, headers: response.headers })
}
