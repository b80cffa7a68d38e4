/** One request and its answer, as they travelled. */
export interface Exchange {
  method: string
  url: string
  authorization: string | undefined
  /** What was sent: members of a JSON object or of a form. */
  sent: Record<string, unknown>
  isForm: boolean
  /** `undefined`: there was no answer. */
  status: number | undefined
  /** What came back, if that was a JSON object. */
  answered: Record<string, unknown>
  /** From the request to the end of the answer. */
  ms: number
}

/** A `fetch` that keeps what travels through it, for the option of that name. */
export function recordExchanges(): { fetch: typeof globalThis.fetch; take(): Exchange[] } {
  const recorded: Exchange[] = []

  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const type = request.headers.get('content-type') ?? ''
    const isForm = type.startsWith('application/x-www-form-urlencoded')
    const text = await request.clone().text()
    const exchange: Exchange = {
      method: request.method,
      url: request.url,
      authorization: request.headers.get('authorization') ?? undefined,
      sent: isForm ? Object.fromEntries(new URLSearchParams(text)) : objectIn(text),
      isForm,
      status: undefined,
      answered: {},
      ms: 0,
    }
    recorded.push(exchange)
    const started = performance.now()
    const response = await globalThis.fetch(request)
    exchange.status = response.status
    exchange.ms = performance.now() - started
    if (response.body === null) return response
    const body = watched(response.body, (whole) => {
      exchange.answered = objectIn(whole)
      exchange.ms = performance.now() - started
    })
    return new Response(body, response)
  }

  return { fetch, take: () => recorded.splice(0) }
}

/** Passes a body on piece by piece, so that whoever reads it still decides how much is read. */
function watched(body: ReadableStream<Uint8Array<ArrayBuffer>>, ended: (whole: string) => void): ReadableStream {
  const decoder = new TextDecoder()
  let whole = ''
  return body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, out) => {
        whole += decoder.decode(chunk, { stream: true })
        out.enqueue(chunk)
      },
      flush: () => ended(whole),
    }),
  )
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}
