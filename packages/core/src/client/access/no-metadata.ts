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
 * The error for a server of which no metadata were found, or none that say where clients register: what was tried, and what
 * to do. Trouble counts first: what could not be read may be what is looked for.
 */
export function noMetadata(search: Search): RegistrationError {
  const { foreign, hidden, incomplete, troubled } = search
  if (hidden && (incomplete || !foreign)) return hidden
  return foreign === undefined || troubled ? notFound(search) : mismatch(foreign, search)
}

/** Builds a request; where its address may not be asked, and what allows that may be what could not be read, that is said. */
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
 * Where the server's endpoints are by now, if this error of a registration says that one of them may be gone, and shows that
 * it was not carried out; `undefined` if not.
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

/** An endpoint that is not there, leads elsewhere, or accepts no connection. */
function mayHaveMoved(error: unknown): boolean {
  if (error instanceof ServerRefusedError) return gone.has(error.status)
  if (error instanceof PolicyError) return error.rule === 'redirect'
  return error instanceof TransportError && error.outcome === 'not-sent' && codeOf(error.cause) === 'ECONNREFUSED'
}

/** A redirect that was followed, or that says to look there, may come after the deed. */
const mayBeDone = (error: unknown): boolean => error instanceof PolicyError && (error.status ?? 303) === 303

const codeOf = (cause: unknown): unknown => Object(cause).code
