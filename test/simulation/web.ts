/** What the web platform has, as far as client and manager use it: a fraction of it, at a fraction of what it costs. */

type Listener = (event: { type: 'abort'; target: SimulatedSignal }) => void

class SimulatedException extends Error {
  constructor(message: string, name: string) {
    super(message)
    this.name = name
  }
}

class SimulatedSignal {
  aborted = false
  reason: unknown = undefined
  #listeners: { tell: Listener; isOver: boolean }[] = []
  /** Signals that abort when this one does. */
  readonly #dependents: SimulatedSignal[] = []
  #sources: SimulatedSignal[] = []

  static any(signals: Iterable<SimulatedSignal>): SimulatedSignal {
    const all = [...signals]
    const signal = new SimulatedSignal()
    const over = all.find(({ aborted }) => aborted)
    if (over) signal.abort(over.reason)
    else signal.#sources = all.flatMap((it) => (it.#sources.length > 0 ? it.#sources : it))
    for (const source of signal.#sources) source.#dependents.push(signal)
    return signal
  }

  abort(reason: unknown): void {
    if (this.aborted) return
    const ended = [this, ...this.#dependents.filter(({ aborted }) => !aborted)]
    for (const signal of ended) {
      signal.aborted = true
      signal.reason = reason
    }
    for (const target of ended) {
      // A listener that is told may take others off the list.
      const listening = target.#listeners
      for (const it of listening) if (!it.isOver) it.tell({ type: 'abort', target })
    }
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }

  addEventListener(_: 'abort', tell: Listener): void {
    if (!this.aborted && !this.#listeners.some((it) => it.tell === tell)) this.#listeners.push({ tell, isOver: false })
  }

  removeEventListener(_: 'abort', tell: Listener): void {
    const listening = this.#listeners.find((it) => it.tell === tell)
    if (listening === undefined) return
    listening.isOver = true
    this.#listeners = this.#listeners.filter((it) => it !== listening)
  }
}

const left = new SimulatedException('This operation was aborted', 'AbortError')

class SimulatedController {
  readonly signal: SimulatedSignal = new SimulatedSignal()

  abort(reason: unknown = left): void {
    this.signal.abort(reason)
  }
}

const token = /^[!#$%&'*+.^`|~\w-]+$/
// oxlint-disable-next-line no-control-regex
const unsayable = /[\u0000\n\r]|[^\u0000-\u00ff]/

type HeadersGiven = SimulatedHeaders | Iterable<readonly [string, string]> | Record<string, string> | undefined

class SimulatedHeaders {
  readonly #values = new Map<string, string>()

  constructor(given?: HeadersGiven) {
    const entries = given === undefined || Symbol.iterator in given ? (given ?? []) : Object.entries(given)
    for (const [name, value] of entries) this.append(name, value)
  }

  append(name: string, value: string): void {
    const before = this.get(name)
    this.set(name, before === null ? value : `${before}, ${value}`)
  }

  set(name: string, value: string): void {
    const text = value.trim()
    if (!token.test(name) || unsayable.test(text)) throw new TypeError('This can not stand in a header')
    this.#values.set(name.toLowerCase(), text)
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase())
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase())
  }

  forEach(task: (value: string, name: string) => void): void {
    for (const [name, value] of this) task(value, name)
  }

  entries(): IterableIterator<[string, string]> {
    return this[Symbol.iterator]()
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return [...this.#values].toSorted(([a], [b]) => (a < b ? -1 : 1)).values()
  }
}

/** A body that comes as a whole, or breaks after its beginning. */
class SimulatedBody {
  locked = false
  #parts: Uint8Array[]
  readonly #failure: Error | undefined

  constructor(text: string, failure: Error | undefined) {
    this.#parts = text === '' ? [] : [Buffer.from(text)]
    this.#failure = failure
  }

  getReader(): this {
    this.locked = true
    return this
  }

  async read(): Promise<{ done: boolean; value: Uint8Array | undefined }> {
    const value = this.#parts.shift()
    if (value === undefined && this.#failure && this.locked) throw this.#failure
    return { done: value === undefined, value }
  }

  async cancel(): Promise<void> {
    this.#parts = []
    this.locked = false
  }
}

interface Answered {
  status?: number
  headers?: HeadersGiven
  /** The connection breaks after the body that there is. */
  failure?: Error | undefined
}

class SimulatedResponse {
  readonly type = 'default'
  readonly redirected = false
  readonly status: number
  readonly headers: SimulatedHeaders
  readonly body: SimulatedBody | null

  constructor(body?: string | null, { status = 200, headers, failure }: Answered = {}) {
    this.status = status
    this.headers = new SimulatedHeaders(headers)
    this.body = typeof body === 'string' ? new SimulatedBody(body, failure) : null
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  async text(): Promise<string> {
    const { value } = (await this.body?.read()) ?? {}
    return new TextDecoder().decode(value)
  }
}

interface Asked {
  method?: string
  headers?: HeadersGiven
  signal?: SimulatedSignal
}

class SimulatedRequest {
  readonly url: string
  readonly method: string
  readonly headers: SimulatedHeaders
  readonly signal: SimulatedSignal
  readonly body = null

  constructor(input: string | URL | SimulatedRequest, init: Asked = {}) {
    const from = input instanceof SimulatedRequest ? input : undefined
    this.url = input instanceof SimulatedRequest ? input.url : new URL(input).href
    this.method = (init.method ?? from?.method ?? 'GET').toUpperCase()
    this.headers = new SimulatedHeaders(init.headers ?? from?.headers)
    this.signal = init.signal ?? from?.signal ?? new SimulatedSignal()
  }

  get credentials(): string {
    return 'same-origin'
  }

  get cache(): string {
    return 'default'
  }

  clone(): SimulatedRequest {
    return new SimulatedRequest(this)
  }
}

/** A copy of what JSON can say; what it can't is copied as the platform does. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) copy[name] = copyOf(member)
  return copy
}

const parsed = new Map<string, unknown>()

/** Parses each text once; the value is shared, so it is frozen. */
export function parse(text: string): unknown {
  const before = parsed.get(text)
  if (before !== undefined) return before
  if (parsed.size > 2000) parsed.clear()
  const value: unknown = JSON.parse(text)
  frozen(value)
  parsed.set(text, value)
  return value
}

function frozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) frozen(member)
  Object.freeze(value)
}

const parsable = new Map<string, boolean>()
const addresses = new Map<string, URL>()

/** Each address is parsed once and shared: no code changes one. */
class SimulatedURL extends URL {
  // oxlint-disable-next-line constructor-super, typescript/consistent-return
  constructor(text: string | URL, base?: string | URL) {
    const name = base === undefined ? String(text) : `${String(text)} ${String(base)}`
    const before = addresses.get(name)
    // oxlint-disable-next-line no-constructor-return
    if (before !== undefined) return before
    super(text, base)
    if (addresses.size > 1000) addresses.clear()
    addresses.set(name, this)
  }

  static override canParse(text: string, base?: string): boolean {
    if (base !== undefined) return URL.canParse(text, base)
    const before = parsable.get(text)
    if (before !== undefined) return before
    if (parsable.size > 1000) parsable.clear()
    const isParsable = URL.canParse(text)
    parsable.set(text, isParsable)
    return isParsable
  }
}

export const web = {
  AbortController: SimulatedController,
  AbortSignal: SimulatedSignal,
  DOMException: SimulatedException,
  Headers: SimulatedHeaders,
  Request: SimulatedRequest,
  Response: SimulatedResponse,
  URL: SimulatedURL,
  JSON: Object.assign(Object.create(JSON), { parse }),
  structuredClone: copyOf,
}

// The imitations have the members that are used of the real ones.
/* oxlint-disable typescript/no-unsafe-type-assertion */
/** A controller that can tell the waiting calls to leave. */
export const controller = (): AbortController => new SimulatedController() as unknown as AbortController

/** Why a signal aborts when its time is over. */
export const timedOut: Error = new SimulatedException('The operation was aborted due to timeout', 'TimeoutError')

/** The headers of a request. */
export const headersOf = (given: RequestInit['headers']): Headers =>
  new SimulatedHeaders(given as HeadersGiven) as unknown as Headers

/** An answer; with a failure the connection breaks after the body that there is. */
export const response = (
  body: string | null,
  { status, headers }: { status: number; headers: Record<string, string> },
  failure?: Error,
): Response => new SimulatedResponse(body, { status, headers, failure }) as unknown as Response
/* oxlint-enable typescript/no-unsafe-type-assertion */
