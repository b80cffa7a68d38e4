import { memoryStore } from '@registrant/core'
import * as profiles from '@registrant/core/profiles'

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

/** Milliseconds for one operation. */
const timeout = 40

/** Nobody has to wait for what is no option, and nobody can for what a `then` returns: this program rejected it itself. */
function own<T>(made: T): T {
  if (made instanceof Promise) made.catch(() => undefined)
  return made
}

/** Makes options, metadata, profiles and functions of a caller's own, of which a few are nonsense: all by its seed. */
export class Fuzzer {
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
      () => ({ [String(this.pick(['client_id', 'redirect_uris', '__proto__', 'keys', 'jwks', 'a']))]: deep() }),
      () => {
        const then = deep()
        // oxlint-disable-next-line no-thenable
        return { then: typeof then === 'function' ? (): unknown => own(Reflect.apply(then, undefined, [])) : then }
      },
      () => own(Promise.resolve(deep())),
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
      profile: () => this.profile(),
      preflight: () => this.pick(['warn', 'strict', 'off', this.nonsense()]),
      allowedOrigins: () => this.nonsense(),
      allowHttp: () => this.nonsense(),
      useMtlsEndpointAliases: () => this.nonsense(),
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
      overlap: () => this.nonsense(),
      keepSecret: () => this.nonsense(),
      keepManagementToken: () => this.nonsense(),
      trustRejections: () => this.nonsense(),
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

  /** One of a server that there is, of which a member or two are nonsense, or may be. */
  profile(): unknown {
    if (this.often(0.2)) return this.nonsense()
    const { advice, ...rest } = this.pick(Object.values<profiles.ServerProfile>(profiles)) ?? profiles.keycloak
    const more: Record<string, () => unknown> = {
      accepts: () => [this.nonsense()],
      advice: () => [{ status: 400, message: this.nonsense() }, this.nonsense()],
      aliases: () => ({ client_name: this.nonsense() }),
      cannot: () => ({ update: this.nonsense() }),
      managementUri: () => this.nonsense(),
      refuses: () => ({ scope: this.nonsense() }),
      registrationEndpoint: () => this.pick(['{issuer}', '{issuer}/register', 'register', this.nonsense()]),
      warns: () => this.nonsense(),
    }
    const names = Object.keys(more).filter(() => this.often(0.1))
    const spoilt = Object.fromEntries(names.map((name) => [name, more[name]?.()]))
    return { ...this.spoil({ advice, ...rest }, 0.05), ...spoilt }
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
