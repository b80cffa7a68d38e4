import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import type { Answered } from './answered.ts'
import type { Authorization } from './authorized.ts'
import { late } from '../load.ts'
import type { ConversationOptions } from './context.ts'
import { Line } from './context.ts'
import type { CallOptions } from './options.ts'
import type { RegisterCall } from './register.ts'
import { register } from './register.ts'

/**
 * Everything that is said to one server: the exchanges over the transport, with discovery and access token kept
 * between calls. It holds no registration.
 */
export class Conversation {
  readonly #line: Line
  #authorization: Promise<Authorization> | undefined

  constructor(options: ConversationOptions) {
    this.#line = new Line(options)
  }

  /** How many answers the server gave. */
  get answers(): number {
    return this.#line.answers
  }

  async discover(call?: CallOptions): Promise<AuthorizationServer> {
    return this.#line.server(this.#line.deadline(call))
  }

  async register(metadata: RegistrationRequest, call?: RegisterCall): Promise<Answered> {
    const authorize: Parameters<typeof register>[1] = async (server, signal, post) =>
      this.#line.options.accessToken === undefined
        ? post(undefined, false)
        : (await this.#authorized()).use(server, signal, post)
    return register(this.#line, authorize, metadata, call)
  }

  async read(current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
    return (await managing()).read(this.#line, current, call)
  }

  async update(
    current: RegistrationResponse,
    changes: Changes<RegistrationRequest>,
    call?: CallOptions,
  ): Promise<Answered> {
    return (await managing()).update(this.#line, current, changes, call)
  }

  async delete(current: RegistrationResponse, call?: CallOptions): Promise<void> {
    return (await managing()).remove(this.#line, current, call)
  }

  /** One request to the server that is neither repeated nor read: for whoever asks it something else. */
  async send(request: HttpRequest, call?: CallOptions): Promise<HttpAnswer> {
    return this.#line.send(request, { signal: this.#line.deadline(call), inDoubt: 'not-sent' })
  }

  #authorized(): Promise<Authorization> {
    this.#authorization ??= late(import('./authorized.ts')).then(({ Authorization }) => new Authorization(this.#line))
    this.#authorization.catch(() => (this.#authorization = undefined))
    return this.#authorization
  }
}

/** A first registration manages nothing. */
const managing = async () => late(import('./manage.ts'))
