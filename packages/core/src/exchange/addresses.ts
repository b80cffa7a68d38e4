import { isLoopback } from '../model/metadata.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer } from '../model/http.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { PolicyError } from '../server-errors.ts'

/**
 * Where a request goes, for messages and events: without user info, query, fragment and path parameters (`;jsessionid=`),
 * which may hold secrets.
 */
export function endpointOf(url: string): string {
  const parsed = parseAddress(url)
  return parsed ? parsed.origin + parsed.pathname.replaceAll(/;[^/]*/g, '') : '(not an address)'
}

export const parseAddress = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)

/** Whether an answer leads to another address; 0 is how a browser reports a redirect that it was told not to follow. */
export const isRedirect = ({ status }: HttpAnswer): boolean => status === 0 || (status >= 300 && status < 400)

/** Whether an address is https, or http on the loopback interface, where nobody is on the way. */
export const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))

/** Whether an address runs code, or opens a file on the machine, when somebody clicks it. */
export const runsCode = ({ protocol }: URL): boolean => /^(?:javascript|data|file|vbscript|blob):$/.test(protocol)

/** Whether a logo is not an address but the picture itself (`data:`), in a format that holds no scripts. */
export const isPicture = (member: string, { protocol, pathname }: URL): boolean =>
  member === 'logo_uri' && protocol === 'data:' && /^image\/(?!svg)[\w.+-]+[;,]/i.test(pathname)

/** Where plain http is allowed beyond this machine, for development: exact origins. */
export type AllowedHttp = readonly string[] | undefined

/** Whether an address may be asked: secure, or plain http on an origin that the caller has allowed by name. */
const mayBeAsked = (address: URL, allowed: AllowedHttp): boolean =>
  isSecure(address) || (address.protocol === 'http:' && allowed?.includes(address.origin) === true)

const naming = (address: URL | undefined): string =>
  address?.protocol === 'http:' && !isSecure(address)
    ? ` For development, the option allowHttp: ['${address.origin}'] allows plain http there.`
    : ''

/** Refuses an address that a secret must not go to (RFC 7591 section 5, RFC 7592 section 5: TLS). */
export function requireSecure(url: string, what: string, allowHttp?: AllowedHttp): string {
  const parsed = parseAddress(url)
  if (parsed === undefined || !mayBeAsked(parsed, allowHttp) || parsed.username !== '' || parsed.password !== '') {
    throw new PolicyError(
      `The ${what} must be an https address without user info, or http on the loopback interface; nothing was sent.${naming(parsed)}`,
      { rule: 'insecure-address', outcome: 'not-sent', endpoint: endpointOf(url) },
    )
  }
  return url
}

/** The server's own addresses for clients with a certificate, by the name of the endpoint (RFC 8705 section 5). */
function aliasesOf({ mtls_endpoint_aliases: aliases = {} }: AuthorizationServer): Record<string, string> {
  return Object.fromEntries(
    Object.entries(aliases).flatMap(([endpoint, alias]) => (typeof alias === 'string' ? [[endpoint, alias]] : [])),
  )
}

/**
 * The metadata of a server as a client with a certificate uses them: each endpoint that has an alias for mutual TLS is
 * replaced by the alias. This is for clients that declare `use_mtls_endpoint_aliases`.
 *
 * @example
 * ```ts
 * import { behindMutualTls, registrationRequest } from '@registrant/core/exchange'
 *
 * const server = {
 *   issuer: 'https://as.example',
 *   registration_endpoint: 'https://as.example/register',
 *   mtls_endpoint_aliases: { registration_endpoint: 'https://mtls.as.example/register' },
 * }
 * const { url } = registrationRequest(behindMutualTls(server), { redirect_uris: ['https://app.example/callback'] })
 * ```
 * @see [RFC 8705 section 5](https://www.rfc-editor.org/rfc/rfc8705#section-5)
 */
export const behindMutualTls = (server: AuthorizationServer): AuthorizationServer => ({
  ...server,
  ...aliasesOf(server),
})

/** The mutual-TLS alias of the token endpoint, where the server has one. */
export const tokenAlias = (server: AuthorizationServer): string | undefined => aliasesOf(server)['token_endpoint']

/** The origins where a registration may be managed by default: of the registration endpoint, the issuer and the aliases. */
export const defaultOrigins = (server: AuthorizationServer): string[] =>
  [server.registration_endpoint ?? '', server.issuer, ...Object.values(aliasesOf(server))].flatMap(
    (url) => parseAddress(url)?.origin ?? [],
  )

/**
 * Where clients are registered: where the server's metadata say so, else where its profile does; `undefined` where neither does.
 *
 * @example
 * ```ts
 * import { registrationEndpoint } from '@registrant/core/exchange'
 * import { hydra } from '@registrant/core/profiles'
 *
 * registrationEndpoint({ issuer: 'https://as.example' }, hydra) // 'https://as.example/oauth2/register'
 * ```
 */
export function registrationEndpoint(
  server: { issuer: string; registration_endpoint?: string | undefined },
  profile?: ServerProfile,
): string | undefined {
  const known = profile?.registrationEndpoint?.replace('{issuer}', () => server.issuer.replace(/\/$/, ''))
  return server.registration_endpoint ?? known
}

/** What decides where a registration may be managed. */
export interface AddressContext {
  server: AuthorizationServer
  profile?: ServerProfile | undefined
  /** Default: the origins of the registration endpoint, of the issuer and of the aliases for mutual TLS. */
  allowedOrigins?: readonly string[] | undefined
  /** Origins that may be asked by plain http, for development. Default: none but this machine. */
  allowHttp?: AllowedHttp
}

/** A management address that may be contacted, or the reason why the one that was given may not, and the option that helps. */
export type ManagementAddress = { uri: string } | { refused: string; option?: 'allowedOrigins' | 'allowHttp' }

/**
 * Judges a management address before the token is ever sent there (RFC 7592 section 5): https, loopback or an origin in
 * `allowHttp`, on one of `allowedOrigins`, without user info and fragment. A relative address is resolved at the registration
 * endpoint and must stay on its origin. An address that may be contacted is returned in the spelling of WHATWG.
 */
export function managementAddress(
  given: string,
  { server, profile, allowedOrigins, allowHttp }: AddressContext,
): ManagementAddress {
  const registration = parseAddress(registrationEndpoint(server, profile) ?? '')
  if (given === '') return { refused: 'it is empty' }
  const absolute = URL.canParse(given)
  if (!absolute && !(registration && URL.canParse(given, registration))) return { refused: 'it is not an address' }
  const address = absolute ? new URL(given) : new URL(given, registration)
  if (!absolute && address.origin !== registration?.origin) return { refused: 'it is relative and leaves the origin' }
  if (address.username !== '' || address.password !== '') return { refused: 'it holds user info' }
  if (address.hash !== '' || given.includes('#')) return { refused: 'it holds a fragment' }
  if (!mayBeAsked(address, allowHttp)) {
    const refused = `it is neither https nor on the loopback interface.${naming(address)}`.replace(/\.$/, '')
    return address.protocol === 'http:' ? { refused, option: 'allowHttp' } : { refused }
  }
  const origins = (allowedOrigins ?? defaultOrigins(server)).map((origin) => parseAddress(origin)?.origin)
  if (!origins.includes(address.origin))
    return { refused: `its origin ${address.origin} is not an allowed one`, option: 'allowedOrigins' }
  return { uri: address.href }
}

/** The address that a profile derives where the returned one is wrong; on the registration endpoint's origin only. */
export function derivedAddress(clientId: string, { server, profile }: AddressContext): string | undefined {
  const endpoint = registrationEndpoint(server, profile)
  if (profile?.managementUri === undefined || endpoint === undefined) return undefined
  const uri = profile.managementUri
    .replace('{registration_endpoint}', () => endpoint.replace(/\/$/, ''))
    .replace('{client_id}', () => encodeURIComponent(clientId.replace(/\p{Cs}/gu, '\uFFFD')))
  const sameOrigin = parseAddress(uri)?.origin === parseAddress(endpoint)?.origin
  return sameOrigin ? uri : undefined
}
