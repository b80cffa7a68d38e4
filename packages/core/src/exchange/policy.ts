import { isLoopback } from '../model/metadata.ts'
import type { RegistrationResponse, RequestInput } from '../model/registration.ts'
import { PolicyError } from '../server-errors.ts'
import { isObject, parseJson } from './json.ts'

/** What a registration is compared with. */
interface Wanted {
  sent?: RequestInput | undefined
  current?: RegistrationResponse | undefined
}

/** How a registration is more dangerous than what was asked for. */
export type Violation = 'client-id-changed' | 'redirect-uri-added' | 'authentication-downgraded' | 'statement-altered'

/** The rule by which a registration is refused, as more dangerous than what was asked for; `undefined` where it is not. */
export function violation(registration: RegistrationResponse, { sent, current }: Wanted): Violation | undefined {
  if (current !== undefined && current.client_id !== registration.client_id) return 'client-id-changed'
  if (sent === undefined) return undefined
  if (addsRedirect(registration, { sent, current })) return 'redirect-uri-added'
  const asked = sent.token_endpoint_auth_method
  if (asked !== undefined && asked !== 'none' && registration.token_endpoint_auth_method === 'none')
    return 'authentication-downgraded'
  const statement = registration.software_statement
  const isAltered = statement !== undefined && statement !== sent.software_statement
  return sent.software_statement !== undefined && isAltered ? 'statement-altered' : undefined
}

/**
 * Whether the server added a redirect URI, so that codes could go where nobody asked for. A redirect URI that the registration
 * had before an update is not added by it. Where the request names none, a server that knows the software may know them.
 */
function addsRedirect({ redirect_uris: answered = [] }: RegistrationResponse, { sent, current }: Wanted): boolean {
  const { redirect_uris: asked, software_id, software_statement } = sent ?? {}
  if (asked === undefined && (software_id ?? software_statement) !== undefined) return false
  const known = [...listed(asked), ...listed(current?.redirect_uris)]
  const others = answered.filter((uri) => uri !== '' && !known.includes(uri))
  if (others.length === 0) return false
  const targets = new Set(known.map(redirectTarget))
  return others.some((uri) => !targets.has(redirectTarget(uri)))
}

/** The texts in a list of the caller, who may read an answer without having checked what was sent. */
const listed = (given: readonly string[] | undefined): readonly string[] =>
  Array.isArray(given) ? given.filter((item) => typeof item === 'string') : []

/**
 * Where a redirect URI leads, in one spelling: as a browser reads it; for this machine without host and port (RFC 8252
 * section 7.3: servers allow any port); for an app's own scheme without the slashes and the case of the host, in which
 * parsers differ.
 */
export function redirectTarget(uri: string): string {
  const level = URL.canParse(uri) ? levelled(uri) : uri
  if (!URL.canParse(level)) return uri
  const { protocol, hostname, username, password, pathname, search, hash, href } = new URL(level)
  if (protocol === 'http:' && isLoopback(hostname) && username === '' && password === '')
    return `http://this-machine${pathname}${search}${hash}`
  if (special.has(protocol)) return href
  const [, address = '', rest = ''] = /^[^:]+:([^?#]*)(.*)$/s.exec(level) ?? []
  const [host = '', ...path] = address.split('/').filter(Boolean)
  return `${protocol}${[host.toLowerCase(), ...path].join('/')}${rest}`
}

/** A URI without differences that mean nothing (RFC 3986 section 6.2): an empty query, and the spelling of escapes. */
const levelled = (uri: string): string =>
  uri
    .trim()
    .replace(/[\t\n\r]/g, '')
    .replace(/[^ -~]+/g, (text) => encodeURI(text.replace(/\p{Cs}/gu, '\uFFFD')))
    .replace(/%[0-9a-f]{2}/gi, (escaped) => {
      const char = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
      return /[\w.~-]/.test(char) ? char : escaped.toUpperCase()
    })
    .replace(/[?#]+$/, '')

/** The schemes that a browser parses by rules of their own. */
const special = new Set(['http:', 'https:', 'ws:', 'wss:', 'ftp:', 'file:'])

/** The error for a refused registration. The client exists by then: the error carries the registration, so it can be deleted. */
export function policyError(
  rule: Violation,
  registration: RegistrationResponse,
  { endpoint, method = 'authentication' }: { endpoint: string; method: string | undefined },
): PolicyError {
  const messages: Readonly<Record<Violation, string>> = {
    'client-id-changed': 'The answer is about another client than the one that was asked about; it was not used.',
    'redirect-uri-added':
      'The server added a redirect URI that was not asked for: codes and tokens could go there. Delete this client.',
    'authentication-downgraded': `The server registered a client that does not authenticate, where ${method} was asked for. Delete this client.`,
    'statement-altered':
      'The server returned another software statement than the one that was sent. Delete this client.',
  }
  return new PolicyError(messages[rule], { rule, registration, endpoint, outcome: 'accepted' })
}

/**
 * What was asked for, with the claims of the software statement that was sent: they count more than the members beside
 * it (RFC 7591 section 2.3). The statement is the caller's own, so its signature is not checked.
 */
export function requestedMetadata(sent: RequestInput | undefined): RequestInput | undefined {
  const claims = sent?.software_statement === undefined ? undefined : jwtPart(sent.software_statement, 1)
  if (claims === undefined) return sent
  const { redirect_uris: uris, token_endpoint_auth_method: method } = claims
  const stated = Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []
  return {
    ...sent,
    ...(sent?.redirect_uris === undefined && !Array.isArray(uris)
      ? {}
      : { redirect_uris: [...listed(sent?.redirect_uris), ...stated] }),
    ...(typeof method === 'string' ? { token_endpoint_auth_method: method } : {}),
  }
}

/** The header (0) or the claims (1) of a JWT; `undefined` where that can't be read. */
export function jwtPart(jwt: string, index: 0 | 1): Record<string, unknown> | undefined {
  try {
    const text = (jwt.split('.')[index] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    const part = parseJson(new TextDecoder().decode(bytes))
    return isObject(part) ? part : undefined
  } catch {
    return undefined
  }
}
