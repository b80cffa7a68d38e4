import { InvalidRequestError } from '../../errors.ts'
import { configurationRequest, deletionRequest, readDeletion, updateRequest } from '../../exchange/management.ts'
import type { ConfigurationOptions } from '../../exchange/management.ts'
import { readRegistration } from '../../exchange/response.ts'
import { updatedMetadata } from '../../exchange/updated-metadata.ts'
import { isMetadata } from '../../model/members.ts'
import type { HttpRequest } from '../../model/http.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Answered, ClientContext, Reach, TimedCall } from '../context.ts'
import type { CallOptions } from '../options.ts'
import { judgeRequest } from '../preflight.ts'
import { isFilled } from '../options.ts'
import { AccessTokens } from './access-token.ts'
import { DpopTransport } from './dpop.ts'
import { noMetadata } from './no-metadata.ts'

/** What an update is told besides. */
export interface UpdateCall extends CallOptions {
  /** The request that the registration answered, where it is known. */
  requested?: RegistrationRequest | undefined
}

/** A request about a client. */
interface About extends Reach {
  request: HttpRequest
  current: RegistrationResponse
  sent?: RegistrationRequest
  signal: AbortSignal
}

/** What a session needs for requests that a token authorizes: one for registering, or that of the registration. */
export class Access {
  /** Reads an answer in which there may be no registration: throws what it says instead. */
  readonly readRegistration: typeof readRegistration = readRegistration
  /** The error for a server of which no metadata were found. */
  readonly noMetadata: typeof noMetadata = noMetadata
  /** Those that authorize a registration. */
  readonly accessTokens: AccessTokens
  /** Those that authorize other requests where the profile says that no management token does. */
  readonly #managementTokens: AccessTokens
  readonly #context: ClientContext
  readonly #requests: WeakMap<RegistrationResponse, RegistrationRequest>

  /** `requests`: the request that each registration answered, as long as somebody holds the registration. */
  constructor(context: ClientContext, requests: WeakMap<RegistrationResponse, RegistrationRequest>) {
    const { accessToken, dpop, updateAccessToken } = context.options
    const proving = new DpopTransport(
      context.send,
      dpop && ((proven, signal) => context.ask('option dpop', signal, () => dpop(proven), isFilled, 'a proof')),
    )
    this.#context = context
    this.#requests = requests
    this.accessTokens = new AccessTokens(context, proving, accessToken)
    this.#managementTokens =
      updateAccessToken === undefined ? this.accessTokens : new AccessTokens(context, proving, updateAccessToken)
  }

  /** Reads a registration (RFC 7592 section 2.1). */
  async read(current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
    const { reach, options, signal } = await this.#about(current, call)
    const request = configurationRequest(reach.server, current, options)
    const answered = await this.#exchange({ ...reach, request, current, signal })
    const requested = this.#requests.get(current)
    if (requested !== undefined) this.#requests.set(answered.value, requested)
    return answered
  }

  /** Replaces a client's metadata (RFC 7592 section 2.2). */
  async update(
    current: RegistrationResponse,
    changes: Changes<RegistrationRequest>,
    call?: UpdateCall,
  ): Promise<Answered> {
    const context = this.#context
    const { profile } = context.options
    const requested = call?.requested ?? this.#requests.get(current)
    const sent = updatedMetadata(current, changes, profile, requested)
    // Where there is no update, that is what is said.
    const isUnasked = requested === undefined && profile?.cannot?.update === undefined
    requireAbout(current, changes, isUnasked ? sent : undefined)
    const signal = context.deadline(call)
    const requireFit = await judgeRequest(context, sent, { changes })
    const found = await context.server(signal)
    requireFit(found)
    const reach = context.reach(found, sent)
    const options = await this.#authorized(reach, signal)
    const whole = { ...sent, client_id: current.client_id }
    const encoded = await context.encoded('update', whole, signal)
    const request = updateRequest(reach.server, current, sent, { ...options, encoded })
    const answered = await this.#exchange({ ...reach, request, current, sent, signal })
    this.#requests.set(answered.value, sent)
    return answered
  }

  /** Deletes a client at the server (RFC 7592 section 2.3). */
  async delete(current: RegistrationResponse, call?: TimedCall): Promise<void> {
    const { reach, options, signal } = await this.#about(current, call)
    const request = deletionRequest(reach.server, current, options)
    const { profile } = options
    readDeletion(await this.#context.send(request, { signal, inDoubt: 'unknown' }), { request, current, profile })
  }

  /** Where a request about a client goes, what it is made with, and until when. */
  async #about(
    current: RegistrationResponse,
    call: TimedCall | undefined,
  ): Promise<{
    reach: Reach
    options: ConfigurationOptions
    signal: AbortSignal
  }> {
    const context = this.#context
    const signal = context.deadline(call)
    const reach = context.reach(await context.server(signal), current)
    return { reach, options: await this.#authorized(reach, signal), signal }
  }

  /** What a management request is made with; an access token where the profile says that this is what authorizes it. */
  async #authorized({ server, allowedOrigins }: Reach, signal: AbortSignal): Promise<ConfigurationOptions> {
    const { profile, allowHttp } = this.#context.options
    if (profile?.managementAuthorization !== 'access-token') return { profile, allowedOrigins, allowHttp }
    const token = await this.#managementTokens.get(server, signal)
    return { profile, allowedOrigins, allowHttp, accessToken: token?.access_token, scheme: token?.scheme }
  }

  /** Sends a request about a client, and says what its answer makes of the registration. */
  async #exchange({ signal, ...about }: About): Promise<Answered> {
    const context = this.#context
    const { profile, allowHttp } = context.options
    const answer = await context.send(about.request, { signal, inDoubt: 'unknown' })
    return context.answered(answer, readRegistration(answer, { ...about, profile, allowHttp }))
  }
}

/**
 * Refuses an update that is about another client, or that would leave next to nothing of it, since what an update leaves
 * out the server may delete; `unasked` is what it would send, where nobody knows what the client was registered with.
 */
function requireAbout(
  current: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  unasked: RegistrationRequest | undefined,
): void {
  const said: Readonly<Record<string, unknown>> = { ...changes }
  const source = 'RFC 7592 section 2.2'
  const id = said['client_id']
  if (id !== undefined && id !== null && id !== current.client_id) {
    const message = 'It names another client than the registration does; leave it out.'
    throw new InvalidRequestError([{ member: 'client_id', rule: 'R20', level: 'MUST', source, message }])
  }
  const isSparse = Object.keys(current).filter(isMetadata).length <= 2
  if (unasked === undefined || !isSparse || unasked.redirect_uris !== undefined || unasked.grant_types !== undefined)
    return
  const message =
    'The registration says next to nothing of the client, and the server deletes what an update leaves out. Pass the whole metadata in the changes, or the object that register() returned'
  throw new InvalidRequestError([{ member: 'redirect_uris', rule: 'sparse', level: 'MUST', source, message }])
}
