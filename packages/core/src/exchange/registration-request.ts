import { NotSupportedError } from '../server-errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpRequest } from '../model/http.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { requireSecure } from './addresses.ts'
import { wireBody } from './wire-form.ts'

/** What a registration request is built with, apart from the metadata. */
export interface RegistrationRequestOptions {
  /** The token that authorizes the registration; sent as `Bearer`. Default: none. */
  accessToken?: string | undefined
  /** Renames members to the server's names. */
  profile?: ServerProfile | undefined
  /** A body that is sent instead of the metadata as JSON. */
  encoded?: { contentType: string; body: string } | undefined
}

/**
 * Builds the request that registers a client (RFC 7591 section 3.1).
 *
 * What the caller set is sent and nothing is added: `undefined`, `null` and `''` are left out, empty arrays and objects
 * are sent. The same metadata gives the same bytes.
 *
 * @throws {InvalidRequestError} `not-json` when the metadata can't be said in JSON
 * @throws {NotSupportedError} `no-registration-endpoint` when the server's metadata names none
 * @throws {PolicyError} `insecure-address` when the endpoint is neither https nor on the loopback interface
 */
export function registrationRequest(
  server: AuthorizationServer,
  metadata: RegistrationRequest,
  { accessToken, profile, encoded }: RegistrationRequestOptions = {},
): HttpRequest {
  if (server.registration_endpoint === undefined) {
    throw new NotSupportedError(
      'no-registration-endpoint',
      `The metadata of ${server.issuer} names no registration_endpoint: this server does not register clients, or only by hand. If you know the endpoint, pass it in the option server.`,
    )
  }
  const url = requireSecure(server.registration_endpoint, 'registration endpoint')
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': encoded?.contentType ?? 'application/json',
  }
  if (accessToken !== undefined) headers['authorization'] = `Bearer ${accessToken}`
  return { method: 'POST', url, headers, body: encoded?.body ?? wireBody(metadata, profile) }
}
