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

/** A request that is no GET: one that changes something, or one that asks the token endpoint about a client. */
export type RequestKind = 'change' | 'question'

const mostNoted = 48
/** The most requests in a minute that change something. */
const mostChanges = 10
/** A minute in milliseconds, with a margin for a clock that runs fast. */
const aMinute = 61_000

/**
 * All exchanges with one server over the transport; the server's metadata and the access token are kept between calls. A
 * session holds no registration.
 */
export class Session {
  readonly #context: ClientContext
  readonly #hear: ((date: number) => void) | undefined
  readonly #prove: Prove | undefined
  /** The request that each registration answered, as long as somebody holds the registration. */
  readonly #requests = new WeakMap<RegistrationResponse, RegistrationRequest>()
  #access: Promise<Access> | undefined
  /** The last requests that were no GET, and when they left by the monotonic clock. */
  #sent: { at: number; kind: RequestKind }[] = []

  /**
   * `hear`: called with the time of the server's clock in each answer about a client, or to `send`. `prove`: makes the proof of
   * the client that a request is about.
   */
  constructor(options: SessionOptions, hear?: (date: number) => void, prove?: Prove) {
    this.#hear = hear
    this.#prove = prove
    const explain = async (search: Search): Promise<RegistrationError> => (await this.#open()).noMetadata(search)
    this.#context = new ClientContext(options, explain, ({ method }, { inDoubt }, answer) => {
      const isChange = inDoubt === 'unknown'
      if (answer !== undefined) this.#heard(isChange ? answer : undefined)
      // A request that changes nothing counts as not sent when no answer comes: its `inDoubt` is not `unknown`.
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

  /** Hears the server's clock; the `Date` of an answer from a cache (`Age`) is an old one. */
  #heard(answer: HttpAnswer | undefined): void {
    const date = answer?.headers.has('age') ? NaN : Date.parse(answer?.headers.get('date') ?? '')
    if (!Number.isNaN(date)) this.#hear?.(date)
  }

  /** Milliseconds until `more` further requests of a kind may leave; `most`: the requests in a minute that are no GET. */
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
    // The kept metadata are copied, since the caller may change what it gets.
    return structuredClone(await this.#context.server(this.#context.deadline(call)))
  }

  /** The server's metadata, and until when they are kept, by the monotonic clock. */
  async discovered(call?: CallOptions): Promise<Discovered> {
    return this.#context.discovered(this.#context.deadline(call))
  }

  /** The metadata of the server, looked up anew, if they name other endpoints than `server` does. */
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

  /** Sends one request to the server that is neither repeated nor read, for callers that ask something else. */
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

/** Refuses a value that names no client; `message` says what to give. */
export function requireClient(given: unknown, message: string): void {
  if (!isFilled(Object(given).client_id)) refuseOptions([['client_id', message]])
  for (const member of ['client_secret', 'registration_access_token', 'registration_client_uri']) {
    const value: unknown = Object(given)[member]
    if (value !== undefined && typeof value !== 'string') refuseOptions([[member, 'It must be a text']])
  }
}
