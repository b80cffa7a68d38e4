import { InvalidRequestError } from '../errors.ts'
import type { RegistrationEvent } from '../events.ts'
import type { AccessToken, AuthorizationServer } from '../model/authorization-server.ts'
import type { ClientProof, HttpAnswer, HttpRequest } from '../model/http.ts'
import type { RegisteredClient, RegistrationRequest } from '../model/registration.ts'
import type { Awaitable } from '../model/values.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/** What every call takes. */
export interface CallOptions {
  /** Ends the caller's waiting. */
  signal?: AbortSignal | undefined
}

/** What a token source is told each time a token is needed. */
export interface TokenContext {
  /** The server that the token is for. */
  server: AuthorizationServer
  /** The token that the server has just turned down, if that is why another is needed. */
  refused?: string | undefined
  /** What is special about it. */
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
   * Where a manager asks for `updateAccessToken`: the client that the request is about, and what proves it. Get the token with
   * that, and never with the manager's own methods: the manager waits for this token. Its time is the manager's `timeout`.
   */
  registered?: RegisteredClient | undefined
}

/**
 * Where the access token for registering comes from: called late, once for all concurrent calls, and again only when
 * the token has expired or was refused. A string is taken as a token whose lifetime is not known.
 */
export type TokenSource = (context: TokenContext) => Awaitable<string | AccessToken>

/** How a client authenticates at a token endpoint; says nothing about what `register` declares. */
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
  /** What happens when the request does not fit the server's metadata. Default: `warn`, an event each. */
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
   * Whether tokens are asked for and clients registered at the server's aliases for mutual TLS, where its metadata name some
   * (RFC 8705 section 5); the certificate is presented by `fetch`. Default: `true` where the access token is paid for by
   * `tlsClientAuth()` or the client's metadata say `use_mtls_endpoint_aliases`, else `false`.
   */
  useMtlsEndpointAliases?: boolean | undefined
  /** Binds tokens to a key (RFC 9449). Default: bearer tokens. */
  dpop?: Dpop | undefined
  /**
   * Authorizes updates, reads and deletions where the profile says that access tokens do (`managementAuthorization`), for
   * frameworks that want a token of the client's own there: a manager tells the function which client that is, and what
   * proves it (`registered`). Default: `accessToken`.
   */
  updateAccessToken?: string | TokenSource | undefined
  /** Makes the body of a registration or of an update; the metadata of an update hold the `client_id`. Default: JSON. */
  encodeBody?:
    | ((
        metadata: RegistrationRequest,
        about: { operation: 'register' | 'update'; signal: AbortSignal },
      ) => Awaitable<{ contentType: string; body: string }>)
    | undefined
  /** What sends requests. Default: the platform's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** Told of everything that happens, as it happens; what it throws is swallowed, and nobody waits for it. */
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

/** The options of a session: the profile's types have done their work by now. */
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

/** What options must be, by their names. */
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
 * Refuses options that can't work, when they are given and not when they are first used. What it returns is what was judged: the
 * caller may use the object again for something else.
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

/** What is wrong with options, whatever server they are for. */
export const wrongOptions = (options: object, further: readonly Rule[]): Wrong[] =>
  [...clientRules, ...further].flatMap(([names, is, message]) =>
    names.split(' ').flatMap((name): Wrong[] => {
      const value: unknown = Reflect.get(options, name)
      return value === undefined || is(value) ? [] : [[name, message]]
    }),
  )
