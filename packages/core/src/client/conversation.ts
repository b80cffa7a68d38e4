import { checkProfile, checkRequest, preflight } from '../checks/index.ts'
import { ServerRefusedError } from '../answer-errors.ts'
import { InvalidRequestError } from '../errors.ts'
import type { RegistrationEvent } from '../events.ts'
import {
  configurationRequest,
  deletionRequest,
  readDeletion,
  updatedMetadata,
  updateRequest,
} from '../exchange/configuration.ts'
import { readRegistration, registrationRequest } from '../exchange/registration.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/finding.ts'
import type { AccessToken } from '../model/access-token.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Reading } from '../model/reading.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import { AccessTokens } from './access-token.ts'
import { discover } from './discovery.ts'
import { join } from './flight.ts'
import type { CallOptions, SharedOptions } from './options.ts'
import { ProvingTransport } from './proof.ts'
import { createTransport } from './transport.ts'

/** The options of a conversation: the profile's types have done their work by now. */
export type ConversationOptions = SharedOptions &
  ({ issuer: string; server?: never } | { server: AuthorizationServer; issuer?: never })

/** A reading, and the server's clock at that moment, for whoever measures lifetimes. */
export type Answered = Reading<RegistrationResponse> & { date: number | undefined }

/** What a registration is told besides. */
export interface RegisterCall extends CallOptions {
  /** Runs when everything is ready, before each POST; what it throws stops it, and nothing was sent. */
  beforeSend?: (() => Promise<void>) | undefined
}

export const defaultTimeout = 20_000

/**
 * Everything that is said to one server: the exchanges over the transport, with discovery and access token kept
 * between calls. It holds no registration.
 */
export class Conversation {
  readonly #options: ConversationOptions
  readonly #transport: ProvingTransport
  readonly #tokens: AccessTokens
  #server: Promise<AuthorizationServer> | undefined

  constructor(options: ConversationOptions) {
    this.#options = options
    const transport = createTransport(
      options.fetch,
      (sent) => this.#emit({ type: 'request', ...sent }),
      options.profile?.cors,
    )
    this.#transport = new ProvingTransport(transport, options.dpop)
    this.#tokens = new AccessTokens(options.accessToken, options.profile?.singleUseToken ?? false)
  }

  /** The server's metadata: as configured, or discovered once for all callers; a failure is not kept. */
  async discover(call?: CallOptions): Promise<AuthorizationServer> {
    return this.#discovered(this.#deadline(call))
  }

  async register(metadata: RegistrationRequest, call?: RegisterCall): Promise<Answered> {
    const { profile, encodeBody } = this.#options
    const signal = this.#deadline(call)
    const findings = [...checkRequest(metadata), ...checkProfile(metadata, profile)]
    this.#judge(findings)
    const server = await this.#discovered(signal)
    this.#preflight(metadata, server)
    const encoded = await encodeBody?.(metadata)
    const post = async (token: AccessToken | undefined): Promise<Answered> => {
      const accessToken = token?.access_token
      const unproven = registrationRequest(server, metadata, { accessToken, profile, encoded })
      const sending = { signal, inDoubt: 'unknown' as const }
      await call?.beforeSend?.()
      const { request, answer } = this.#isBound(token)
        ? await this.#transport.prove(unproven, sending, { accessToken, single: profile?.singleUseToken === true })
        : { request: unproven, answer: await this.#transport.send(unproven, sending) }
      return this.#told(readRegistration(answer, { ...this.#context(server), request, sent: metadata }), answer)
    }
    const tokenCall = {
      server,
      signal,
      timeout: this.#timeout,
      send: (request: HttpRequest, by: AbortSignal) => this.#sendForToken(request, by),
    }
    const token = await this.#tokens.get(tokenCall)
    try {
      return await post(token)
    } catch (error) {
      if (token === undefined || !this.#refusesToken(error)) throw error
      const fresh = await this.#tokens.renew(token.access_token, tokenCall)
      if (fresh === undefined) throw error
      return post(fresh)
    }
  }

  async read(current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
    return this.#manage(current, call, (server) => configurationRequest(server, current, this.#options))
  }

  async update(
    current: RegistrationResponse,
    changes: Changes<RegistrationRequest>,
    call?: CallOptions,
  ): Promise<Answered> {
    const { profile } = this.#options
    const sent = updatedMetadata(current, changes, profile)
    const findings = [...checkRequest(sent), ...checkProfile(sent, profile)]
    // What the server itself returned and nobody changed is its own business: reported, and no reason to refuse.
    this.#judge(findings, (finding) => Object.hasOwn(changes, finding.member))
    return this.#manage(
      current,
      call,
      (server) => {
        this.#preflight(sent, server)
        return updateRequest(server, current, sent, this.#options)
      },
      sent,
    )
  }

  async delete(current: RegistrationResponse, call?: CallOptions): Promise<void> {
    const signal = this.#deadline(call)
    const request = deletionRequest(await this.#discovered(signal), current, this.#options)
    readDeletion(await this.#transport.send(request, { signal, inDoubt: 'unknown' }), { request, current })
  }

  /** One request to the server that is neither repeated nor read: for whoever asks it something else. */
  async send(request: HttpRequest, call?: CallOptions): Promise<HttpAnswer> {
    return this.#transport.send(request, { signal: this.#deadline(call), inDoubt: 'not-sent' })
  }

  async #manage(
    current: RegistrationResponse,
    call: CallOptions | undefined,
    build: (server: AuthorizationServer) => HttpRequest,
    sent?: RegistrationRequest,
  ): Promise<Answered> {
    const signal = this.#deadline(call)
    const server = await this.#discovered(signal)
    const request = build(server)
    const answer = await this.#transport.send(request, { signal, inDoubt: 'unknown' })
    return this.#told(readRegistration(answer, { ...this.#context(server), request, sent, current }), answer)
  }

  async #discovered(signal: AbortSignal): Promise<AuthorizationServer> {
    const { issuer, server } = this.#options
    if (server !== undefined) return server
    if (this.#server === undefined) {
      const flight = discover(issuer, this.#transport.send, AbortSignal.timeout(this.#timeout), (deviation) =>
        this.#emit({ type: 'deviation', deviation }),
      )
      this.#server = flight
      flight.catch(() => {
        if (this.#server === flight) this.#server = undefined
      })
    }
    return join(this.#server, signal, 'metadata of the server')
  }

  /** A token request carries a proof, so that the token gets bound; whatever else a token source asks for does not. */
  async #sendForToken(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const sending = { signal, inDoubt: 'not-sent' as const }
    if (!new URLSearchParams(request.body).has('grant_type')) return this.#transport.send(request, sending)
    return (await this.#transport.prove(request, sending, { single: true })).answer
  }

  /** Whether a token is bound to our key: one that does not say what it is was given together with the key. */
  #isBound(token: AccessToken | undefined): boolean {
    const { dpop, profile } = this.#options
    if (token === undefined || dpop === undefined || profile?.bearerOnly === true) return false
    if (token.token_type === undefined || /^dpop$/i.test(token.token_type)) return true
    const message = 'A proof was sent, and a token came that is bound to no key; it was sent as a bearer token.'
    this.#emit({ type: 'deviation', deviation: { member: 'token_type', rule: 'token-not-bound', message } })
    return false
  }

  #refusesToken(error: unknown): boolean {
    if (!(error instanceof ServerRefusedError)) return false
    if (error.error === 'use_dpop_nonce' || error.error === 'invalid_dpop_proof') return false
    if (error.status === 401 || error.error === 'invalid_token') return true
    return error.status === 400 && this.#options.profile?.refusedTokenCodes?.includes(error.error ?? '') === true
  }

  #preflight(metadata: RegistrationRequest, server: AuthorizationServer): void {
    const mode = this.#options.preflight ?? 'warn'
    if (mode !== 'off') this.#judge(preflight(metadata, server), () => mode === 'strict')
  }

  /** Reports findings, and refuses when one of them is a reason to. */
  #judge(findings: readonly Finding[], refuses: (finding: Finding) => boolean = () => true): void {
    const reasons = findings.filter((finding) => finding.level !== 'SHOULD' && refuses(finding))
    if (reasons.length > 0) throw new InvalidRequestError(findings)
    for (const finding of findings) this.#emit({ type: 'finding', finding })
  }

  #told(reading: Reading<RegistrationResponse>, answer: HttpAnswer): Answered {
    for (const deviation of reading.deviations) this.#emit({ type: 'deviation', deviation })
    return { ...reading, date: Date.parse(answer.headers.get('date') ?? '') || undefined }
  }

  #context(
    server: AuthorizationServer,
  ): { server: AuthorizationServer } & Pick<ConversationOptions, 'profile' | 'allowedOrigins'> {
    return { server, profile: this.#options.profile, allowedOrigins: this.#options.allowedOrigins }
  }

  get #timeout(): number {
    return this.#options.timeout ?? defaultTimeout
  }

  #deadline(call: CallOptions | undefined): AbortSignal {
    const deadline = AbortSignal.timeout(this.#timeout)
    return call?.signal ? AbortSignal.any([deadline, call.signal]) : deadline
  }

  #emit(event: OmitAt<RegistrationEvent>): void {
    try {
      this.#options.onEvent?.({ at: Date.now(), ...event })
    } catch {
      // A listener must not be able to break what it listens to.
    }
  }
}

type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at'> : never
