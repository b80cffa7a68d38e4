import { isTimeout, linked, reasonOf } from '../client/abort.ts'
import { openSession } from '../client/load.ts'
import { isWhole, refuseOptions, wrongOptions } from '../client/options.ts'
import type { Rule, SharedOptions } from '../client/options.ts'
import type { RegistrationError } from '../errors.ts'
import { TransportError } from '../errors.ts'
import { endpointOf, isSecure, parseAddress } from '../exchange/addresses.ts'
import { onThisMachine } from '../exchange/discovery.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { ProtectedResource, Refused } from './resource-metadata.ts'
import { platform } from '../platform.ts'
import { NotSupportedError, PolicyError } from '../server-errors.ts'
import { challengeOf, placesOf, readProtectedResource } from './resource-metadata.ts'

/** Options of the search for the authorization server of a protected resource. */
export interface ResourceOptions extends Pick<SharedOptions, 'allowHttp' | 'fetch' | 'onEvent' | 'timeout'> {
  /** The resource's answer 401 of `fetch` or `node:http`, which may name its metadata and the scope. Default: none. */
  refused?: Refused | undefined
  /** Issuers where the application already has a client: the first that the resource names is chosen. Default: none. */
  known?: readonly string[] | undefined
  /** Ends the caller's waiting when it aborts. */
  signal?: AbortSignal | undefined
}

/** Where to register for a protected resource. */
export interface DiscoveredResource {
  /** The metadata of the resource. Tokens are requested for its `resource` (RFC 8707). */
  resource: ProtectedResource
  /** The authorization server to register with: `issuer` of a client or manager. */
  issuer: string
  /** All issuers that the resource names and that may be asked, in its order. Each needs a client of its own. */
  issuers: string[]
  /** The scope to request: that of the refusal, else all scopes that the resource names. */
  scope?: string | undefined
}

/**
 * Finds the authorization server of a protected resource, by the answer 401 and the resource's metadata (RFC 9728), as the Model
 * Context Protocol wants it: the place that `WWW-Authenticate` names, else the two well-known ones.
 *
 * Metadata about another resource are not used, no redirect is followed, and issuers are https. The issuer itself is verified
 * later: `RegistrationClient` and `RegistrationManager` compare it with the server's metadata as an exact string.
 *
 * @param resource the address of the resource as it was asked, such as that of an MCP server
 * @example
 * ```ts
 * import { RegistrationManager, memoryStore } from '@registrant/core'
 * import { discoverProtectedResource } from '@registrant/core/identity'
 *
 * const resource = 'https://mcp.example/files'
 * const refused = await fetch(resource, { method: 'POST' })
 * const { issuer } = await discoverProtectedResource(resource, { refused })
 * const manager = new RegistrationManager({
 *   issuer,
 *   application: 'files-client',
 *   metadata: { redirect_uris: ['http://127.0.0.1/callback'], application_type: 'native' },
 *   metadataDocument: 'https://app.example/client.json',
 *   store: memoryStore(),
 * })
 * const { client_id } = await manager.ensure()
 * ```
 * @throws {InvalidRequestError} an option can't work
 * @throws {NotSupportedError} `unsupported` when there are no metadata, or they name no authorization server; lists what was tried
 * @throws {PolicyError} `resource-mismatch`, `insecure-address`
 * @throws {TransportError} `not-sent` when the resource can't be reached in time, is in trouble (429, 5xx), or its metadata
 *   break off; the metadata of the whole host are not taken instead
 * @see [RFC 9728 section 5](https://www.rfc-editor.org/rfc/rfc9728#section-5)
 * @see [MCP authorization server discovery](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery)
 */
export async function discoverProtectedResource(
  resource: string,
  options: ResourceOptions = {},
): Promise<DiscoveredResource> {
  const { refused, allowHttp, fetch, onEvent, timeout = 20_000, signal }: ResourceOptions = Object(options)
  refuseOptions(wrongOptions(Object(options), resourceRules))
  const { requests, failure, shared } = placesOf(resource, { refused, allowHttp })
  const session = await openSession({ server: { issuer: resource }, fetch, onEvent, timeout, allowHttp })
  const limit = platform.timeout(timeout)
  const deadline = linked(limit, signal)
  const search: ResourceSearch = { resource, tried: [], failure, troubled: false }
  for (const request of requests) {
    // Metadata of the whole host must not replace those of this resource that could not be read.
    if (search.troubled && request.url === shared) break
    const found = await session
      .send(request, { signal: deadline })
      .then((answer) => metadataIn(answer, request, search, deadline))
      .catch((error: unknown) => goOn(isTimeout(limit) ? outOfTime(error) : error, deadline, search))
    if (found) return chosen(found, resource, options)
  }
  throw search.failure ?? nothingFound(search)
}

const resourceRules: readonly Rule[] = [
  ['refused', (value) => isWhole(Object(value).headers), 'It must be the answer, with its headers'],
  [
    'known',
    (value) => Array.isArray(value) && value.every((issuer) => typeof issuer === 'string'),
    'Give issuers, in a list',
  ],
  ['signal', (value) => typeof Object(value).addEventListener === 'function', 'It must be an AbortSignal'],
]

/** What was found at the places of a search for metadata. */
interface ResourceSearch {
  resource: string
  /** Each place without metadata, and what stood there. */
  tried: string[]
  /** The error of the first place that failed. */
  failure: RegistrationError | undefined
  /** Whether a place was in trouble, so that metadata may stand there. */
  troubled: boolean
}

function metadataIn(
  answer: HttpAnswer,
  request: HttpRequest,
  search: ResourceSearch,
  signal: AbortSignal,
): ProtectedResource | undefined {
  const { status, cutOff } = answer
  const endpoint = endpointOf(request.url)
  const isCutOff = status === 200 && cutOff !== undefined && cutOff !== 'too-long'
  search.troubled ||= isCutOff || status === 429 || status >= 500
  if (isCutOff) throw brokenOff(endpoint, signal)
  const found = readProtectedResource(answer, { request, resource: search.resource })
  if (found === undefined)
    search.tried.push(`${endpoint} (${status === 200 ? '200, no metadata' : status || 'redirect'})`)
  if (status === 429 || status >= 500) search.failure ??= inTrouble(endpoint, status)
  return found
}

/** Goes on with the next place after an error that may be about one place only, such as one that a page may not read. */
function goOn(error: unknown, { aborted }: AbortSignal, search: ResourceSearch): undefined {
  if (aborted || !(error instanceof TransportError || error instanceof PolicyError)) throw error
  search.failure ??= error
}

/** The error for a search whose whole time ran out; that of the session speaks of one request only. */
const outOfTime = (cause: unknown): TransportError =>
  new TransportError('No metadata of the protected resource in time: time ran out. Nothing was changed.', {
    outcome: 'not-sent',
    cause,
  })

/** The error for metadata of which only a part came, or whose caller has left. */
const brokenOff = (endpoint: string, signal: AbortSignal): TransportError =>
  signal.aborted
    ? new TransportError(`The caller left before the metadata at ${endpoint} were read. Nothing was changed.`, {
        code: 'aborted',
        outcome: 'not-sent',
        endpoint,
        cause: reasonOf(signal),
      })
    : new TransportError(`The metadata at ${endpoint} broke off. Nothing was changed. Ask again later.`, {
        outcome: 'not-sent',
        endpoint,
      })

const inTrouble = (endpoint: string, status: number): TransportError =>
  new TransportError(
    `The resource answered ${status} at ${endpoint}: where its authorization server is, is not known. Ask again later.`,
    {
      outcome: 'not-sent',
      endpoint,
    },
  )

const nothingFound = ({ resource, tried }: ResourceSearch): NotSupportedError =>
  new NotSupportedError(
    'unsupported',
    `The resource ${endpointOf(resource)} publishes no metadata (RFC 9728), so where to register is not known. Tried: ${tried.join(', ')}. Ask its operator for the issuer.`,
    { endpoint: endpointOf(resource) },
  )

/** Makes the result of the metadata; an issuer in `known` comes before the first one. */
function chosen(
  found: ProtectedResource,
  resource: string,
  { refused, known = [], allowHttp }: ResourceOptions,
): DiscoveredResource {
  const issuers = issuersOf(found, resource, allowHttp)
  const [first] = issuers
  const endpoint = endpointOf(resource)
  if (first === undefined && found.authorization_servers?.length)
    throw new PolicyError(
      `The resource ${endpoint} names authorization servers that must not be asked: an issuer is an https address without query and fragment, and on this machine only where the resource is.`,
      { rule: 'insecure-address', outcome: 'not-sent', endpoint },
    )
  if (first === undefined)
    throw new NotSupportedError(
      'unsupported',
      `The resource ${endpoint} names no authorization server in its metadata. Ask its operator for the issuer.`,
      { endpoint },
    )
  const { scope = found.scopes_supported?.join(' ') } = challengeOf(refused)
  return { resource: found, issuer: known.find((it) => issuers.includes(it)) ?? first, issuers, scope }
}

/** The issuers of a resource that may be asked: https, or on this machine where the resource is there too. */
function issuersOf(
  { authorization_servers: servers = [] }: ProtectedResource,
  resource: string,
  allowHttp: readonly string[] = [],
): string[] {
  const isHere = onThisMachine(resource)
  return servers.filter((issuer) => {
    const address = parseAddress(issuer)
    if (address === undefined || /[?#]/.test(issuer) || address.username !== '' || address.password !== '') return false
    if (onThisMachine(issuer) && !isHere) return false
    return isSecure(address) || allowHttp.includes(address.origin)
  })
}
