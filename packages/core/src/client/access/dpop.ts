import type { HttpAnswer, HttpRequest } from '../../model/http.ts'
import type { Dpop } from '../options.ts'
import type { Sending, Transport } from '../transport.ts'

/** Makes a proof, until the signal says that nobody waits for it any more. */
type TimedDpop = (proven: Parameters<Dpop>[0], signal: AbortSignal) => Promise<string>

/**
 * Sends requests with proofs of possession (RFC 9449), and keeps the nonces that servers hand out, one for each origin.
 */
export class DpopTransport {
  readonly #transport: Transport
  readonly #dpop: TimedDpop | undefined
  readonly #nonces = new Map<string, string>()

  constructor(transport: Transport, dpop: TimedDpop | undefined) {
    this.#transport = transport
    this.#dpop = dpop
  }

  /** Sends a request as it is, and keeps the nonce in its answer. */
  readonly send: Transport = async (request, sending) => {
    const answer = await this.#transport(request, sending)
    const nonce = answer.headers.get('dpop-nonce')
    if (nonce !== null) this.#nonces.set(new URL(request.url).origin, nonce)
    return answer
  }

  /**
   * Sends a request with a proof, where there is a key, and once more when the server wants its own nonce in the proof: it has
   * then refused the first request without looking further. An `accessToken` must be bound to the key.
   */
  async prove(
    request: HttpRequest,
    sending: Sending,
    { accessToken, single = false }: { accessToken?: string | undefined; single?: boolean } = {},
  ): Promise<{ request: HttpRequest; answer: HttpAnswer }> {
    const dpop = this.#dpop
    if (dpop === undefined) return { request, answer: await this.send(request, sending) }
    const once = async (): Promise<{ request: HttpRequest; answer: HttpAnswer }> => {
      const { method, url, headers } = request
      const nonce = this.#nonces.get(new URL(url).origin)
      const proof = await dpop({ method, url, accessToken, nonce }, sending.signal)
      const authorization = accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` }
      const proven = { ...request, headers: { ...headers, ...authorization, dpop: proof } }
      return { request: proven, answer: await this.send(proven, sending) }
    }
    const first = await once()
    return wantsNonce(first.answer) && !single ? once() : first
  }
}

/** Whether a server wants a nonce: a token endpoint says so in the body, a resource in its challenge (RFC 9449 sections 8, 9). */
function wantsNonce({ status, headers, body }: HttpAnswer): boolean {
  if ((status !== 400 && status !== 401) || !headers.has('dpop-nonce')) return false
  return `${headers.get('www-authenticate') ?? ''} ${body}`.includes('use_dpop_nonce')
}
