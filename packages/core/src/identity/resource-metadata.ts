import { endpointOf, parseAddress, requireSecure } from '../exchange/addresses.ts'
import { readChallenges } from '../exchange/answer-headers.ts'
import { onThisMachine } from '../exchange/discovery.ts'
import { isObject, parseJson } from '../exchange/json.ts'
import { escape } from '../exchange/redact.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { PolicyError } from '../server-errors.ts'
import type { PublicJwk } from '../model/jwk.ts'
import type { OpenString, SigningAlgorithm } from '../model/values.ts'

/**
 * The metadata of a protected resource (RFC 9728 section 2): its authorization servers, and what a client should register
 * with them. Unknown members stay.
 */
export interface ProtectedResource {
  /** The resource's identifier, compared as an exact string with the one that was asked for (RFC 9728 section 3.3). */
  resource: string
  /** Issuers of the authorization servers that the resource trusts (RFC 9728 section 2). */
  authorization_servers?: string[] | undefined
  /** The resource's public keys (RFC 9728 section 2). */
  jwks_uri?: string | undefined
  /** The resource's public keys by value (OpenID Federation 1.0 section 5.2.1). */
  jwks?: { keys?: PublicJwk[] | undefined } | undefined
  /** The resource's public keys as a signed JWT (OpenID Federation 1.0 section 5.2.1). */
  signed_jwks_uri?: string | undefined
  /** Scope values that the resource knows: candidates for a client's `scope` (RFC 9728 section 2). */
  scopes_supported?: string[] | undefined
  /** How the resource takes bearer tokens (RFC 9728 section 2). */
  bearer_methods_supported?: OpenString<'header' | 'body' | 'query'>[] | undefined
  /** How the resource signs its answers (RFC 9728 section 2). */
  resource_signing_alg_values_supported?: SigningAlgorithm[] | undefined
  /** The name of the resource, for users (RFC 9728 section 2). */
  resource_name?: string | undefined
  /** A page for developers (RFC 9728 section 2). */
  resource_documentation?: string | undefined
  /** A page on what the resource demands of clients (RFC 9728 section 2). */
  resource_policy_uri?: string | undefined
  /** A page with the terms of service (RFC 9728 section 2). */
  resource_tos_uri?: string | undefined
  /**
   * Whether the resource takes tokens that are bound to a certificate: set the client's member of the same name. Default: false
   * (RFC 9728 section 2).
   */
  tls_client_certificate_bound_access_tokens?: boolean | undefined
  /** Types of `authorization_details` that the resource knows (RFC 9728 section 2). */
  authorization_details_types_supported?: string[] | undefined
  /** How DPoP proofs may be signed (RFC 9728 section 2). */
  dpop_signing_alg_values_supported?: SigningAlgorithm[] | undefined
  /** Whether only tokens bound by DPoP are taken: set `dpop_bound_access_tokens`. Default: false (RFC 9728 section 2). */
  dpop_bound_access_tokens_required?: boolean | undefined
  /** A JWT of this metadata; its claims count more than the plain members (RFC 9728 section 2.2). */
  signed_metadata?: string | undefined
  /** Every other member that the resource sends, untouched. */
  [member: string]: unknown
}

/** The answer of a resource to a request without a valid token: a `Response` of `fetch` fits, and an answer of `node:http`. */
export interface Refused {
  headers: Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * The requests that may find the metadata of a protected resource, in the order in which they are tried: the address in the
 * `WWW-Authenticate` of its refusal, the well-known address for its path, the one for its host.
 *
 * @param resource the address of the resource, as it was asked
 * @param options `refused`: the answer 401, where there is one
 * @example
 * ```ts
 * import { protectedResourceRequests } from '@registrant/core/identity'
 *
 * for (const { url } of protectedResourceRequests('https://mcp.example/files')) console.log(url)
 * // https://mcp.example/.well-known/oauth-protected-resource/files
 * // https://mcp.example/.well-known/oauth-protected-resource
 * ```
 * @throws {PolicyError} `insecure-address` when the resource, or the address that it names, is neither https nor on the loopback
 *   interface nor allowed, or when the resource names an address on this machine and is elsewhere
 * @see [RFC 9728 section 3.1](https://www.rfc-editor.org/rfc/rfc9728#section-3.1)
 * @see [RFC 9728 section 5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)
 */
export function protectedResourceRequests(
  resource: string,
  options?: { refused?: Refused | undefined; allowHttp?: readonly string[] | undefined },
): HttpRequest[] {
  const { requests, failure } = placesOf(resource, Object(options))
  if (failure) throw failure
  return requests
}

/**
 * `requests`: those that may find the metadata. `failure`: why the place that the resource names is not among them. `shared`:
 * the place that the resource shares with all others of its host.
 */
export function placesOf(
  resource: string,
  { refused, allowHttp }: { refused?: Refused | undefined; allowHttp?: readonly string[] | undefined },
): { requests: HttpRequest[]; failure: PolicyError | undefined; shared: string | undefined } {
  const { origin, pathname, search } = new URL(requireSecure(resource, 'resource', allowHttp))
  const path = pathname === '/' ? '' : pathname
  const named = challengeOf(refused)['resource_metadata']
  const [own, host] = [`${origin}${wellKnown}${path}${search}`, `${origin}${wellKnown}`]
  const places = [own, host]
  let failure: PolicyError | undefined
  try {
    if (named !== undefined) places.unshift(requireBeside(resource, resolved(named, resource), allowHttp))
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    failure = error
  }
  const headers = { accept: 'application/json' }
  const requests = [...new Set(places)].map((url) => ({ method: 'GET', url, headers }))
  return { requests, failure, shared: own === host ? undefined : host }
}

/** An address as the resource named it; a relative one is resolved at the address of the resource. */
const resolved = (named: string, resource: string): string =>
  URL.canParse(named) || !URL.canParse(named, resource) ? named : new URL(named, resource).href

/** Refuses an address that must not be asked, and one on this machine that a resource elsewhere names. */
function requireBeside(resource: string, named: string, allowHttp: readonly string[] | undefined): string {
  if (onThisMachine(named) && !onThisMachine(resource))
    throw new PolicyError(
      'The address in resource_metadata is on this machine, and the resource is not; nothing was sent there.',
      { rule: 'insecure-address', outcome: 'not-sent', endpoint: endpointOf(named) },
    )
  return requireSecure(named, 'address in resource_metadata', allowHttp)
}

const wellKnown = '/.well-known/oauth-protected-resource'

const canBeAsked = (headers: Refused['headers']): headers is Pick<Headers, 'get'> => typeof headers.get === 'function'

/** The header `WWW-Authenticate` in headers of `fetch`, or in an object as `node:http` has it. */
function demandIn(headers: Refused['headers']): string {
  if (canBeAsked(headers)) return headers.get('www-authenticate') ?? ''
  return Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === 'www-authenticate')
    .flatMap(([, value]) => value ?? [])
    .join(', ')
}

/** The parameters of a challenge: of the one that names the metadata, else of the first for bearer or DPoP tokens. */
export function challengeOf(refused: Refused | undefined): Readonly<Record<string, string>> {
  const challenges = readChallenges(refused ? demandIn(refused.headers) : '')
  const told =
    challenges.find(({ parameters }) => parameters['resource_metadata'] !== undefined) ??
    challenges.find(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
  return told?.parameters ?? {}
}

/**
 * Reads the metadata of a protected resource (RFC 9728 section 3.2); `undefined` where the answer holds none, so that the next
 * place is tried.
 *
 * The metadata must be about the resource that was asked: they name it, or a resource on the same origin that it is a part of.
 * Some MCP servers name the host for all their paths.
 *
 * @throws {PolicyError} `resource-mismatch` when the metadata are about another resource; a token for that must not be sent here
 * @example
 * ```ts
 * import { protectedResourceRequests, readProtectedResource } from '@registrant/core/identity'
 *
 * const resource = 'https://mcp.example/files'
 * for (const request of protectedResourceRequests(resource)) {
 *   const answer = await fetch(request.url, { redirect: 'manual' })
 *   const told = { status: answer.status, headers: answer.headers, body: await answer.text() }
 *   console.log(readProtectedResource(told, { request, resource })?.authorization_servers)
 * }
 * ```
 * @see [RFC 9728 section 3.3](https://www.rfc-editor.org/rfc/rfc9728#section-3.3)
 */
export function readProtectedResource(
  answer: HttpAnswer,
  { request, resource }: { request: HttpRequest; resource: string },
): ProtectedResource | undefined {
  const raw = answer.status === 200 && answer.cutOff === undefined ? parseJson(answer.body) : undefined
  if (!isObject(raw) || !namesResource(raw)) return undefined
  // The query of an address may hold a key: of both addresses only origin and path are shown.
  const [named, asked] = [raw.resource, resource].map((address) => escape(endpointOf(address)))
  if (!isAbout(raw.resource, resource))
    throw new PolicyError(
      `The metadata at ${endpointOf(request.url)} are about the resource ${named}${named === asked ? ' with another query or fragment' : ''}, not about ${asked}. Nothing of them was used: a token for another resource must not be sent here.`,
      { rule: 'resource-mismatch', outcome: 'not-sent', endpoint: endpointOf(request.url) },
    )
  return { ...raw, ...lists(raw) }
}

const namesResource = (raw: Record<string, unknown>): raw is ProtectedResource => typeof raw['resource'] === 'string'

/** Whether the named resource is the one that was asked, or the one that was asked is a part of it: a path below, same origin. */
function isAbout(named: string, asked: string): boolean {
  const [whole, part] = [parseAddress(named), parseAddress(asked)]
  if (whole === undefined || part === undefined || whole.origin !== part.origin || named.includes('#')) return false
  if (whole.search !== '' && whole.search !== part.search) return false
  const base = whole.pathname.replace(/\/$/, '')
  return part.pathname === base || part.pathname.startsWith(`${base}/`)
}

/** The members that must be lists of texts, as such lists, so that callers need not check them again. */
function lists(raw: Record<string, unknown>): Record<string, string[] | undefined> {
  const named = ['authorization_servers', 'scopes_supported', 'bearer_methods_supported']
  const textsOf = (value: unknown): string[] | undefined =>
    Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
  return Object.fromEntries(named.flatMap((member) => (member in raw ? [[member, textsOf(raw[member])]] : [])))
}
