// A fetch that presents a certificate: by the application's own undici, since Node exports no dispatcher.
import * as undici from 'undici'

/** `ca`: who vouches for the server, where no public authority does. All of it PEM. */
export function fetchWithCertificate(tls: { cert: string; key: string; ca?: string }): typeof fetch {
  const dispatcher = new undici.Agent({ connect: tls })
  return async (input, init) => {
    const { url, method, headers, body, signal } = new Request(input, init)
    const sent = { method, headers: Object.fromEntries(headers), body, signal, redirect: 'manual' } as const
    const answer = await undici.fetch(url, { ...sent, duplex: 'half', dispatcher })
    const { status, headers: told } = answer
    return new Response(answer.body && streamOf(answer.body), { status, headers: Object.fromEntries(told) })
  }
}

/** A body as this platform's stream: read as it is asked for, so that an answer without end is not. */
function streamOf(body: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const parts = body[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(stream) {
      const { value, done } = await parts.next()
      if (done === true) stream.close()
      else stream.enqueue(value)
    },
    async cancel() {
      await parts.return?.()
    },
  })
}
