import { TransportError } from '../errors.ts'
import type { RegistrationError } from '../errors.ts'
import { endpointOf } from '../exchange/addresses.ts'
import { discoveryRequests, readServer } from '../exchange/discovery.ts'
import { isRedirect } from '../exchange/response.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation, HttpAnswer, HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'
import { NotSupportedError, PolicyError } from '../server-errors.ts'
import { pageElsewhere } from './network-error.ts'
import type { Transport } from './transport.ts'
import { retryGet } from './transport.ts'

/** A server's metadata, and until when they are kept, by the monotonic clock. */
export interface Discovered {
  server: AuthorizationServer
  until: number
}

/** Milliseconds for which metadata are kept: as long as the server says, between five minutes and a day; else an hour. */
function lifeOf({ headers }: HttpAnswer): number {
  const maxAge = /(?:^|[\s,])max-age=(\d+)/i.exec(headers.get('cache-control') ?? '')?.[1]
  return maxAge === undefined ? 3_600_000 : Math.min(Math.max(Number(maxAge) * 1000, 300_000), 86_400_000)
}

/**
 * Finds a server's metadata: the places one after the other, until one holds a document of that issuer that says where to
 * register; where none does, the first one (Spring Authorization Server has two documents, and one of them says so).
 *
 * @throws {NotSupportedError} `no-registration-endpoint` when there is no document, listing what was tried
 * @throws {TransportError} `not-sent` when the server can't be reached, or is in trouble at one of the places; in a page,
 *   when there is no document at the places that it may read
 * @throws {PolicyError} `issuer-mismatch`, `insecure-address`; `redirect` when a redirect stood where a document should
 */
export async function discover(
  issuer: string,
  send: Transport,
  signal: AbortSignal,
  report: (deviations: readonly Deviation[]) => void,
): Promise<Discovered> {
  const tried: string[] = []
  let redirected = false
  let troubled = false
  let hidden: TransportError | undefined
  let elsewhere: Discovered | undefined
  for (const request of discoveryRequests(issuer)) {
    // A page can't read a 404 that allows no other origin (CORS); the metadata may lie at the next place.
    const mayHide = pageElsewhere(request.url) !== undefined
    const sending = { signal, inDoubt: 'not-sent' as const }
    const asking: Promise<HttpAnswer> = troubled || mayHide ? send(request, sending) : retryGet(send, request, sending)
    const answer: HttpAnswer | undefined = await asking.catch((error: unknown) => {
      if (elsewhere !== undefined && !signal.aborted) return undefined
      if (!mayHide || signal.aborted || !(error instanceof TransportError)) throw error
      hidden ??= error
      return undefined
    })
    if (answer === undefined) continue
    // A document that was cut off on its way is not "no document": another place must not take its part.
    if (answer.status === 200 && answer.cutOff !== undefined && answer.cutOff !== 'too-long')
      throw documentBrokenOff(request, answer.cutOff)
    const reading = readServer(answer, { request, issuer })
    if (reading !== undefined) {
      report(reading.deviations)
      const found = { server: reading.value, until: platform.monotonic() + lifeOf(answer) }
      if (reading.value.registration_endpoint !== undefined) return found
      elsewhere ??= found
      continue
    }
    redirected ||= isRedirect(answer)
    troubled ||= answer.status === 429 || answer.status >= 500
    tried.push(
      `${endpointOf(request.url)} (${answer.status || 'redirect'}${answer.status === 200 ? ', no metadata' : ''})`,
    )
  }
  if (elsewhere) return elsewhere
  if (hidden) throw hidden
  throw notFound(issuer, tried, redirected, troubled)
}

/** The error for a server without metadata: what was tried, and what to do. */
function notFound(issuer: string, tried: readonly string[], redirected: boolean, troubled: boolean): RegistrationError {
  const endpoint = endpointOf(issuer)
  const message = `No authorization server metadata was found for the issuer ${endpoint}. Tried: ${tried.join(', ')}.`
  if (redirected) {
    return new PolicyError(`${message} Redirects are never followed: use the issuer that the server itself names.`, {
      rule: 'redirect',
      outcome: 'not-sent',
      endpoint,
    })
  }
  if (troubled) {
    return new TransportError(`${message} The server is in trouble: whether it publishes metadata is not known.`, {
      outcome: 'not-sent',
      endpoint,
    })
  }
  return new NotSupportedError(
    'no-registration-endpoint',
    `${message} SimpleIdServer and Keycloak hosts carry a realm in the issuer, such as /master or /realms/name. If the server publishes no metadata, pass its endpoints in the option server.`,
    { endpoint },
  )
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
