import { NotSupportedError, PolicyError } from '../errors.ts'
import { endpointOf } from '../exchange/addresses.ts'
import { discoveryRequests, readServer } from '../exchange/discovery.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Transport } from './transport.ts'

/**
 * Finds a server's metadata: the places one after the other, until one holds a document of that issuer.
 *
 * @throws {NotSupportedError} `no-registration-endpoint` when there is no document, listing what was tried
 * @throws {TransportError} `not-sent` when the server can't be reached
 * @throws {PolicyError} `issuer-mismatch`, `insecure-address`; `redirect` when a redirect stood where a document should
 */
export async function discover(
  issuer: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<AuthorizationServer> {
  const tried: string[] = []
  let redirected = false
  for (const request of discoveryRequests(issuer)) {
    const answer = await transport(request, { signal, inDoubt: 'not-sent', repeat: true })
    const reading = readServer(answer, { request, issuer })
    if (reading !== undefined) return reading.value
    redirected ||= answer.status === 0 || (answer.status >= 300 && answer.status < 400)
    tried.push(
      `${endpointOf(request.url)} (${answer.status || 'redirect'}${answer.status === 200 ? ', no metadata' : ''})`,
    )
  }
  const message = `No authorization server metadata was found for the issuer ${endpointOf(issuer)}. Tried: ${tried.join(', ')}.`
  if (redirected) {
    throw new PolicyError(`${message} Redirects are never followed: use the issuer that the server itself names.`, {
      rule: 'redirect',
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
