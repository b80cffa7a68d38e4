import type { Dice } from './dice.ts'
import type { AimedFault, StepFault } from './faults.ts'
import type { Endpoint, SentRequest } from './history.ts'
import type { SimulatedProcess } from './process.ts'
import { epoch } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import type { Leaving, ScriptedServer } from './server.ts'
import { headersOf, response } from './web.ts'

/** What the network asks of its world. */
export interface NetworkWorld {
  scheduler: Scheduler
  server: ScriptedServer
  dice: Dice
  latency: number
  requests: SentRequest[]
  strikes(fault: StepFault | AimedFault): boolean
  storedFor(process: SimulatedProcess): string | undefined
}

/** Carries requests to the server, and answers back; or does not. */
export class Network {
  readonly #world: NetworkWorld
  readonly #strikes = (fault: StepFault | AimedFault): boolean => this.#world.strikes(fault)

  constructor(world: NetworkWorld) {
    this.#world = world
  }

  /** Whether requests come so often that no invariant needs more of them to be broken. */
  get isBusy(): boolean {
    const { requests } = this.#world
    const [first, last] = [requests.at(-140), requests.at(-1)]
    return first !== undefined && last !== undefined && last.at - first.at < 60_000
  }

  /** The `fetch` of one process. */
  for(process: SimulatedProcess): typeof globalThis.fetch {
    return async (input, init = {}) => {
      const { scheduler } = this.#world
      const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url)
      const request = this.#leave(process, url, init)
      const { signal } = init
      return new Promise<Response>((resolve, reject) => {
        const over = (): boolean => request.answeredAt !== undefined
        const fail = (_?: unknown, cause?: Error): void => {
          if (over()) return
          request.answeredAt = scheduler.time
          request.isUnanswered = true
          reject(signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause }))
        }
        signal?.addEventListener('abort', fail)
        if (signal?.aborted) return fail()
        this.#carry(request, url, init, (answer) => {
          scheduler.plan(scheduler.time + this.#latency(), process, () => {
            if (over()) return
            signal?.removeEventListener('abort', fail)
            if (answer === undefined || answer instanceof Error) return fail(undefined, answer)
            request.answeredAt = scheduler.time
            resolve(this.#arrive(request, answer))
          })
        })
      })
    }
  }

  #leave(process: SimulatedProcess, url: URL, { method = 'GET', headers }: RequestInit): SentRequest {
    const managed = /^(?:\/v\d+)?\/register\/(.+)$/.exec(url.pathname)?.[1]
    const request: SentRequest = {
      number: this.#world.requests.length,
      process,
      method,
      endpoint: endpointOf(url.pathname),
      client_id: managed,
      token: /^Bearer (.+)$/i.exec(headersOf(headers).get('authorization') ?? '')?.[1],
      at: this.#world.scheduler.time,
      monotonic: process.monotonic,
      wall: process.wall,
      serverTime: process.serverTime,
      stored: this.#world.storedFor(process),
      arrivedAt: undefined,
      isDoubled: false,
      status: undefined,
      isFaulty: false,
      made: [],
      answeredAt: undefined,
      isUnanswered: false,
      retryAfter: undefined,
    }
    this.#world.requests.push(request)
    return request
  }

  /** Brings a request to the server, and what comes of it back; `undefined`: the connection breaks. */
  #carry(
    request: SentRequest,
    url: URL,
    init: RequestInit,
    answered: (answer: Leaving | Error | undefined) => void,
  ): void {
    const { scheduler, dice } = this.#world
    const strikes = this.#strikes
    if (strikes('connection is refused')) {
      request.isRefused = true
      const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      scheduler.plan(scheduler.time + this.#latency(), undefined, () => answered(refused))
      return
    }
    if (strikes('request is lost')) {
      if (dice.chance(0.5)) scheduler.plan(scheduler.time + this.#latency(), undefined, () => answered(undefined))
      return
    }
    const arrive = (isFirst: boolean) => (): void => {
      request.arrivedAt ??= scheduler.time
      const answer = this.#answer(request, url, init)
      if (answer === undefined || !isFirst) return
      if (strikes('answer is lost')) {
        if (dice.chance(0.5)) answered(undefined)
        return
      }
      answered(answer)
    }
    scheduler.plan(scheduler.time + this.#latency(), undefined, arrive(true))
    if (strikes('request is doubled')) {
      request.isDoubled = true
      scheduler.plan(scheduler.time + this.#latency() + dice.between(0, 5000), undefined, arrive(false))
    }
  }

  /** What the server says; a fault may come before it acts, after it, or in place of it. */
  #answer(request: SentRequest, url: URL, init: RequestInit): Leaving | undefined {
    const { server, scheduler, dice } = this.#world
    const strikes = this.#strikes
    if (strikes('server hangs')) return undefined
    const act = (): Leaving => {
      const body =
        typeof init.body === 'string' ? init.body : init.body instanceof URLSearchParams ? init.body.toString() : ''
      const answer = server.answer(
        { method: request.method, url, headers: headersOf(init.headers), body },
        scheduler.time,
      )
      if (answer.made !== undefined) request.made.push(answer.made)
      return answer
    }
    const faulty = (answer: Leaving): Leaving => {
      request.isFaulty = true
      return answer
    }
    if (strikes('server shows a page')) {
      request.isPage = true
      return faulty({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' })
    }
    if (strikes('server widens')) {
      const answer = act()
      const uris = '"redirect_uris":['
      return faulty({ ...answer, body: answer.body.replace(uris, `${uris}"https://elsewhere.example/",`) })
    }
    if (strikes('server fails')) {
      if (dice.chance(0.5)) act()
      return faulty({
        status: dice.pick([500, 500, 502, 503, 504]),
        headers: {},
        body: dice.pick(['', '<html>', '{"error":"server_error"}']),
      })
    }
    if (strikes('server asks for patience')) return faulty(this.#patience())
    if (strikes('server refuses')) {
      const [status, error] = dice.pick(refusals)
      // Some repeat what they were sent, and worse.
      const sent = `${typeof init.body === 'string' ? init.body : ''} ${headersOf(init.headers).get('authorization') ?? ''}`
      const told = dice.chance(0.3) ? { error_description: `\u0007\u001b[31m No: ${sent}` } : {}
      return faulty({
        status,
        headers: { 'content-type': 'application/json' },
        body: error === undefined ? '' : JSON.stringify({ error, ...told }),
      })
    }
    if (request.endpoint === 'token' && strikes('token endpoint proves nothing'))
      return faulty(
        dice.pick<Leaving>([
          { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>not found</html>' },
          { status: 302, headers: { location: 'https://as.example/login' }, body: '' },
          { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>ok</html>' },
          { status: 403, headers: {}, body: '' },
          { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"invalid_request"}' },
        ]),
      )
    return act()
  }

  #patience(): Leaving {
    const { dice, scheduler } = this.#world
    const seconds = dice.pick([1, 5, 30, 120, 1800])
    const asDate = dice.chance(0.4)
    const then = new Date(Math.ceil((epoch + scheduler.time) / 1000) * 1000 + seconds * 1000)
    return {
      status: dice.pick([429, 429, 503]),
      headers: {
        date: new Date(epoch + scheduler.time).toUTCString(),
        'retry-after': asDate ? dice.pick([then.toUTCString(), rfc850(then), asctime(then)]) : String(seconds),
      },
      body: '',
    }
  }

  #arrive(request: SentRequest, { status, headers, body }: Leaving): Response {
    const { process } = request
    const { scheduler } = this.#world
    const strikes = this.#strikes
    request.status = status
    if (headers['date'] !== undefined && request.endpoint !== 'discovery') {
      const off = Date.parse(headers['date']) - process.wall
      process.hear(Math.abs(off) < 2000 ? 0 : off)
    }
    const wait = headers['retry-after']
    if (wait !== undefined)
      request.retryAfter = /^\d+$/.test(wait) ? Number(wait) * 1000 : readDate(wait) - (epoch + scheduler.time)
    const isBodiless = status === 204 || status === 304
    if (!isBodiless && body.length > 60 && strikes('answer is cut off')) {
      request.isUnanswered = true
      return response(cutOff(body), { status, headers }, new TypeError('terminated'))
    }
    return response(isBodiless ? null : body, { status, headers })
  }

  #latency(): number {
    const { dice, latency } = this.#world
    const strikes = this.#strikes
    return dice.between(0.1, latency) + (strikes('network delays') ? dice.between(100, 60_000) : 0)
  }
}

const refusals: readonly (readonly [status: number, error?: string])[] = [
  [400, 'invalid_client_metadata'],
  [400, 'access_denied'],
  [401, 'invalid_token'],
  [401, 'invalid_client'],
  [403],
  [403, 'insufficient_scope'],
  [404],
  [405],
  [409],
  [410],
  [415],
  [422, 'invalid_client_metadata'],
  [501],
]

/** The beginning of a body, after which the connection breaks. */
function cutOff(body: string): string {
  const at = body.indexOf('"client_id"')
  return body.slice(0, at < 0 ? 30 : at + 24)
}

function endpointOf(path: string): Endpoint {
  if (path.startsWith('/.well-known/')) return 'discovery'
  if (/\/register\/./.test(path)) return 'manage'
  if (path.endsWith('/register')) return 'register'
  return path.endsWith('/token') ? 'token' : 'other'
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** The obsolete forms of a date that RFC 9110 section 5.6.7 still demands to be read. */
function rfc850(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ')
  return `${days[date.getUTCDay()]}, ${day}-${month}-${year?.slice(2)} ${time} GMT`
}

function asctime(date: Date): string {
  const [weekday, day, month, year, time] = date.toUTCString().split(' ')
  return `${weekday?.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
}

function readDate(text: string): number {
  const [, day, month, year, time] = /^\w+, (\d\d)-(\w{3})-(\d\d) ([\d:]+) GMT$/.exec(text) ?? []
  if (day !== undefined) return Date.parse(`${day} ${month} 20${year} ${time} GMT`)
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}
