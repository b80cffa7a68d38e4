import { PolicyError } from '../server-errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Reading } from '../model/reading.ts'
import { endpointOf, requireSecure } from './addresses.ts'
import { isObject, parseJson } from './json.ts'
import { printable } from './printable.ts'
import { serverForm } from './server-form.ts'

/**
 * The requests that may find a server's metadata, in the order in which they are tried: RFC 8414 inserted before the
 * issuer's path, OpenID Connect appended to it, RFC 8414 appended, OpenID Connect inserted.
 *
 * @throws {PolicyError} `insecure-address` when the issuer is neither https nor on the loopback interface
 */
export function discoveryRequests(issuer: string): HttpRequest[] {
  const { origin, pathname } = new URL(requireSecure(issuer, 'issuer'))
  const path = pathname.replace(/\/$/, '')
  const oauth = '/.well-known/oauth-authorization-server'
  const openid = '/.well-known/openid-configuration'
  const places = [oauth + path, path + openid, path + oauth, openid + path]
  return [...new Set(places)].map((place) => ({
    method: 'GET',
    url: origin + place,
    headers: { accept: 'application/json' },
  }))
}

/**
 * Reads a server's metadata (RFC 8414 section 3, OpenID Connect Discovery 1.0 section 4); `undefined` where the answer
 * is no metadata document, so that the next place is tried.
 *
 * @throws {PolicyError} `issuer-mismatch` when the document names another issuer than was asked for
 */
export function readServer(
  answer: HttpAnswer,
  { request, issuer }: { request: HttpRequest; issuer: string },
): Reading<AuthorizationServer> | undefined {
  const raw = answer.status === 200 ? parseJson(answer.body) : undefined
  if (!isObject(raw) || !namesIssuer(raw)) return undefined
  if (raw.issuer !== issuer) {
    throw new PolicyError(
      `The metadata at ${endpointOf(request.url)} belongs to the issuer ${printable(raw.issuer)}, not to ${printable(issuer)}. Use the issuer exactly as the server spells it; behind a proxy that changes it, pass the metadata in the option server.`,
      { rule: 'issuer-mismatch', outcome: 'not-sent', endpoint: endpointOf(request.url) },
    )
  }
  return { ...serverForm(raw), created: false, raw }
}

const namesIssuer = (raw: Record<string, unknown>): raw is AuthorizationServer => typeof raw['issuer'] === 'string'
