import { InvalidRequestError } from '../../errors.ts'
import { configurationRequest, deletionRequest, readDeletion, updateRequest } from '../../exchange/management.ts'
import type { ConfigurationOptions } from '../../exchange/management.ts'
import { completing, readRegistration } from '../../exchange/response.ts'
import { blamedOn, updatedMetadata, withRequested } from '../../exchange/updated-metadata.ts'
import { isMetadata } from '../../model/members.ts'
import type { ClientProof, HttpAnswer, HttpRequest } from '../../model/http.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Answered, ClientContext, Reach, TimedCall } from '../context.ts'
import type { Discovered } from '../discover.ts'
import type { CallOptions } from '../options.ts'
import { judgeRequest } from '../preflight.ts'
import { isFilled } from '../options.ts'
import type { BoundToken, TokenUse } from './access-token.ts'
import { AccessTokens } from './access-token.ts'
import { DpopTransport } from './dpop.ts'
import { movedSince, noMetadata, unlessTroubled } from './no-metadata.ts'

/** The options of an update. */
export interface UpdateCall extends CallOptions {
  /** The request that the registration answered, where it is known. */
  requested?: RegistrationRequest | undefined
}

/** Makes the proof of a registered client for a token request. */
export type Prove = (current: RegistrationResponse) => Promise<ClientProof>

/** Where a request about a client goes, what authorizes it, and the signal that ends it. */
interface Authorized {
  reach: Reach & Pick<Discovered, 'trouble'>
  use: TokenUse
  token: BoundToken | undefined
  signal: AbortSignal
}

/** Sends the requests that a token authorizes: an access token, or the management token of a registration. */
export class Access {
  /** Reads an answer, and throws the error that it stands for where it holds no registration. */
  readonly readRegistration: typeof readRegistration = readRegistration
  /** Completes an answer by what is known of its client. */
  readonly completing: typeof completing = completing
  /** The error for a server of which no metadata were found. */
  readonly noMetadata: typeof noMetadata = noMetadata
  /** Where to register instead, after an error. */
  readonly movedSince: typeof movedSince = movedSince
  /** The access tokens that authorize a registration. */
  readonly accessTokens: AccessTokens
  /** The access tokens that authorize other requests, where the profile says that no management token does. */
  readonly #managementTokens: AccessTokens
  readonly #context: ClientContext
  readonly #requests: WeakMap<RegistrationResponse, RegistrationRequest>
  readonly #prove: Prove | undefined

  /**
   * `requests`: the request that each registration answered, as long as the object is in use. `prove`: makes the proof of
   * a client, where the caller holds its secret or key.
   */
  constructor(
    context: ClientContext,
    requests: WeakMap<RegistrationResponse, RegistrationRequest>,
    prove: Prove | undefined,
  ) {
    const { accessToken, dpop, updateAccessToken } = context.options
    const proving = new DpopTransport(
      context.send,
      dpop &&
        ((proven, waited) =>
          context.ask('option dpop', waited, (signal) => dpop({ ...proven, signal }), isFilled, 'a proof', [
            proven.accessToken,
          ])),
    )
    this.#context = context
    this.#requests = requests
    this.#prove = prove
    this.accessTokens = new AccessTokens(context, proving, accessToken)
    this.#managementTokens =
      updateAccessToken === undefined ? this.accessTokens : new AccessTokens(context, proving, updateAccessToken)
  }

  /** Reads a registration (RFC 7592 section 2.1). */
  async read(current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
    const authorized = await this.#about(current, call)
    const { reach } = authorized
    const answered = await this.#exchange(
      authorized,
      (options) => configurationRequest(reach.server, current, options),
      this.#reader({ ...reach, current }),
    )
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
    const requested = call?.requested
    const sent = updatedMetadata(current, changes, profile, requested)
    // Where the profile says that there is no update, that is the error to throw.
    const isUnasked = requested === undefined && profile?.cannot?.update === undefined
    requireAbout(current, changes, isUnasked ? sent : undefined)
    const signal = context.deadline(call)
    const requireFit = await judgeRequest(context, sent, { blamed: blamedOn(current, changes, profile, requested) })
    const { server, trouble } = await context.discovered(signal)
    requireFit(server)
    const reach = { ...context.reach(server, sent), trouble }
    const authorized = await this.#authorized(reach, current, signal)
    const whole = { ...sent, client_id: current.client_id }
    const encoded = await context.encoded('update', whole, signal)
    const answered = await this.#exchange(
      authorized,
      (options) => updateRequest(reach.server, current, sent, { ...options, encoded }),
      this.#reader({ ...reach, current: withRequested(current, requested), sent }),
    )
    this.#requests.set(answered.value, sent)
    return answered
  }

  /** Deletes a client at the server (RFC 7592 section 2.3). */
  async delete(current: RegistrationResponse, call?: TimedCall): Promise<void> {
    const authorized = await this.#about(current, call)
    const { profile } = this.#context.options
    await this.#exchange(
      authorized,
      (options) => deletionRequest(authorized.reach.server, current, options),
      (answer, request) => readDeletion(answer, { request, current, profile }),
    )
  }

  /** Finds out where a request about a client goes, what authorizes it, and when it must end. */
  async #about(current: RegistrationResponse, call: TimedCall | undefined): Promise<Authorized> {
    const signal = this.#context.deadline(call)
    const { server, trouble } = await this.#context.discovered(signal)
    return this.#authorized({ ...this.#context.reach(server, current), trouble }, current, signal)
  }

  /** Adds what authorizes a management request: an access token, where the profile says that access tokens do. */
  async #authorized(
    reach: Authorized['reach'],
    current: RegistrationResponse,
    signal: AbortSignal,
  ): Promise<Authorized> {
    const { profile, updateAccessToken } = this.#context.options
    const prove = updateAccessToken === undefined ? undefined : this.#prove
    const registered = prove && { client_id: current.client_id, proof: () => prove(current) }
    const use = { server: reach.server, registered }
    const isByToken = profile?.managementAuthorization === 'access-token'
    const token = isByToken ? await this.#managementTokens.get(use, signal) : undefined
    return { reach, use, token, signal }
  }

  /**
   * Sends a request about a client, with a proof where its token is bound to a key, and reads the answer. Where the server
   * refused the access token, and so has done nothing, the request is sent once more with another token.
   */
  async #exchange<T>(
    { reach: { allowedOrigins, trouble }, use, token: first, signal }: Authorized,
    requestWith: (options: ConfigurationOptions) => HttpRequest,
    read: (answer: HttpAnswer, request: HttpRequest) => T,
  ): Promise<T> {
    const context = this.#context
    const { profile, allowHttp } = context.options
    const sending = { signal, inDoubt: 'unknown' as const }
    let token = first
    for (let isSecond = false; ; isSecond = true) {
      const accessToken = token?.access_token
      const options = { profile, allowedOrigins, allowHttp, accessToken, scheme: token?.scheme }
      const bare = unlessTroubled(trouble, () => requestWith(options))
      const { request, answer } = token?.prove
        ? await token.prove(bare, sending, { accessToken, single: profile?.singleUseToken === true })
        : { request: bare, answer: await context.send(bare, sending) }
      try {
        return read(answer, request)
      } catch (error) {
        const fresh = await this.#managementTokens.replace(token, error, use, signal, isSecond)
        if (fresh === undefined) throw error
        token = fresh
      }
    }
  }

  /** Makes the function that reads an answer about a registration. */
  #reader(
    about: Reach & { current: RegistrationResponse; sent?: RegistrationRequest },
  ): (answer: HttpAnswer, request: HttpRequest) => Answered {
    const { profile, allowHttp } = this.#context.options
    return (answer, request) =>
      this.#context.answered(answer, readRegistration(answer, { ...about, request, profile, allowHttp }))
  }
}

/**
 * Refuses an update that is about another client, or that would leave next to nothing of it, since the server may delete what
 * an update leaves out. `unasked`: the metadata to be sent, where it is not known what the client was registered with.
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
