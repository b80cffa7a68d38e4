import { refuseOptions } from '../client/options.ts'
import type { CallOptions } from '../client/options.ts'
import type { ClientProof } from '../model/http.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'

/** The methods of a `RegistrationManager` that a hand-over needs. */
export interface KeptClient {
  ensure(options?: CallOptions): Promise<RegistrationResponse>
  server(options?: CallOptions): Promise<AuthorizationServer>
  authentication(options?: CallOptions): Promise<ClientProof>
  reportRejected(rejected: Credentials, options?: CallOptions): Promise<RegistrationResponse>
}

/** The identifier and secret of a client. */
export interface Credentials {
  client_id: string
  client_secret?: string | undefined
}

/** The client that was handed over last, by manager: a library's error does not say which client it is about. */
const handed = new WeakMap<KeptClient, Credentials>()

/** The credentials that were last handed over for a request of this manager's client. */
export const lastHanded = (manager: KeptClient): Credentials | undefined => handed.get(manager)

/** Returns the registration as it is stored now, and notes it as the one that the next request is made with. */
export async function handOver(manager: KeptClient): Promise<RegistrationResponse> {
  const isManager = typeof Object(manager).ensure === 'function'
  refuseOptions(isManager ? [] : [['manager', 'It must be a RegistrationManager; await a promise of one']])
  const registration = await manager.ensure()
  handed.set(manager, registration)
  return registration
}

/** Adds the proof of the client, as it is stored now, to a request to the token endpoint. */
export async function authenticate(manager: KeptClient, form: URLSearchParams, headers: Headers): Promise<void> {
  await handOver(manager)
  const proof = await manager.authentication()
  for (const [name, value] of Object.entries(proof.form ?? {})) form.set(name, value)
  for (const [name, value] of Object.entries(proof.headers ?? {})) headers.set(name, value)
}

/** The result of a report so far: other credentials; the same ones, which the server still takes; or none yet. */
type Report = 'replaced' | 'alive' | 'open'

/** The longest time, in milliseconds, for which a report delays a caller that waits for an answer. */
const patience = 2000

/**
 * Reports an error of a login library to the manager, if the error says that the server refuses the client. Resolves to
 * whether the request is worth repeating now, with another client or secret. For the error handler of a request: it takes
 * 2 seconds at most and never throws.
 *
 * `reportRejected()` goes on in the background and replaces the client once the server is proven to have forgotten it. Until
 * then requests go on failing, and each failure may be reported. `onEvent` is told what stands in the way.
 *
 * These errors are recognised: `invalid_client` and `unauthorized_client` as openid-client, oauth4webapi, oidc-client-ts, the
 * MCP SDK and this package throw them, as the JSON of an answer, and within a `cause`; and a challenge (401 with
 * `WWW-Authenticate`) of an endpoint where clients authenticate. No other error is reported.
 *
 * The report is about the credentials that were handed over last; `rejected` names others, for requests of your own.
 *
 * @example
 * ```ts
 * import { memoryStore, RegistrationManager } from '@registrant/core'
 * import { openidClient, whenRejected } from '@registrant/core/handover'
 * import * as client from 'openid-client'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
 *   store: memoryStore(),
 * })
 * const getToken = async () => client.clientCredentialsGrant(new client.Configuration(...(await openidClient(manager))))
 * const tokens = await getToken().catch(async (error: unknown) => {
 *   if (await whenRejected(manager, error)) return getToken()
 *   throw error
 * })
 * ```
 * @see [RFC 6749 section 5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
 */
export async function whenRejected(
  manager: KeptClient,
  error: unknown,
  rejected: Credentials | undefined = lastHanded(manager),
): Promise<boolean> {
  const judged = async (): Promise<Report> =>
    (await isRejection(error, manager)) ? reported(manager, rejected) : 'open'
  return (await withPatience(judged).soon) === 'replaced'
}

/** A report that was begun: `soon` is its result after 2 seconds at most, for a caller that waits; `done` its end. */
interface Begun {
  soon: Promise<Report>
  done: Promise<unknown>
}

/** Begins to report credentials that the server refused. */
export const report = (manager: KeptClient, rejected: Credentials | undefined): Begun =>
  withPatience(() => reported(manager, rejected))

function withPatience(reporting: () => Promise<Report>): Begun {
  const done = reporting().catch((): Report => 'open')
  const soon = new Promise<Report>((resolve) => {
    const cancel = platform.after(patience, () => resolve('open'))
    void done.then((verdict) => {
      cancel()
      resolve(verdict)
    })
  })
  return { soon, done }
}

async function reported(manager: KeptClient, rejected: Credentials | undefined): Promise<Report> {
  const stored = await manager.ensure()
  const { client_id, client_secret } = rejected ?? stored
  // A report without a secret is about the client, whatever its secret.
  const about = client_secret || client_id !== stored.client_id ? { client_id, client_secret } : stored
  const found = areSame(stored, about) ? await manager.reportRejected(about) : stored
  return areSame(found, about) ? 'alive' : 'replaced'
}

const areSame = (one: Credentials, other: Credentials): boolean =>
  one.client_id === other.client_id && one.client_secret === other.client_secret

const refusals: readonly unknown[] = ['invalid_client', 'unauthorized_client']

/** How many levels of `cause` are searched: libraries wrap an error once or twice. */
const deepest = 5

/** Whether an error says that the server refuses the client. */
async function isRejection(error: unknown, manager: KeptClient): Promise<boolean> {
  for (let depth = 0, it = Object(error); depth < deepest; depth++, it = Object(it.cause)) {
    if ([it.error, it.errorCode, it.code].some((code) => refusals.includes(code))) return true
    if (Array.isArray(it.cause)) return isChallenged(it, manager)
  }
  return false
}

/** Whether the challenges of an answer, as oauth4webapi reads them, refuse the client; it does not tell the error in the body. */
async function isChallenged(
  { status, cause, response }: { status?: unknown; cause: readonly unknown[]; response?: { url?: unknown } },
  manager: KeptClient,
): Promise<boolean> {
  const challenges = cause.map((it): { scheme?: unknown; parameters?: { error?: unknown } } => Object(it))
  const errors = challenges.flatMap(({ parameters }) => parameters?.error ?? [])
  if (errors.length > 0) return errors.some((code) => refusals.includes(code))
  if (status !== 401) return false
  if (challenges.some(({ scheme }) => scheme === 'basic')) return true
  const server = await manager.server().catch(() => undefined)
  return server !== undefined && authenticatingEndpoints(server).map(asFetched).includes(asFetched(response?.url))
}

/** An address as `fetch` spells it in `url` of a Response. */
const asFetched = (url: unknown): unknown => (typeof url === 'string' && URL.canParse(url) ? new URL(url).href : url)

/** The endpoints where a client authenticates, and not a user's token. */
const authenticatingEndpoints = ({ mtls_endpoint_aliases: aliases, ...server }: AuthorizationServer): unknown[] =>
  [
    'token',
    'pushed_authorization_request',
    'introspection',
    'revocation',
    'device_authorization',
    'backchannel_authentication',
  ].flatMap((name) => [server[`${name}_endpoint`], aliases?.[`${name}_endpoint`]].filter((url) => url !== undefined))
