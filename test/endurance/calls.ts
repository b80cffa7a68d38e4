import { fileURLToPath } from 'node:url'

import { memoryStore, RegistrationClient, RegistrationError, RegistrationManager } from '@registrant/core'

// Calls as no compiler lets them through: options, metadata and functions of the caller's own that are nonsense, throw,
// hang or return nonsense. Whatever comes of one, nothing but a RegistrationError is thrown.

/** What many calls came to; that it returns at all says that none threw anything else. */
export interface CallFigures {
  calls: number
  /** How many of them threw. */
  thrown: number
  /** How many had not ended after 20 seconds, as where a store of their own says that another one is at work. */
  late: number
  seconds: number
  /** Brings the run back, as `REGISTRANT_SEED`. */
  seed: number
}

/** Numbers by chance that come again with their seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const issuer = 'https://as.example'
const server = {
  issuer,
  registration_endpoint: `${issuer}/register`,
  token_endpoint: `${issuer}/token`,
}
const registration = {
  client_id: 'c',
  client_secret: 'secret-of-the-client',
  registration_access_token: 'management-token',
  registration_client_uri: `${issuer}/register/c`,
  redirect_uris: ['https://app.example/cb'],
}

/** Milliseconds for one operation, and for a call that has to end by them. */
const timeout = 40
const longest = 20_000

class Fuzzer {
  readonly #chance: () => number

  constructor(seed: number) {
    this.#chance = chanceOf(seed)
  }

  pick<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.#chance() * of.length)]
  }

  often = (share: number): boolean => this.#chance() < share

  /** Whatever a caller may give by mistake. */
  nonsense = (depth = 0): unknown => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    const deep = (): unknown => (depth > 2 ? null : this.nonsense(depth + 1))
    const made = this.pick<() => unknown>([
      () => undefined,
      () => null,
      () => '',
      () => 'a',
      () => 'https://as.example\n',
      () => '\ud800',
      () => 'x'.repeat(5000),
      () => Number.NaN,
      () => -1,
      () => Infinity,
      () => 2 ** 60,
      () => 1n,
      () => true,
      () => Symbol('s'),
      () => new Date(Number.NaN),
      () => new URL(issuer),
      () => new Map([['a', 1]]),
      () => circle,
      () => Object.create(null),
      () => new Error('an error as a value'),
      () => this.own(deep()),
      () => [deep(), deep()],
      () => ({ [String(this.pick(['client_id', 'redirect_uris', '__proto__', 'then', 'keys', 'jwks', 'a']))]: deep() }),
      () => {
        const promised = Promise.resolve(deep())
        // Nobody has to wait for what is no option: that it was rejected is this program's own business.
        promised.catch(() => undefined)
        return promised
      },
    ])
    return made?.()
  }

  /** A function of the caller's own, which answers, throws, rejects or hangs. */
  own(answer: unknown): () => unknown {
    const made = this.pick<() => unknown>([
      () => answer,
      async () => answer,
      () => {
        throw answer
      },
      async () => {
        throw answer
      },
      async () => new Promise(() => undefined),
      // oxlint-disable-next-line no-thenable
      () => ({ then: 7 }),
    ])
    return () => made?.()
  }

  /** What a `fetch` returns: answers of a server, nonsense, or nothing ever. */
  fetch(): () => unknown {
    const json = (body: unknown, status = 200): Response => Response.json(body, { status })
    const answers = [
      () => json(server),
      () => json({ ...registration, extra: 'x' }, 201),
      () => json({ error: 'invalid_client_metadata' }, 400),
      () => json(null),
      () => new Response('<html>', { status: 403 }),
      () => new Response(undefined, { status: 204 }),
      () => new Response('{', { status: 201 }),
      () => Response.error(),
      () => ({ status: 'x', headers: 7, body: 'y' }),
      () => this.nonsense(),
    ]
    if (this.often(0.3)) return this.own(this.nonsense())
    return async () => this.pick(answers)?.()
  }

  /** These, of which a few are nonsense, and one more perhaps. */
  spoil(given: object, share: number): object {
    const entries = Object.entries(given).map(([name, value]) => [name, this.often(share) ? this.nonsense() : value])
    return Object.fromEntries(entries)
  }

  store(): object {
    const inner = memoryStore()
    const verbs = { load: inner.load.bind(inner), save: inner.save.bind(inner) }
    if (this.often(0.6)) return verbs
    const spoilt: Record<string, unknown> = { ...verbs }
    spoilt[this.pick(['load', 'save', 'exclusive', 'changed', 'risks', 'keys']) ?? 'load'] = this.often(0.5)
      ? this.own(this.nonsense())
      : this.nonsense()
    return spoilt
  }

  options(): object {
    const optional: Record<string, () => unknown> = {
      accessToken: () => this.own(this.nonsense()),
      updateAccessToken: () => this.nonsense(),
      profile: () => (this.often(0.5) ? { name: 'Example' } : this.nonsense()),
      preflight: () => this.pick(['warn', 'strict', 'off', this.nonsense()]),
      allowedOrigins: () => this.nonsense(),
      allowHttp: () => this.nonsense(),
      dpop: () => this.own(this.nonsense()),
      encodeBody: () => this.own(this.nonsense()),
      onEvent: () => this.own(this.nonsense()),
      generation: () => this.nonsense(),
      keys: () => this.nonsense(),
      expectExisting: () => this.nonsense(),
      preRegistered: () => this.nonsense(),
      metadataDocument: () => this.nonsense(),
      prefer: () => this.nonsense(),
      lease: () => this.nonsense(),
      instance: () => this.nonsense(),
      owner: () => this.nonsense(),
      reregister: () => this.nonsense(),
    }
    const names = Object.keys(optional).filter(() => this.often(0.08))
    const more = Object.fromEntries(names.map((name) => [name, optional[name]?.()]))
    const base = {
      ...(this.often(0.5) ? { issuer } : { server }),
      application: 'orders',
      metadata: this.metadata(),
      store: this.store(),
      fetch: this.fetch(),
    }
    return { ...this.spoil(base, 0.04), timeout, forgetDelay: 0, ...more }
  }

  metadata(): unknown {
    if (this.often(0.1)) return this.nonsense()
    return this.spoil(
      { redirect_uris: ['https://app.example/cb'], client_name: 'n', scope: 'a', contacts: ['a@b.example'] },
      0.1,
    )
  }

  given(): unknown[] {
    const values = [
      () => this.spoil(registration, 0.1),
      () => this.metadata(),
      () => this.nonsense(),
      () => ({ signal: this.often(0.5) ? AbortSignal.abort(this.nonsense()) : this.nonsense() }),
    ]
    return Array.from({ length: Math.floor(this.#length()) }, () => this.pick(values)?.())
  }

  #length = (): number => this.#chance() * 4
}

const verbs = {
  client: ['discover', 'register', 'read', 'update', 'delete'],
  manager: 'ensure status read rotate reportRejected authentication recover delete forget sweep close watch'.split(' '),
}

/** One call, and what it threw. */
async function callOnce(fuzzer: Fuzzer): Promise<unknown> {
  const kind = fuzzer.often(0.5) ? 'client' : 'manager'
  const Class: unknown = kind === 'client' ? RegistrationClient : RegistrationManager
  const options = fuzzer.often(0.03) ? fuzzer.nonsense() : fuzzer.options()
  const verb = fuzzer.pick(verbs[kind]) ?? 'close'
  const given = fuzzer.given()
  try {
    const on: unknown = Reflect.construct(Object(Class), [options])
    const method: unknown = Reflect.get(Object(on), verb)
    const called: unknown = Reflect.apply(Object(method), on, given)
    if (verb === 'watch') await Reflect.apply(Object(Reflect.get(Object(called), 'next')), called, [])
    else await called
    return undefined
  } catch (error) {
    if (error instanceof RegistrationError) return error
    throw new Error(`${kind}.${verb}() threw what is none of ours: ${String(Object(error).stack ?? error)}`, {
      cause: error,
    })
  }
}

/** Makes that many calls, some side by side; throws at the first that throws what it may not. */
export async function fuzzCalls({
  calls,
  within = Infinity,
}: {
  calls: number
  within?: number
}): Promise<CallFigures> {
  const seed = Number(process.env['REGISTRANT_SEED'] ?? Date.now() % 2 ** 30)
  const started = performance.now()
  let made = 0
  let thrown = 0
  let late = 0
  const line = async (): Promise<void> => {
    while (made < calls && performance.now() - started < within) {
      const number = made++
      let timer: NodeJS.Timeout | undefined
      const over = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => {
          late++
          resolve(undefined)
        }, longest)
      })
      const error = await Promise.race([callOnce(new Fuzzer(seed + number)), over]).catch((cause: unknown) => {
        throw new Error(`Call ${number}: REGISTRANT_SEED=${seed + number} brings it back as the first`, { cause })
      })
      clearTimeout(timer)
      if (error !== undefined) thrown++
    }
  }
  await Promise.all(Array.from({ length: 64 }, line))
  return { calls: made, thrown, late, seconds: Math.round((performance.now() - started) / 100) / 10, seed }
}

// Started as a program it is the longer run.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await fuzzCalls({ calls: 100_000 }))
