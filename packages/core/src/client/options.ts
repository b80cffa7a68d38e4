import { InvalidRequestError } from '../errors.ts'
import type { RegistrationEvent } from '../events.ts'
import type { AccessToken, AuthorizationServer } from '../model/authorization-server.ts'
import type { ClientProof, HttpAnswer, HttpRequest } from '../model/http.ts'
import type { RegisteredClient, RegistrationRequest } from '../model/registration.ts'
import type { Awaitable } from '../model/values.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/** The options of every call. */
export interface CallOptions {
  /** Ends the caller's waiting when it aborts. */
  signal?: AbortSignal | undefined
}

/** What a token source is told each time a token is needed. */
export interface TokenContext {
  /** The server that the token is for. */
  server: AuthorizationServer
  /** The token that the server has just refused, if that is why another is needed. */
  refused?: string | undefined
  /** What is special about the server. */
  profile?: ServerProfile | undefined
  /** Aborts when the operation's time is over or its caller leaves. */
  signal: AbortSignal
  /**
   * The client's own transport: one request, no retry, no redirect, bounded. With the option `dpop` a token request
   * carries a proof; after the refusal `use_dpop_nonce` the next one carries the server's nonce.
   */
  send: (request: HttpRequest) => Promise<HttpAnswer>
  /** The option `allowHttp`. */
  allowHttp?: readonly string[] | undefined
  /**
   * Only where a manager calls `updateAccessToken`: the client that the request is about, and what proves it. Get the token
   * with that proof, never with the manager's own methods, since the manager waits for this token, for at most its `timeout`.
   */
  registered?: RegisteredClient | undefined
}

/**
 * Gets the access token for registering. It is called late, once for all concurrent calls, and again only when the token has
 * expired or was refused. A string is taken as a token whose lifetime is not known.
 */
export type TokenSource = (context: TokenContext) => Awaitable<string | AccessToken>

/** Authenticates a client at a token endpoint; it is independent of the method that `register` declares. */
export type ClientAuthentication = (context: {
  clientId: string
  server: AuthorizationServer
  profile?: ServerProfile | undefined
  /** Aborts when the operation's time is over or its caller leaves. */
  signal?: AbortSignal | undefined
}) => Awaitable<ClientProof>

/** Makes the DPoP proof for one request (RFC 9449 section 4.2). */
export type Dpop = (context: {
  method: string
  url: string
  accessToken?: string | undefined
  nonce?: string | undefined
  /** Aborts when the operation's time is over or its caller leaves. */
  signal?: AbortSignal | undefined
}) => Awaitable<string>

/** The options of a client, apart from the server that it talks to. */
export interface SharedOptions<Sent extends object = {}, Returned extends object = {}> {
  /** Authorizes `register` (RFC 7591 section 3): a token, or a function that gets one. Default: none is sent. */
  accessToken?: string | TokenSource | undefined
  /** What is special about the server. Default: nothing; a profile is never guessed. */
  profile?: ServerProfile<Sent, Returned> | undefined
  /** What happens when a request does not fit the server's metadata. Default: `warn`, which tells an event for each finding. */
  preflight?: 'warn' | 'strict' | 'off' | undefined
  /**
   * Origins on which management addresses may lie. Default: those of the registration endpoint, of the issuer and of the
   * server's aliases for mutual TLS.
   */
  allowedOrigins?: readonly string[] | undefined
  /**
   * Origins that may be asked by plain http, for development alone, as in `['http://keycloak:8080']`: exact, and each
   * request there is a `warning`. Default: none but this machine.
   */
  allowHttp?: readonly string[] | undefined
  /** Milliseconds for one operation: discovery, token and request together. Default: 20 000. */
  timeout?: number | undefined
  /**
   * Whether requests for tokens and registrations go to the server's aliases for mutual TLS, where its metadata name some
   * (RFC 8705 section 5); the option `fetch` presents the certificate. Default: `true` where the access token comes from a
   * client with `tlsClientAuth()` or the client's metadata say `use_mtls_endpoint_aliases`, else `false`.
   */
  useMtlsEndpointAliases?: boolean | undefined
  /** Makes the proofs that bind access tokens to a key (RFC 9449). Default: bearer tokens. */
  dpop?: Dpop | undefined
  /**
   * Authorizes updates, reads and deletions where the profile says that access tokens do (`managementAuthorization`), for
   * frameworks that want a token of the client's own there. A manager passes that client, and what proves it, to the function
   * (`registered`). Default: `accessToken`.
   */
  updateAccessToken?: string | TokenSource | undefined
  /** Makes the body of a registration or of an update; the metadata of an update hold the `client_id`. Default: JSON. */
  encodeBody?:
    | ((
        metadata: RegistrationRequest,
        about: { operation: 'register' | 'update'; signal: AbortSignal },
      ) => Awaitable<{ contentType: string; body: string }>)
    | undefined
  /** The function that sends requests. Default: the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** Called with every event as it happens; what it throws is swallowed, and nothing waits for it. */
  onEvent?: ((event: RegistrationEvent) => void) | undefined
}

/**
 * The options of a `RegistrationClient`: the server by its issuer, to be discovered, or by its metadata, taken as it is.
 */
export type ClientOptions<Sent extends object = {}, Returned extends object = {}> = (
  | { issuer: string; server?: undefined }
  | { server: AuthorizationServer; issuer?: undefined }
) &
  SharedOptions<Sent, Returned>

/** The options of a session, without the profile's type parameters, which matter only to callers. */
export type SessionOptions = SharedOptions &
  ({ issuer: string; server?: undefined } | { server: AuthorizationServer; issuer?: undefined })

/** An option, and what is wrong with it. */
export type Wrong = readonly [member: string, message: string]

/** Throws when something is wrong with the options. */
export function refuseOptions(wrong: readonly [Wrong, ...Wrong[]], cause?: unknown): never
export function refuseOptions(wrong: readonly Wrong[], cause?: unknown): void
export function refuseOptions(wrong: readonly Wrong[], cause?: unknown): void {
  if (wrong.length === 0) return
  throw new InvalidRequestError(
    wrong.map(([member, message]) => ({ member, message, rule: 'option', level: 'MUST', source: 'options' })),
    { cause },
  )
}

/** A rule for the values of options: their names, a check, and what to say where it fails. */
export type Rule = readonly [names: string, is: (value: unknown) => boolean, message: string]

export const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isFunction = (value: unknown): boolean => typeof value === 'function'
const isAddress = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && !/^\s|\s$/.test(value)
const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && isAddress(value) && new URL(value).origin === value && !value.includes('*')
export const isWhole = (value: unknown): boolean => typeof value === 'object' && value !== null
export const isAtLeast =
  (least: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least && value < 2 ** 31
export const isAny =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value)

const clientRules: readonly Rule[] = [
  ['timeout', (value) => value !== 0 && isAtLeast(0)(value), 'It must be above 0, below 24 days'],
  ['allowHttp', (value) => Array.isArray(value) && value.every(isOrigin), 'List exact origins: http://keycloak:8080'],
  ['allowedOrigins', (value) => Array.isArray(value) && value.every(isAddress), 'Give origins, in a list'],
  [
    'accessToken updateAccessToken',
    (value) => isFilled(value) || isFunction(value),
    'Give a token, not an empty one, or a function that gets one',
  ],
  ['fetch dpop encodeBody onEvent', isFunction, 'It must be a function'],
  ['preflight', isAny('warn', 'strict', 'off'), 'It must be warn, strict or off'],
  ['profile', isWhole, 'It must be one of those in /profiles, or your own'],
  ['useMtlsEndpointAliases', isAny(true, false), 'It must be true or false'],
]

/**
 * Refuses options that can't work when they are given, and not when they are first used. Returns a copy of the options that were
 * judged, since the caller may use the object again for something else.
 */
export function checkOptions<O extends object>(
  options: O,
  further: readonly Rule[] = [],
  own: readonly Wrong[] = [],
): O {
  const { issuer, server }: { issuer?: unknown; server?: unknown } = options
  const address: unknown = issuer ?? Object(server).issuer
  const amiss =
    address === undefined
      ? 'Give it, or server with its issuer'
      : issuer !== undefined && server !== undefined
        ? 'Give it or server, not both'
        : !isAddress(address) && 'It must be a text, an address with its https:// and nothing around it'
  const judged = { ...options, issuer, server }
  for (const name of [...clientRules, ...further].flatMap(([names]) => names.split(' ')))
    Reflect.set(judged, name, Reflect.get(options, name))
  refuseOptions([...(amiss ? [['issuer', amiss] as const] : []), ...own, ...wrongOptions(judged, further)])
  return judged
}

/** What is wrong with options, apart from `issuer` and `server`. */
export const wrongOptions = (options: object, further: readonly Rule[]): Wrong[] =>
  [...clientRules, ...further].flatMap(([names, is, message]) =>
    names.split(' ').flatMap((name): Wrong[] => {
      const value: unknown = Reflect.get(options, name)
      return value === undefined || is(value) ? [] : [[name, message]]
    }),
  )
