import { loadChecks } from '../checks/load.ts'
import type { RegistrationError } from '../errors.ts'
import { InvalidRequestError } from '../errors.ts'
import { serverAsGiven } from '../exchange/discovery.ts'
import { isObject, snapshot } from '../exchange/json.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Changes, RegistrationRequest, RegistrationResponse, RequestInput } from '../model/registration.ts'
import { platform } from '../platform.ts'
import type { Access, Prove, UpdateCall } from './access/manage.ts'
import { loadAccess } from './access/load.ts'
import { isFilled, refuseOptions } from './options.ts'
import { ClientContext } from './context.ts'
import type { Discovered, Search } from './discover.ts'
import { requirePresent } from './deadline.ts'
import type { CallOptions, SessionOptions } from './options.ts'
import type { RegisterCall } from './register.ts'
import { register } from './register.ts'
import type { Answered, TimedCall } from './context.ts'

/** A request that is no GET: it changes something, or it asks the token endpoint what it says of a client. */
export type RequestKind = 'change' | 'question'

const mostNoted = 48
/** So many requests that change something are enough for a minute. */
const mostChanges = 10
/** A minute, by a clock that may run fast. */
const aMinute = 61_000

/**
 * Everything that is said to one server: the exchanges over the transport, with discovery and access token kept
 * between calls. It holds no registration.
 */
export class Session {
  readonly #context: ClientContext
  readonly #hear: ((date: number) => void) | undefined
  readonly #prove: Prove | undefined
  /** The request that each registration answered, as long as somebody holds the registration. */
  readonly #requests = new WeakMap<RegistrationResponse, RegistrationRequest>()
  #access: Promise<Access> | undefined
  /** When the last requests left that were no GET, by the monotonic clock. */
  #sent: { at: number; kind: RequestKind }[] = []

  /**
   * `hear`: called with what the server's clock says in each answer that is not about itself. `prove`: what proves a client that
   * a request is about.
   */
  constructor(options: SessionOptions, hear?: (date: number) => void, prove?: Prove) {
    this.#hear = hear
    this.#prove = prove
    const explain = async (search: Search): Promise<RegistrationError> => (await this.#open()).noMetadata(search)
    this.#context = new ClientContext(options, explain, ({ method }, { inDoubt }, answer) => {
      const isChange = inDoubt === 'unknown'
      if (answer !== undefined) this.#heard(isChange ? answer : undefined)
      // What changes nothing has not happened when no answer comes.
      else if (method !== 'GET') this.#note(isChange ? 'change' : 'question')
    })
  }

  /** How many answers the server gave. */
  get answers(): number {
    return this.#context.answers
  }

  #note(kind: RequestKind): void {
    this.#sent = [...this.#sent, { at: platform.monotonic(), kind }].slice(-mostNoted)
  }

  /** An answer that somebody has kept tells the time of then. */
  #heard(answer: HttpAnswer | undefined): void {
    const date = answer?.headers.has('age') ? NaN : Date.parse(answer?.headers.get('date') ?? '')
    if (!Number.isNaN(date)) this.#hear?.(date)
  }

  /** Milliseconds until so many more requests of a kind may leave that are no GET, where so many of all may in a minute. */
  restFor(more: number, kind: RequestKind, most: number): number {
    const now = platform.monotonic()
    const rest = (which: readonly { at: number }[], bound: number): number => {
      const recent = which.filter(({ at }) => now - at < aMinute)
      const blocking = recent[recent.length + more - bound - 1]
      return blocking === undefined ? 0 : blocking.at + aMinute - now
    }
    const changes = this.#sent.filter((it) => it.kind === 'change')
    return Math.max(rest(this.#sent, most), kind === 'change' ? rest(changes, mostChanges) : 0)
  }

  async discover(call?: CallOptions): Promise<AuthorizationServer> {
    // They are kept, and whoever asks may change what comes.
    return structuredClone(await this.#context.server(this.#context.deadline(call)))
  }

  /** The same, and until when they are kept, by the monotonic clock. */
  async discovered(call?: CallOptions): Promise<Discovered> {
    return this.#context.discovered(this.#context.deadline(call))
  }

  /** The metadata of the server, looked up anew, where they name other endpoints than these. */
  async moved(server: AuthorizationServer, call?: CallOptions): Promise<AuthorizationServer | undefined> {
    return this.#context.moved(server, this.#context.deadline(call))
  }

  async register(input: RequestInput, call?: RegisterCall): Promise<Answered> {
    requirePresent(call?.signal)
    const metadata: RegistrationRequest = { ...snapshot(input) }
    const answered = await register(this.#context, () => this.#open(), metadata, call ?? {})
    this.#requests.set(answered.value, metadata)
    return answered
  }

  async read(current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
    requireClient(current, which)
    return (await this.#open()).read(current, call)
  }

  async update(
    current: RegistrationResponse,
    changes: Changes<RegistrationRequest>,
    call?: UpdateCall,
  ): Promise<Answered> {
    requireClient(current, which)
    if (!isObject(changes)) refuseOptions([['changes', 'It must be an object']])
    const requested = call?.requested ?? this.#requests.get(current)
    const [mine, wanted] = [snapshot(current), snapshot(changes)]
    return (await this.#open()).update(mine, wanted, { ...call, requested })
  }

  async delete(current: RegistrationResponse, call?: TimedCall): Promise<void> {
    requireClient(current, which)
    return (await this.#open()).delete(current, call)
  }

  #open(): Promise<Access> {
    this.#access ??= loadAccess().then(({ Access }) => new Access(this.#context, this.#requests, this.#prove))
    this.#access.catch(() => (this.#access = undefined))
    return this.#access
  }

  /** One request to the server that is neither repeated nor read: for whoever asks it something else. */
  async send(request: HttpRequest, call?: CallOptions): Promise<HttpAnswer> {
    const answer = await this.#context.send(request, { signal: this.#context.deadline(call), inDoubt: 'not-sent' })
    this.#heard(answer)
    return answer
  }
}

const which = 'Give the registration that is meant: there is no client without it'

/**
 * Begins to speak with a server.
 *
 * @throws {InvalidRequestError} `profile` is none
 */
export async function begin(...[options, hear, prove]: ConstructorParameters<typeof Session>): Promise<Session> {
  const { profile } = options
  const wrong = profile === undefined ? [] : (await loadChecks()).checkServerProfile(profile)
  if (wrong.length > 0) throw new InvalidRequestError(wrong)
  const { server } = options
  return new Session(server ? { ...options, server: serverAsGiven(server) } : options, hear, prove)
}

/** Refuses what names no client; `message` says what to give. */
export function requireClient(given: unknown, message: string): void {
  if (!isFilled(Object(given).client_id)) refuseOptions([['client_id', message]])
  for (const member of ['client_secret', 'registration_access_token', 'registration_client_uri']) {
    const value: unknown = Object(given)[member]
    if (value !== undefined && typeof value !== 'string') refuseOptions([[member, 'It must be a text']])
  }
}
