import { TransportError } from '../errors.ts'
import { endpointOf } from '../exchange/addresses.ts'
import { discoveryRequests, readServer } from '../exchange/discovery.ts'
import { isRedirect } from '../exchange/redirect.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation } from '../model/reading.ts'
import { pageElsewhere } from './cors.ts'
import { late } from '../load.ts'
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
    // A document that was cut off on its way is not "no document": another place must not take its part.
    if (answer.status === 200 && answer.cutOff !== undefined && answer.cutOff !== 'too-long')
      throw (await late(import('./discovery-failed.ts'))).brokenOff(request, answer.cutOff)
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
  const { notFound } = await late(import('./discovery-failed.ts'))
  throw notFound(issuer, tried, redirected, troubled)
}
