import type { CallOptions } from '../client/options.ts'
import type { ClientProof } from '../model/http.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'

/** What a hand-over needs of a `RegistrationManager`. */
export interface KeptClient {
  ensure(options?: CallOptions): Promise<RegistrationResponse>
  server(options?: CallOptions): Promise<AuthorizationServer>
  authentication(options?: CallOptions): Promise<ClientProof>
  reportRejected(rejected: Credentials, options?: CallOptions): Promise<RegistrationResponse>
}

/** What a client is known by. */
export interface Credentials {
  client_id: string
  client_secret?: string | undefined
}

/** Who was handed over last, by manager: a library's error does not say whom it is about. */
const handed = new WeakMap<KeptClient, Credentials>()

/** The credentials that a request of this manager's client was last made with. */
export const lastHanded = (manager: KeptClient): Credentials | undefined => handed.get(manager)

/** The registration as it is stored now, noted as the one that the next request is made with. */
export async function handOver(manager: KeptClient): Promise<RegistrationResponse> {
  const registration = await manager.ensure()
  handed.set(manager, registration)
  return registration
}

/** Lays what proves the client, as it is stored now, over a request to the token endpoint. */
export async function authenticate(manager: KeptClient, form: URLSearchParams, headers: Headers): Promise<void> {
  await handOver(manager)
  const proof = await manager.authentication()
  for (const [name, value] of Object.entries(proof.form ?? {})) form.set(name, value)
  for (const [name, value] of Object.entries(proof.headers ?? {})) headers.set(name, value)
}

/** What came of a report by now: other credentials; the same, which the server still takes; nothing yet. */
type Report = 'replaced' | 'alive' | 'open'

/** Milliseconds for which somebody who waits for an answer is kept waiting by a report. */
const patience = 2000

/**
 * Reports an error of a login library to the manager, where it says that the server refuses the client, and tells whether
 * the request is worth repeating now: by another client or secret. For the error handler of a request: it takes 2 seconds
 * at most and never throws.
 *
 * `reportRejected()` goes on in the background and replaces the client once the server is proven to have forgotten it;
 * until then requests go on failing, and each may be reported. What stands in its way is told to `onEvent`.
 *
 * Recognised are `invalid_client` and `unauthorized_client` as openid-client, oauth4webapi, oidc-client-ts, the MCP SDK and
 * this package throw them, as an answer's JSON says them, and within a `cause`; and a challenge (401 with
 * `WWW-Authenticate`) of an endpoint where clients authenticate. Anything else is not reported.
 *
 * It is about the credentials that were handed over last; `rejected` names others, for requests of your own.
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

/** A report that was begun: `soon` is what came of it within the patience of a waiting caller, `done` when it has ended. */
interface Begun {
  soon: Promise<Report>
  done: Promise<unknown>
}

/** Begins a report. */
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
  const about = rejected ?? stored
  const found = areSame(stored, about) ? await manager.reportRejected(about) : stored
  return areSame(found, about) ? 'alive' : 'replaced'
}

const areSame = (one: Credentials, other: Credentials): boolean =>
  one.client_id === other.client_id && one.client_secret === other.client_secret

const refusals: readonly unknown[] = ['invalid_client', 'unauthorized_client']

/** How deep an error is looked for in others: libraries wrap once or twice. */
const deepest = 5

/** Whether an error says that the server refuses the client. */
async function isRejection(error: unknown, manager: KeptClient): Promise<boolean> {
  for (let depth = 0, it = Object(error); depth < deepest; depth++, it = Object(it.cause)) {
    if ([it.error, it.errorCode, it.code].some((code) => refusals.includes(code))) return true
    if (Array.isArray(it.cause)) return isChallenged(it, manager)
  }
  return false
}

/** The challenges of an answer, as oauth4webapi reads them: the error in the body of that answer is not told. */
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

/** An address as fetch spells it, whose answers say where they came from. */
const asFetched = (url: unknown): unknown => (typeof url === 'string' && URL.canParse(url) ? new URL(url).href : url)

/** Where a client, and not a user's token, is judged. */
const authenticatingEndpoints = ({ mtls_endpoint_aliases: aliases, ...server }: AuthorizationServer): unknown[] =>
  [
    'token',
    'pushed_authorization_request',
    'introspection',
    'revocation',
    'device_authorization',
    'backchannel_authentication',
  ].flatMap((name) => [server[`${name}_endpoint`], aliases?.[`${name}_endpoint`]].filter((url) => url !== undefined))
