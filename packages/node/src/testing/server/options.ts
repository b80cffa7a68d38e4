import type { Endpoint, Script, SeenRequest } from './answer.ts'

/** The credentials of the client that may register others: to be given to `clientCredentials` as they are. */
export interface Registrar {
  clientId: string
  clientSecret: string
  scope: string
  authentication?: 'client_secret_post' | 'client_secret_basic'
}

/** The key and certificate of a server, and the authority of its clients' certificates; all in PEM. */
export interface TlsOptions {
  key: string
  cert: string
  ca?: string | undefined
}

/** How a test server behaves, in either engine. */
export interface TestServerOptions {
  /** Everybody may register. `false`: only with an access token of scope `register`, as `registrar` gets it. Default: `true`. */
  open?: boolean | undefined
  /**
   * `false`: clients can't be updated or deleted (RFC 7592); the scripted server names no management address, and
   * oidc-provider lets a client be read all the same. Default: `true`.
   */
  management?: boolean | undefined
  /** Seconds for which a client secret is good. Default: for ever. */
  secretLifetime?: number | undefined
  /** An update starts the secret's life anew. Default: `false`. */
  renewSecretOnUpdate?: boolean | undefined
  /** Seconds for which an access token is good. Default: 3600. */
  tokenLifetime?: number | undefined
  /** Pages of any origin may ask (CORS). Default: `true`. */
  cors?: boolean | undefined
  /** Is called with each request right before it is answered. Default: nothing is called. */
  onRequest?: ((request: SeenRequest) => void) | undefined
}

/** How the scripted server behaves: tiny, correct by RFC 8414, 6749, 7591 and 7592, and everything can be scripted. */
export interface ScriptedServerOptions extends TestServerOptions {
  engine?: 'scripted' | undefined
  /** When the registration access token is replaced. Default: never. */
  rotate?: 'never' | 'update' | 'read' | 'both' | undefined
  /** The path of the issuer, for servers with realms: `/master`. Default: none. */
  issuerPath?: string | undefined
  /** Laid over the metadata document; `undefined` takes a member out. */
  metadata?: Record<string, unknown> | undefined
  /** What is answered at which endpoint: see `script()`. Default: the usual. */
  scripts?: Scripts | undefined
}

/** How oidc-provider behaves; the package has to be installed. */
export interface OidcProviderServerOptions extends TestServerOptions {
  engine: 'oidc-provider'
  /** When the registration access token is replaced. Default: never. */
  rotate?: 'never' | 'update' | undefined
  /** The user who is signed in, and consents, as soon as the authorization endpoint is asked. Default: `user`. */
  user?: string | undefined
  /** What clients may ask for, besides `openid`, `offline_access` and `register`. Default: `profile`, `email`. */
  scopes?: readonly string[] | undefined
  /** Further configuration of oidc-provider, laid over what stands here; `features` are merged by name. */
  configuration?: Record<string, unknown> | undefined
  /** It speaks TLS, and asks clients for a certificate. Default: plain http on this machine. */
  tls?: TlsOptions | undefined
}

/** Answers by endpoint: to every request, or, as a list, to the next ones; `undefined` in a list is the usual answer. */
export type Scripts = { [E in Endpoint]?: Script | (Script | undefined)[] | undefined }

/** How long the server does something else than usual. */
export interface Times {
  /** For how many requests. Default: for all, until `recover()`. */
  times?: number | undefined
}

/** A server to test against, on 127.0.0.1 and a port of its own. */
export interface TestServer {
  /** Where it listens: `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** Its issuer identifier. */
  readonly issuer: string
  /** The client that may register others, where `open` is `false`. */
  readonly registrar: Registrar
  /** The requests that arrived, oldest first. */
  readonly requests: readonly SeenRequest[]
  /** The requests that arrived at one endpoint, oldest first. */
  requestsTo(endpoint: Endpoint): SeenRequest[]
  /** How many registered clients exist there. */
  clients(): number
  /** Their identifiers, oldest first. */
  clientIds(): string[]
  /** What the server holds of a client. */
  registration(clientId: string): Record<string, unknown> | undefined
  /** Every secret that it issued: what no log may hold. */
  secrets(): string[]
  /** Forgets a client, or all of them, as a server does that keeps them in memory and is started anew. */
  forget(clientId?: string): void
  /** Answers 503 at an endpoint, with `Retry-After` in seconds where that is given. */
  unavailable(endpoint: Endpoint, how?: Times & { retryAfter?: number | undefined }): void
  /**
   * Breaks the connection at an endpoint. `before`: the server has done nothing. `after`: it has done what was asked.
   * `middle`: it has done that, too, and the answer breaks off in its body. Default: `after`.
   */
  loseAnswers(endpoint: Endpoint, how?: Times & { when?: 'before' | 'after' | 'middle' | undefined }): void
  /** Ends what `unavailable()` and `loseAnswers()` began, and every script. */
  recover(): void
  /** Breaks every connection and frees the port. */
  readonly close: () => Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A client that is registered there: what the server would say of it. */
export type RegisteredClient = Record<string, unknown> & { client_id: string; registration_access_token?: string }

/** The scripted server. */
export interface ScriptedServer extends TestServer {
  registration(clientId: string): RegisteredClient | undefined
  /**
   * Replaces what is answered at the endpoints named: an answer, or a function that makes one, to every request; a list of
   * them to the next ones; `undefined` brings the usual back.
   */
  script(scripts: Scripts): void
  /** From now on no access token is good that was issued before. */
  revokeTokens(): void
}

/** A server that is oidc-provider. */
export interface OidcProviderServer extends TestServer {
  /** The `Provider` of oidc-provider itself. */
  readonly provider: object
}
