import { NotSupportedError, PolicyError } from '../answer-errors.ts'
import { TransportError } from '../errors.ts'
import { endpointOf } from '../exchange/addresses.ts'
import { discoveryRequests, readServer } from '../exchange/discovery.ts'
import { isRedirect } from '../exchange/judge.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import { pageElsewhere } from './cors.ts'
import type { Transport } from './transport.ts'

/**
 * Finds a server's metadata: the places one after the other, until one holds a document of that issuer.
 *
 * @throws {NotSupportedError} `no-registration-endpoint` when there is no document, listing what was tried
 * @throws {TransportError} `not-sent` when the server can't be reached, or is in trouble at one of the places; in a page,
 *   when there is no document at the places that it may read
 * @throws {PolicyError} `issuer-mismatch`, `insecure-address`; `redirect` when a redirect stood where a document should
 */
export async function discover(
  issuer: string,
  transport: Transport,
  signal: AbortSignal,
  report: (deviation: Deviation) => void,
): Promise<AuthorizationServer> {
  const tried: string[] = []
  let redirected = false
  let troubled = false
  let hidden: TransportError | undefined
  for (const request of discoveryRequests(issuer)) {
    // A page can't read a 404 that allows no other origin (CORS); the metadata may lie at the next place.
    const mayHide = pageElsewhere(request.url) !== undefined
    const asking = transport(request, { signal, inDoubt: 'not-sent', repeat: !troubled && !mayHide })
    const answer = await asking.catch((error: unknown) => {
      if (!mayHide || signal.aborted || !(error instanceof TransportError)) throw error
      hidden ??= error
    })
    if (answer === undefined) continue
    requireWhole(answer, request)
    const reading = readServer(answer, { request, issuer })
    for (const deviation of reading?.deviations ?? []) report(deviation)
    if (reading !== undefined) return reading.value
    redirected ||= isRedirect(answer)
    troubled ||= answer.status === 429 || answer.status >= 500
    tried.push(
      `${endpointOf(request.url)} (${answer.status || 'redirect'}${answer.status === 200 ? ', no metadata' : ''})`,
    )
  }
  if (hidden) throw hidden
  const message = `No authorization server metadata was found for the issuer ${endpointOf(issuer)}. Tried: ${tried.join(', ')}.`
  if (redirected) {
    throw new PolicyError(`${message} Redirects are never followed: use the issuer that the server itself names.`, {
      rule: 'redirect',
      outcome: 'not-sent',
      endpoint: endpointOf(issuer),
    })
  }
  if (troubled) {
    throw new TransportError(`${message} The server is in trouble: whether it publishes metadata is not known.`, {
      outcome: 'not-sent',
      endpoint: endpointOf(issuer),
    })
  }
  throw new NotSupportedError(
    'no-registration-endpoint',
    `${message} SimpleIdServer and Keycloak hosts carry a realm in the issuer, such as /master or /realms/name. If the server publishes no metadata, pass its endpoints in the option server.`,
    { endpoint: endpointOf(issuer) },
  )
}

/** A document that was cut off on its way is not "no document": another place must not take its part. */
function requireWhole({ status, cutOff }: HttpAnswer, { url }: HttpRequest): void {
  if (status !== 200 || cutOff === undefined || cutOff === 'too-long') return
  const why = cutOff === 'late' ? 'was not complete in time' : 'broke off'
  throw new TransportError(`The metadata at ${endpointOf(url)} ${why}. Nothing was registered or changed.`, {
    outcome: 'not-sent',
    endpoint: endpointOf(url),
  })
}
