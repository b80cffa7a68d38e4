import { NotSupportedError, PolicyError } from '../server-errors.ts'
import type { RegistrationError } from '../errors.ts'
import { TransportError } from '../errors.ts'
import { endpointOf } from '../exchange/addresses.ts'
import type { HttpRequest } from '../model/http.ts'

/** The error for a server without metadata: what was tried, and what to do. */
export function notFound(
  issuer: string,
  tried: readonly string[],
  redirected: boolean,
  troubled: boolean,
): RegistrationError {
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
export function brokenOff({ url }: HttpRequest, cutOff: 'broken' | 'late'): TransportError {
  const why = cutOff === 'late' ? 'was not complete in time' : 'broke off'
  const endpoint = endpointOf(url)
  return new TransportError(`The metadata at ${endpoint} ${why}. Nothing was registered or changed.`, {
    outcome: 'not-sent',
    endpoint,
  })
}
