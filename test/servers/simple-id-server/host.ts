import type { Answer } from './answer.ts'
import type { Keys } from './keys.ts'
import type { Realm, Scope } from './seed.ts'
import type { Store } from './store.ts'
import type { Version } from './vocabulary.ts'

/** How the server is set up. */
export interface SimpleIdServerOptions {
  /** `rc1` is 4.0.4-rc1, of which the page speaks; `head` is the line of 7.0. Default: `rc1`. */
  version?: Version
  /** Whether every path begins with the name of a realm. Default: false. */
  realms?: boolean
  /** Whether pages of any origin may ask, as on the hosts that are shipped. Default: true. */
  cors?: boolean
  /** In `development` an answer with status 500 repeats the request's headers. Default: `production`. */
  env?: 'production' | 'development'
  /** Where `head` keeps clients: in memory, or in a database as `rc1` always does. Default: `memory`. */
  store?: 'memory' | 'ef'
}

/** Everything that a request is answered from. */
export interface Host extends Required<SimpleIdServerOptions> {
  readonly clients: Store
  readonly keys: Keys
  readonly scopes: readonly Scope[]
  readonly knownRealms: readonly Realm[]
  /** What each token in use stands for. */
  readonly tokens: Map<string, Issued>
}

interface Issued {
  kind: 'access' | 'refresh'
  claims: object
}

/** One request, read as far as every endpoint needs it. */
export interface Incoming {
  /** The realm in its path; `master` without realms. */
  realm: string
  /** The client identifier in its path. */
  id: string | undefined
  query: URLSearchParams
  /** Every `Authorization` header. */
  authorizations: readonly string[]
  contentType: string | undefined
  body: Buffer
  /** Scheme and host as the client wrote them. */
  base: string
  /** What tokens and discovery documents name as the issuer. */
  issuer: string
}

export type Endpoint = (incoming: Incoming, host: Host) => Answer | Promise<Answer>
