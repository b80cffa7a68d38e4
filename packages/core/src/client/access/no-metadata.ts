import type { RegistrationError } from '../../errors.ts'
import { TransportError } from '../../errors.ts'
import { endpointOf, isRedirect } from '../../exchange/addresses.ts'
import { isTooDeep } from '../../exchange/json.ts'
import { redirectTo } from '../../exchange/response.ts'
import { retryAfterOf } from '../../exchange/answer-headers.ts'
import type { HttpAnswer, HttpRequest } from '../../model/http.ts'
import { NotSupportedError, PolicyError, ServerRefusedError } from '../../server-errors.ts'
import type { AuthorizationServer } from '../../model/authorization-server.ts'
import type { RegistrationRequest } from '../../model/registration.ts'
import type { ClientContext } from '../context.ts'
import type { Search } from '../discover.ts'

/**
 * The error for a server without metadata, or without metadata that say where clients register: what was tried, and what to do.
 * A place that could not be read counts first, since the metadata may stand there.
 */
export function noMetadata(search: Search): RegistrationError {
  const { foreign, hidden, incomplete, troubled } = search
  if (hidden && (incomplete || !foreign)) return hidden
  return foreign === undefined || troubled ? notFound(search) : mismatch(foreign, search)
}

/** Builds a request. Where its address may not be asked, and metadata that could not be read may allow it, throws `trouble`. */
export function unlessTroubled<T>(trouble: unknown, build: () => T): T {
  try {
    return build()
  } catch (error) {
    throw error instanceof PolicyError ? (trouble ?? error) : error
  }
}

/** The error for an issuer of which only documents of other issuers were found. */
function mismatch({ message, endpoint }: PolicyError, { issuer, tried }: Search): PolicyError {
  const hint = isMetadataAddress(issuer) ? ` ${addressHint(issuer)}` : ''
  const told = `${message}${hint} Tried: ${tried.map(whatStood).join(', ')}.`
  return new PolicyError(told, { rule: 'issuer-mismatch', outcome: 'not-sent', endpoint })
}

/** A place, and what stood there. */
const whatStood = ({ request, answer }: Search['tried'][number]): string =>
  `${endpointOf(request.url)} (${answer === undefined ? 'of another issuer' : inWords(answer, request)})`

function inWords(answer: HttpAnswer, request: HttpRequest): string {
  if (isRedirect(answer)) return `${answer.status || 'redirect'}${redirectTo(answer, { request })}`
  if (answer.status !== 200) return `${answer.status}`
  const limit =
    answer.cutOff === 'too-long'
      ? ': longer than 256 KiB'
      : isTooDeep(answer.body)
        ? ': nested deeper than 32 levels'
        : ''
  return `200, no metadata${limit}`
}

function notFound({ issuer, tried, redirected, troubled, foreign, incomplete }: Search): RegistrationError {
  const endpoint = endpointOf(issuer)
  const what = incomplete ? 'No metadata that say where clients register were' : 'No authorization server metadata was'
  const besides = foreign ? ` ${foreign.message}` : ''
  const message = `${what} found for the issuer ${endpoint}. Tried: ${tried.map(whatStood).join(', ')}.${besides}`
  const asking = tried.flatMap(({ answer }) => (answer && answer.status >= 400 ? [answer] : []))
  const [patience] = asking
    .map((answer) => ({ status: answer.status, retryAfter: retryAfterOf(answer) ?? 0 }))
    .toSorted((a, b) => b.retryAfter - a.retryAfter)
  if (patience && patience.retryAfter > 0)
    return new ServerRefusedError(`${message} The server asks to be left alone for a while.`, {
      ...patience,
      outcome: 'not-sent',
      endpoint,
    })
  if (troubled) {
    return new TransportError(
      `${message} The server is in trouble: whether it publishes ${incomplete ? 'more' : 'metadata'} is not known.`,
      {
        outcome: 'not-sent',
        endpoint,
      },
    )
  }
  if (redirected !== undefined) {
    return new PolicyError(
      `${message} Redirects are never followed: use the issuer that the server itself names, or fetch the document that you trust and pass it in the option server.`,
      { rule: 'redirect', outcome: 'not-sent', endpoint, status: redirected || undefined },
    )
  }
  return new NotSupportedError(
    'no-registration-endpoint',
    `${message} ${addressHint(issuer)} If the server publishes no metadata, pass its endpoints in the option server.`,
    { endpoint },
  )
}

const isMetadataAddress = (issuer: string): boolean => issuer.includes('/.well-known/')

const addressHint = (issuer: string): string =>
  isMetadataAddress(issuer)
    ? `That is the address of a metadata document; the issuer is what the document names, such as ${endpointOf(issuer.replace(/\/\.well-known\/[^/]+/, ''))}.`
    : 'SimpleIdServer and Keycloak hosts carry a realm in the issuer, such as /master or /realms/name.'

/**
 * The server's metadata with its present endpoints, if the error of a registration says that an endpoint may be gone, and shows
 * that nothing was registered; else `undefined`.
 */
export async function movedSince(
  context: ClientContext,
  error: unknown,
  server: AuthorizationServer,
  metadata: RegistrationRequest,
  signal: AbortSignal,
): Promise<AuthorizationServer | undefined> {
  const fresh = mayHaveMoved(error) ? await context.moved(server, signal) : undefined
  if (fresh === undefined || Object(error).outcome === 'not-sent') return fresh
  const asked = (of: AuthorizationServer): unknown => context.reach(of, metadata).server.registration_endpoint
  return mayBeDone(error) || asked(fresh) === asked(server) ? undefined : fresh
}

const gone = new Set([404, 405, 410])

/** Whether an error says that an endpoint is not there, redirects elsewhere, or accepts no connection. */
function mayHaveMoved(error: unknown): boolean {
  if (error instanceof ServerRefusedError) return gone.has(error.status)
  if (error instanceof PolicyError) return error.rule === 'redirect'
  return error instanceof TransportError && error.outcome === 'not-sent' && codeOf(error.cause) === 'ECONNREFUSED'
}

/** Whether the server may have acted all the same: before a redirect that was followed, or a 303, which points to a result. */
const mayBeDone = (error: unknown): boolean => error instanceof PolicyError && (error.status ?? 303) === 303

const codeOf = (cause: unknown): unknown => Object(cause).code
