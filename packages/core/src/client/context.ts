import type { RegistrationEvent } from '../events.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpRequest } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import { platform } from '../platform.ts'
import { discover } from './discover.ts'
import { join } from './abort.ts'
import type { CallOptions, SharedOptions } from './options.ts'
import { ifSoon } from './if-soon.ts'
import { late } from '../load.ts'
import type { ProvingTransport } from './dpop.ts'
import type { Transport } from './transport.ts'
import { createTransport } from './transport.ts'

/** The options of a conversation: the profile's types have done their work by now. */
export type ConversationOptions = SharedOptions &
  ({ issuer: string; server?: undefined } | { server: AuthorizationServer; issuer?: undefined })

/** What every exchange with one server needs: its metadata, the way to it, how long an operation may take, who is told. */
export class Line {
  readonly options: ConversationOptions
  readonly send: Transport
  /** How many answers the server gave. */
  answers = 0
  #server: Promise<AuthorizationServer> | undefined
  #proving: Promise<ProvingTransport> | undefined

  constructor(options: ConversationOptions) {
    this.options = options
    const sent = async (request: HttpRequest, status: number | undefined, ms: number): Promise<void> => {
      if (status !== undefined) this.answers++
      if (this.isHeard) await this.#tellOf(request, status, ms)
    }
    this.send = createTransport(options.fetch, sent, options.profile?.cors)
  }

  /** Whether anybody wants to know what happens: nothing is found out, or loaded, for nobody. */
  get isHeard(): boolean {
    return this.options.onEvent !== undefined
  }

  /** Milliseconds for one operation. */
  get timeout(): number {
    return this.options.timeout ?? 20_000
  }

  /** The end of an operation that begins now. */
  deadline(call: CallOptions | undefined): AbortSignal {
    const deadline = platform.timeout(this.timeout)
    return call?.signal ? AbortSignal.any([deadline, call.signal]) : deadline
  }

  /** The server's metadata: as configured, or discovered once for all callers; a failure is not kept. */
  async server(signal: AbortSignal): Promise<AuthorizationServer> {
    const { issuer, server } = this.options
    if (server !== undefined) return server
    if (this.#server === undefined) {
      const flight = discover(issuer, this.send, platform.timeout(this.timeout), (deviation) =>
        this.report([deviation]),
      )
      this.#server = flight
      flight.catch(() => {
        if (this.#server === flight) this.#server = undefined
      })
    }
    return join(this.#server, signal, 'metadata of the server')
  }

  /** Sends requests with proofs of possession. */
  async proving(): Promise<ProvingTransport> {
    this.#proving ??= late(import('./dpop.ts')).then(
      (proof) => new proof.ProvingTransport(this.send, this.options.dpop),
    )
    this.#proving.catch(() => (this.#proving = undefined))
    return this.#proving
  }

  report(deviations: readonly Deviation[]): void {
    for (const deviation of deviations) this.tell({ type: 'deviation', deviation })
  }

  tell(event: OmitAt<RegistrationEvent>): void {
    try {
      this.options.onEvent?.({ at: platform.now(), ...event })
    } catch {
      // A listener must not be able to break what it listens to.
    }
  }

  /** Tells of a request; where what makes its address fit to be shown can't be loaded, nobody hears of it. */
  async #tellOf(request: HttpRequest, status: number | undefined, ms: number): Promise<void> {
    const shown = await ifSoon(import('../exchange/shown.ts'))
    if (shown) this.tell({ type: 'request', endpoint: shown.shownEndpoint(request), status, ms })
  }
}

type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at'> : never
