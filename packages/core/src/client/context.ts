import type { RegistrationEvent } from '../events.ts'
import { displayEndpoint } from '../exchange/redact.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation, HttpAnswer, Reading } from '../model/http.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { join } from './abort.ts'
import { discover } from './discover.ts'
import { DpopTransport } from './dpop.ts'
import type { CallOptions, SessionOptions } from './options.ts'
import type { Transport } from './transport.ts'
import { createTransport } from './transport.ts'

/** A reading, and the server's clock at that moment, for whoever measures lifetimes. */
export type Answered = Reading<RegistrationResponse> & { date: number | undefined }

/** What every exchange with one server needs: its metadata, the way to it, how long an operation may take, who is told. */
export class ClientContext {
  readonly options: SessionOptions
  readonly send: Transport
  /** The same transport, with proofs of possession. */
  readonly dpop: DpopTransport
  /** How many answers the server gave. */
  answers = 0
  #server: Promise<AuthorizationServer> | undefined

  constructor(options: SessionOptions) {
    this.options = options
    this.send = createTransport(options, (request, status, ms) => {
      if (status !== undefined) this.answers++
      if (this.hasListener) this.tell({ type: 'request', endpoint: displayEndpoint(request), status, ms })
    })
    this.dpop = new DpopTransport(this.send, options.dpop)
  }

  /** Whether anybody wants to know what happens: nothing is found out, or loaded, for nobody. */
  get hasListener(): boolean {
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
      const flight = discover(issuer, this.send, platform.timeout(this.timeout), (deviations) =>
        this.report(deviations),
      )
      this.#server = flight
      flight.catch(() => {
        if (this.#server === flight) this.#server = undefined
      })
    }
    return join(this.#server, signal, 'metadata of the server')
  }

  /** A reading as it is handed on: its deviations told, with the server's clock. */
  answered(answer: HttpAnswer, reading: Reading<RegistrationResponse>): Answered {
    this.report(reading.deviations)
    return { ...reading, date: Date.parse(answer.headers.get('date') ?? '') || undefined }
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
}

type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at'> : never
