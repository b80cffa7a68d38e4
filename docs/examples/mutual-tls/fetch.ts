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
    return new Response(answer.body && (await answer.arrayBuffer()), { status, headers: Object.fromEntries(told) })
  }
}
