import { InvalidRequestError } from '../errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation, Finding, HttpAnswer, HttpRequest, Reading } from '../model/http.ts'
import { PolicyError } from '../server-errors.ts'
import { endpointOf, parseAddress, requireSecure } from './addresses.ts'
import { isObject, parseJson, snapshot } from './json.ts'
import type { JsonObject } from './json.ts'
import { escape, struck } from './redact.ts'

/**
 * The requests that may find a server's metadata, in the order in which they are tried: the well-known path of RFC 8414
 * before the issuer's path, that of OpenID Connect after it, that of RFC 8414 after it, that of OpenID Connect before it.
 *
 * @example
 * ```ts
 * import { discoveryRequests } from '@registrant/core/exchange'
 *
 * for (const { url } of discoveryRequests('https://as.example/realms/orders')) console.log(url)
 * ```
 * @throws {InvalidRequestError} the issuer has a query or a fragment (RFC 8414 section 2)
 * @throws {PolicyError} `insecure-address` when the issuer is neither https nor on the loopback interface nor allowed
 * @see [RFC 8414 section 3](https://www.rfc-editor.org/rfc/rfc8414#section-3)
 */
export function discoveryRequests(
  issuer: string,
  { allowHttp }: { allowHttp?: readonly string[] | undefined } = {},
): HttpRequest[] {
  const { origin, pathname } = new URL(requireSecure(issuer, 'issuer', allowHttp))
  if (/[?#]/.test(issuer)) throw new InvalidRequestError([withoutQuery])
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

const withoutQuery: Finding = {
  member: 'issuer',
  rule: 'option',
  level: 'MUST',
  message: 'An issuer has neither query nor fragment',
  source: 'RFC 8414 section 2',
}

/**
 * Reads a server's metadata (RFC 8414 section 3, OpenID Connect Discovery 1.0 section 4); `undefined` where the answer
 * is no metadata document, so that the next place is tried.
 *
 * @example
 * ```ts
 * import { discoveryRequests, readServer } from '@registrant/core/exchange'
 *
 * const issuer = 'https://as.example'
 * for (const request of discoveryRequests(issuer)) {
 *   const reading = readServer(await ask(request.url), { request, issuer })
 *   if (reading) console.log(reading.value.registration_endpoint)
 * }
 *
 * async function ask(url: string): Promise<{ status: number; headers: Headers; body: string }> {
 *   const answer = await fetch(url)
 *   return { status: answer.status, headers: answer.headers, body: await answer.text() }
 * }
 * ```
 * @throws {PolicyError} `issuer-mismatch` when the document names another issuer than was asked for
 * @see [RFC 8414 section 3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)
 */
export function readServer(
  answer: HttpAnswer,
  { request, issuer }: { request: HttpRequest; issuer: string },
): Reading<AuthorizationServer> | undefined {
  const raw = answer.status === 200 ? parseJson(answer.body) : undefined
  if (!isObject(raw) || !namesIssuer(raw)) return undefined
  if (raw.issuer !== issuer) {
    throw new PolicyError(
      `The metadata at ${endpointOf(request.url)} belongs to the issuer ${escape(raw.issuer.replace(/\/\/[^/]*@/, `//${struck}@`))}, not to ${escape(issuer)}. Use the issuer exactly as the server spells it; behind a proxy that changes it, pass the metadata in the option server.`,
      { rule: 'issuer-mismatch', outcome: 'not-sent', endpoint: endpointOf(request.url) },
    )
  }
  return { ...normalizeServer(raw), created: false, raw }
}

const namesIssuer = (raw: Record<string, unknown>): raw is AuthorizationServer => typeof raw['issuer'] === 'string'

/** Matches the names of members that are flags. */
const flags = /_(?:parameter|logout|session|document)_supported$|^require_(?:req|sign|push)|^tls_client_c/

/** Matches the names of members that are lists: those in the plural, except tables and flags with such a name. */
const plurals = /^(?!.*(?:formats|credential|_auth(?:n|entication)_m|access|verified)).*s_supported$|^protected_r/

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** The value of a member of a server's metadata in the type that its name demands, so that no caller has to check it again. */
function mended(member: string, value: unknown): unknown {
  if (flags.test(member)) return typeof value === 'boolean' ? value : undefined
  if (plurals.test(member)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    const texts = items.filter(isText)
    return texts.length === 0 && !Array.isArray(value) ? undefined : texts
  }
  if (/_(?:endpoint|uri)$/.test(member)) return isText(value) ? value : undefined
  if (member === 'mtls_endpoint_aliases' || member === 'jwks') return isObject(value) ? value : undefined
  return typeof value === 'function' ? undefined : value
}

/**
 * A copy of the metadata in the option `server`, in normal form; the given object itself where a class has accessors for them.
 * Addresses on this machine stay, since the caller has named them.
 */
export function serverAsGiven(server: AuthorizationServer): AuthorizationServer {
  const own = snapshot(server)
  return own.issuer ? normalizeServer(own, false).value : server
}

/** Brings a server's metadata into normal form: lists are lists of strings, addresses strings, flags booleans, or absent. */
function normalizeServer<Raw extends JsonObject>(
  raw: Raw,
  isElsewhere = !onThisMachine(raw['issuer']),
): { value: Raw; deviations: Deviation[] } {
  const { value, deviations } = normalizeMembers(raw, isElsewhere)
  const aliases = value['mtls_endpoint_aliases']
  if (!isObject(aliases)) return { value, deviations }
  const inner = normalizeMembers(aliases, isElsewhere)
  return {
    value: { ...value, mtls_endpoint_aliases: inner.value },
    deviations: [...deviations, ...inner.deviations.map((it) => ({ ...it, member: 'mtls_endpoint_aliases' }))],
  }
}

function normalizeMembers<Raw extends JsonObject>(
  raw: Raw,
  isElsewhere: boolean,
): { value: Raw; deviations: Deviation[] } {
  const deviations: Deviation[] = []
  const value = { ...raw }
  for (const [member, given] of Object.entries(raw)) {
    if (isElsewhere && member !== 'issuer' && onThisMachine(given)) {
      Reflect.deleteProperty(value, member)
      deviations.push({ member: escape(member), rule: 'insecure-uri', message: leftOut })
      continue
    }
    const form = mended(member, given)
    if (form === given || (Array.isArray(form) && Array.isArray(given) && form.length === given.length)) continue
    if (form === undefined) Reflect.deleteProperty(value, member)
    else Reflect.set(value, member, form)
    if (given === null || given === '') continue
    const what = form === undefined ? 'was left out' : 'was converted'
    deviations.push({
      member: escape(member),
      rule: 'type',
      message: `The value in the server's metadata has another type than it must and ${what}.`,
    })
  }
  return { value, deviations }
}

const leftOut = 'An address is on this machine, and its issuer is not: it was left out.'

/** Whether an address may lead to this machine, in any spelling; more hosts are suspected here than `isLoopback` trusts. */
export const onThisMachine = (value: unknown): boolean =>
  typeof value === 'string' && mayBeHere.test(parseAddress(value)?.hostname ?? '')
const mayBeHere = /^(?:127\..*|0\.0\.0\.0|\[::1?\]|\[::ffff:(?:7f[0-9a-f]{2}:.*|0:0)\]|(?:.*\.)?localhost\.?)$/
