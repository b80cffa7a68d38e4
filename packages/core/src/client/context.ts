import { tellSafely } from '../events.ts'
import type { UntimedEvent } from '../events.ts'
import { behindMutualTls, defaultOrigins, isSecure } from '../exchange/addresses.ts'
import { displayEndpoint } from '../exchange/redact.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation, HttpAnswer, Reading } from '../model/http.ts'
import type { RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { askOwn, isTimeout, join, linked } from './abort.ts'
import { hasCertificate, throwFromCaller } from './known-functions.ts'
import { requirePresent } from './deadline.ts'
import type { OwnFunction } from './abort.ts'
import type { Discovered } from './discover.ts'
import { discover } from './discover.ts'
import type { CallOptions, SessionOptions } from './options.ts'
import { isFilled } from './options.ts'
import type { Sent, Transport, Watch } from './transport.ts'
import { createTransport } from './transport.ts'

/** A reading, and the time of the server's clock in that answer, by which lifetimes are measured. */
export type Answered = Reading<RegistrationResponse> & { date: number | undefined }

/** A call that may have to end sooner than an operation would. */
export interface TimedCall extends CallOptions {
  timeout?: number
}

/** The metadata and origins by which a client asks a server. */
export interface Reach {
  server: AuthorizationServer
  /** Origins on which management addresses may lie. */
  allowedOrigins: readonly string[]
}

/** What every exchange with one server needs: its metadata, the transport, the time limit, and the listener for events. */
export class ClientContext {
  readonly options: SessionOptions
  readonly send: Transport
  /** How many answers the server gave. */
  answers = 0
  #server: Promise<Discovered> | undefined

  readonly #explain: Parameters<typeof discover>[4]

  /**
   * `explain`: makes the error for a server without metadata. `watch`: called when a request leaves, and when it is
   * answered.
   */
  constructor(options: SessionOptions, explain: Parameters<typeof discover>[4], watch?: Watch) {
    this.options = options
    this.#explain = explain
    const report: Sent = (request, { status, failure, ms }) => {
      if (status !== undefined) this.answers++
      if (!this.hasListener) return
      if (isInClear(request.url))
        this.tell({
          type: 'warning',
          rule: 'plain-http',
          message: `${displayEndpoint(request)} was asked by plain http: whoever is on the way can read it and change it.`,
        })
      const endpoint = displayEndpoint(request)
      const { method } = request
      this.tell({ type: 'request', method, endpoint, status, reason: failure?.code, outcome: failure?.outcome, ms })
    }
    this.send = createTransport(options, report, watch)
  }

  /** Whether there is a listener for events: without one nothing is found out, or loaded, for events alone. */
  get hasListener(): boolean {
    return this.options.onEvent !== undefined
  }

  /** Milliseconds for one operation. */
  get timeout(): number {
    return this.options.timeout ?? 20_000
  }

  /** A signal that aborts when an operation that begins now must end, or when the caller leaves. */
  deadline(call: TimedCall | undefined): AbortSignal {
    requirePresent(call?.signal)
    return linked(platform.timeout(call?.timeout ?? this.timeout), call?.signal)
  }

  /** The server's metadata: as configured, or discovered once for all callers until they are old; a failure is not kept. */
  async server(signal: AbortSignal): Promise<AuthorizationServer> {
    return (await this.discovered(signal)).server
  }

  /** The server's metadata, and the moment until which they are kept. */
  async discovered(signal: AbortSignal): Promise<Discovered> {
    const { issuer, server } = this.options
    if (server !== undefined) return { server, until: Infinity }
    for (;;) {
      const flight = (this.#server ??= this.#discover(issuer))
      const found = await join(flight, signal, 'metadata of the server').catch((error: unknown) => {
        // A caller whose time ran out gives up the shared work, so that the next caller starts anew.
        if (isTimeout(signal) && this.#server === flight) this.#server = undefined
        throw error
      })
      const isOld = platform.monotonic() >= found.until
      if (isOld && this.#server === flight) this.#server = undefined
      if (!isOld || found.trouble) return found
    }
  }

  /** How this client asks the server: with a certificate at its mutual-TLS aliases; and where registrations may be managed. */
  reach(server: AuthorizationServer, metadata: RegistrationRequest | RegistrationResponse): Reach {
    const { allowedOrigins = defaultOrigins(server), useMtlsEndpointAliases, accessToken } = this.options
    const isMutual =
      useMtlsEndpointAliases ?? (metadata.use_mtls_endpoint_aliases === true || hasCertificate(accessToken))
    return { server: isMutual ? behindMutualTls(server) : server, allowedOrigins }
  }

  /** The server's metadata, looked up anew, if they name other endpoints than `server` does; else `undefined`. */
  async moved(server: AuthorizationServer, signal: AbortSignal): Promise<AuthorizationServer | undefined> {
    if (this.options.server !== undefined || signal.aborted) return undefined
    this.#server = undefined
    const fresh = await this.server(signal).catch(() => undefined)
    // While a server moves, metadata without a registration endpoint are not believed.
    if (server.registration_endpoint && !fresh?.registration_endpoint) return (this.#server = undefined)
    return endpoints(fresh) === endpoints(server) ? undefined : fresh
  }

  #discover(issuer: string): Promise<Discovered> {
    const flight = discover(
      issuer,
      this.send,
      platform.timeout(this.timeout),
      (deviations) => this.report(deviations),
      this.#explain,
      this.options.allowHttp,
    )
    flight.catch(() => {
      if (this.#server === flight) this.#server = undefined
    })
    return flight
  }

  /** Calls a function of the caller's own, for as long as one operation may take. */
  async ask<T>(...own: OwnFunction<T>): Promise<T> {
    return askOwn(this.timeout, ...own).catch(throwFromCaller)
  }

  /** The body that the option `encodeBody` makes of metadata; `undefined` without that option, which means JSON. */
  async encoded(
    operation: 'register' | 'update',
    metadata: RegistrationRequest,
    signal: AbortSignal,
  ): Promise<{ contentType: string; body: string } | undefined> {
    const { encodeBody } = this.options
    if (encodeBody === undefined) return undefined
    const call = (own: AbortSignal): ReturnType<typeof encodeBody> => encodeBody(metadata, { operation, signal: own })
    return this.ask('option encodeBody', signal, call, isBody, '{ contentType, body }')
  }

  /** Tells the deviations of a reading, and adds the time of the server's clock. */
  answered(answer: HttpAnswer, reading: Reading<RegistrationResponse>): Answered {
    this.report(reading.deviations)
    return { ...reading, date: Date.parse(answer.headers.get('date') ?? '') || undefined }
  }

  report(deviations: readonly Deviation[]): void {
    for (const deviation of deviations) this.tell({ type: 'deviation', deviation })
  }

  tell(event: UntimedEvent): void {
    tellSafely(this.options.onEvent, { at: platform.now(), ...event })
  }
}

/** The registration and token endpoints, also those for clients with a certificate, as a text to compare. */
const endpoints = (server: AuthorizationServer | undefined): string =>
  String(server && [server, behindMutualTls(server)].flatMap((it) => [it.registration_endpoint, it.token_endpoint]))

/** Whether a function that encodes a body has returned one. */
const isBody = (value: unknown): boolean =>
  isFilled(Object(value).contentType) && typeof Object(value).body === 'string'

/** Whether a request goes over a network without TLS. */
const isInClear = (url: string): boolean => url.startsWith('http:') && !isSecure(new URL(url))
