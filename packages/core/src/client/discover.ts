import { TransportError } from '../errors.ts'
import type { RegistrationError } from '../errors.ts'
import { endpointOf, isRedirect } from '../exchange/addresses.ts'
import { discoveryRequests, readServer } from '../exchange/discovery.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation, HttpAnswer, HttpRequest, Reading } from '../model/http.ts'
import { platform } from '../platform.ts'
import { PolicyError } from '../server-errors.ts'
import { pageElsewhere } from './network-error.ts'
import { loadRetry } from './retry/load.ts'
import type { Sending, Transport } from './transport.ts'
import { willPass } from './transport.ts'

/** A server's metadata, and until when they are kept, by the monotonic clock. */
export interface Discovered {
  server: AuthorizationServer
  until: number
  /** Set where the document names no registration endpoint: why another place, which may name one, could not be read. */
  trouble?: unknown
}

/** Milliseconds for which metadata are kept: as long as the server says, between five minutes and a day; else an hour. */
function lifeOf({ headers }: HttpAnswer): number {
  const maxAge = /(?:^|[\s,])max-age=(\d+)/i.exec(headers.get('cache-control') ?? '')?.[1]
  return maxAge === undefined ? 3_600_000 : Math.min(Math.max(Number(maxAge) * 1000, 300_000), 86_400_000)
}

/** What was found at the places of a search for a metadata document. */
export interface Search {
  issuer: string
  /** Each place and its answer; no answer where a document of another issuer stood. */
  tried: { request: HttpRequest; answer?: HttpAnswer }[]
  /** The status of the first redirect, if there was one; 0 where a browser hides it. */
  redirected?: number
  troubled: boolean
  /** The error of the first request that failed without a reason, as in a browser. */
  hidden?: TransportError
  /** The first document of another issuer. */
  foreign?: PolicyError
  /** The first document of this issuer, which says nothing of registering. */
  incomplete?: { found: Discovered; deviations: readonly Deviation[] }
}

/**
 * Finds a server's metadata: asks the places one after the other, until one has a document of that issuer that says where
 * clients register. Where none does, returns the first document of that issuer, which is not kept where another place could
 * not be read.
 *
 * `explain` makes the error where there is no document.
 *
 * @throws {NotSupportedError} `no-registration-endpoint` when there is no document, listing what was tried
 * @throws {TransportError} `not-sent` when the server can't be reached, or is in trouble at one of the places; in a page,
 *   when there is no document at the places that it may read
 * @throws {ServerRefusedError} `not-sent` when the server asks to be left alone, for `retryAfter`
 * @throws {PolicyError} `issuer-mismatch` when documents of other issuers are all there is, `insecure-address`;
 *   `redirect` when a redirect stood where a document should
 */
export async function discover(
  issuer: string,
  send: Transport,
  signal: AbortSignal,
  report: (deviations: readonly Deviation[]) => void,
  explain: (search: Search) => Promise<RegistrationError>,
  allowHttp?: readonly string[],
): Promise<Discovered> {
  const search: Search = { issuer, tried: [], troubled: false }
  const places = discoveryRequests(issuer, { allowHttp })
  for (const request of places) {
    const answer = await ask(request, send, signal, search)
    // The same place with a slash may be asked too: nothing secret is sent, and the document has to name the issuer.
    if (answer === undefined) continue
    if (addsSlash(answer, request)) places.push({ ...request, url: `${request.url}/` })
    const reading = documentIn(answer, request, search)
    if (reading === undefined) continue
    const found = { server: reading.value, until: platform.monotonic() + lifeOf(answer) }
    if (reading.value.registration_endpoint !== undefined) {
      report(reading.deviations)
      return found
    }
    search.incomplete ??= { found, deviations: reading.deviations }
  }
  const { incomplete, foreign, hidden, troubled } = search
  const isAll = incomplete && !troubled && !hidden
  const trouble = isAll ? undefined : await explain(search).catch((unloaded: unknown) => foreign ?? hidden ?? unloaded)
  if (!incomplete) throw trouble
  report(incomplete.deviations)
  return isAll ? incomplete.found : { ...incomplete.found, until: 0, trouble }
}

/** Whether an answer redirects to the same address with a slash at its end. */
function addsSlash(answer: HttpAnswer, { url }: HttpRequest): boolean {
  const location = answer.headers.get('location') ?? ''
  return (
    isRedirect(answer) && !url.endsWith('/') && URL.canParse(location, url) && new URL(location, url).href === `${url}/`
  )
}

/** The answer at one place; `undefined` where a page can't read it: a 404 that allows no other origin looks like that (CORS). */
async function ask(
  request: HttpRequest,
  send: Transport,
  signal: AbortSignal,
  search: Search,
): Promise<HttpAnswer | undefined> {
  const mayHide = pageElsewhere(request.url) !== undefined
  const sending = { signal, inDoubt: 'not-sent' as const }
  try {
    return await (search.troubled || mayHide ? send(request, sending) : sendRepeatable(send, request, sending))
  } catch (error) {
    if (!mayHide || signal.aborted || !(error instanceof TransportError)) throw error
    search.hidden ??= error
    return undefined
  }
}

/**
 * Sends a GET, and again where the network or a gateway failed. The code that repeats it is loaded only then; where it can't be
 * loaded, since the network is down, the first answer or error counts.
 */
async function sendRepeatable(send: Transport, request: HttpRequest, sending: Sending): Promise<HttpAnswer> {
  const first = await send(request, sending).catch((error: unknown) => {
    if (error instanceof TransportError) return error
    throw error
  })
  const isFinal = first instanceof TransportError ? sending.signal.aborted : !willPass.includes(first.status)
  const retry = isFinal ? undefined : await loadRetry().catch(() => undefined)
  if (retry) return retry.retryGet(send, request, sending, first)
  if (first instanceof TransportError) throw first
  return first
}

/** The document of this issuer in an answer; any other answer is noted in `search`, and the search goes on. */
function documentIn(
  answer: HttpAnswer,
  request: HttpRequest,
  search: Search,
): Reading<AuthorizationServer> | undefined {
  const { issuer, tried } = search
  // A document that was cut off is not "no document": one at another place must not replace it.
  if (answer.status === 200 && answer.cutOff !== undefined && answer.cutOff !== 'too-long')
    throw documentBrokenOff(request, answer.cutOff)
  try {
    const reading = readServer(answer, { request, issuer })
    if (reading !== undefined) return reading
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    search.foreign ??= error
    tried.push({ request })
    return undefined
  }
  if (isRedirect(answer)) search.redirected ??= answer.status
  search.troubled ||= answer.status === 429 || answer.status >= 500
  tried.push({ request, answer })
  return undefined
}

/** The error for metadata of which only a part came. */
function documentBrokenOff({ url }: HttpRequest, cutOff: 'broken' | 'late'): TransportError {
  const why = cutOff === 'late' ? 'was not complete in time' : 'broke off'
  const endpoint = endpointOf(url)
  return new TransportError(`The metadata at ${endpoint} ${why}. Nothing was registered or changed.`, {
    outcome: 'not-sent',
    endpoint,
  })
}
