import type { ServerAnswer, ServerBehaviour } from './server-behaviour.ts'

/** What arrived at an imitated server. */
export interface Arrived {
  readonly operation: string
  readonly headers: Headers
  readonly body: string
}

type Client = Record<string, unknown> & { client_id: string }
type ServerOperation = 'register' | 'read' | 'update' | 'delete'

/** A server in this process that does what a behaviour says; its network is the `fetch` that a client is given. */
export class ImitatedServer {
  readonly issuer: string = 'https://server.example'
  readonly endpoint: string
  readonly tokenEndpoint: string = 'https://server.example/token'
  readonly clients: Map<string, Client> = new Map()
  readonly arrived: Arrived[] = []
  /** Answers the next request of that operation, in place of the behaviour. */
  readonly next: Map<string, ServerAnswer> = new Map()
  /** Answers every request of that operation, unless `next` does. */
  readonly always: Map<string, ServerAnswer> = new Map()
  /** Access tokens that register. */
  readonly tokens: Set<string> = new Set()
  readonly #behaviour: ServerBehaviour
  #count = 0

  constructor(behaviour: ServerBehaviour) {
    this.#behaviour = behaviour
    this.endpoint = this.issuer + (behaviour.registration?.path ?? '/register')
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    return this.#answer(request, await request.text())
  }

  /** A fresh access token that registers. */
  issue(): string {
    const token = `access-token-${++this.#count}`
    this.tokens.add(token)
    return token
  }

  count(operation: string): number {
    return this.arrived.filter((it) => it.operation === operation).length
  }

  async #answer({ method, url, headers }: Request, body: string): Promise<Response> {
    const operation = this.#operationOf(method, url)
    this.arrived.push({ operation, headers, body })
    const next = this.next.get(operation) ?? this.always.get(operation)
    this.next.delete(operation)
    if (next !== undefined) return say(next)
    if (operation === 'discovery') return this.#metadata()
    if (operation === 'token') return this.#token(headers, new URLSearchParams(body))
    if (operation === 'register') return this.#register(headers, body)
    const client = this.clients.get(decodeURIComponent(url.split('/').at(-1) ?? ''))
    if (client === undefined || !this.#mayManage(client, headers)) return say({ status: 401, error: 'invalid_token' })
    if (operation === 'read') return this.#say(client, 'read', 200)
    if (operation === 'update') return this.#update(client, body)
    if (operation !== 'delete') return say({ status: 404 })
    this.clients.delete(client.client_id)
    return new Response(null, { status: 204 })
  }

  #operationOf(method: string, url: string): ServerOperation | 'discovery' | 'token' | 'nothing' {
    if (url === `${this.issuer}/.well-known/openid-configuration`) return 'discovery'
    if (url === this.tokenEndpoint) return 'token'
    if (url === this.endpoint) return method === 'POST' ? 'register' : 'nothing'
    if (!url.startsWith(`${this.endpoint}/`)) return 'nothing'
    const verbs: Record<string, ServerOperation> = { GET: 'read', PUT: 'update', DELETE: 'delete' }
    return verbs[method] ?? 'nothing'
  }

  #metadata(): Response {
    const isAnnounced = this.#behaviour.registration?.announced !== false
    return json(200, {
      issuer: this.issuer,
      token_endpoint: this.tokenEndpoint,
      ...(isAnnounced && { registration_endpoint: this.endpoint }),
    })
  }

  #register(headers: Headers, body: string): Response {
    const { access, management } = this.#behaviour
    if (access !== undefined && !this.#mayRegister(headers)) return say(access.refused)
    const asked: Record<string, unknown> = JSON.parse(body)
    const fault = this.#fault(asked)
    if (fault !== undefined) return say(fault)
    const client_id = `client-${++this.#count}`
    const client: Client = { ...this.#kept(asked), client_id }
    const method = client['token_endpoint_auth_method'] ?? 'client_secret_basic'
    if (typeof method === 'string' && method.startsWith('client_secret'))
      Object.assign(client, { client_secret: `secret of ${client_id}/+%`, client_secret_expires_at: 0 })
    if (management?.by !== 'none') {
      const address = management?.addressIsWrong === true ? this.issuer : this.endpoint
      client['registration_client_uri'] = `${address}/${client_id}`
      if (management?.by !== 'access-token') client['registration_access_token'] = `management-${++this.#count}`
    }
    this.clients.set(client_id, client)
    return this.#say(client, 'register', 201)
  }

  #mayRegister(headers: Headers): boolean {
    const { singleUse, bearerOnly } = this.#behaviour.access ?? {}
    const [, scheme, token = ''] = /^(Bearer|DPoP) (.*)$/.exec(headers.get('authorization') ?? '') ?? []
    if (!this.tokens.has(token) || (bearerOnly === true && scheme !== 'Bearer')) return false
    if (singleUse === true) this.tokens.delete(token)
    return true
  }

  #mayManage(client: Client, headers: Headers): boolean {
    const token = headers.get('authorization')?.replace(/^Bearer /, '') ?? ''
    if (this.#behaviour.management?.by === 'access-token') return this.tokens.has(token)
    return token === client['registration_access_token']
  }

  #update(client: Client, body: string): Response {
    const lacking = this.#behaviour.management?.lacks?.update
    if (lacking !== undefined) return say(lacking)
    const asked: Record<string, unknown> = JSON.parse(body)
    const fault = this.#fault(asked)
    if (fault !== undefined) return say(fault)
    const keeps = this.#behaviour.keepsLeftOut === true
    for (const member of Object.keys(client)) {
      const isLeftOut = !isSecretMember(member) && (keeps ? isBlank(asked[member]) : true)
      if (isLeftOut) delete client[member]
    }
    Object.assign(client, this.#kept(asked))
    return this.#say(client, 'update', 200)
  }

  /** The answer to a request with a fault; `undefined`: it has none. */
  #fault(asked: Record<string, unknown>): ServerAnswer | undefined {
    const { others, refuses = [] } = this.#behaviour
    for (const [member, value] of Object.entries(asked)) {
      if (refuses.some((key) => isNamed(key, member, value))) return { status: 400, error: 'invalid_client_metadata' }
      if (member === 'client_id' || this.#knows(member) || others === 'ignored') continue
      if (others === 'refused') return { status: 400, error: 'invalid_client_metadata' }
      if (typeof value !== 'string') return { status: 500 }
    }
    return undefined
  }

  #knows(member: string): boolean {
    const { takes, knows, alters = [], names = {} } = this.#behaviour
    if (Object.hasOwn(names, member)) return false
    const name = member.replace(/#.*/, '#')
    return [...Object.keys(takes), ...knows, ...alters.map((key) => key.replace(/=.*/, ''))].includes(name)
  }

  #kept(asked: Record<string, unknown>): Record<string, unknown> {
    const { alters = [] } = this.#behaviour
    const isKept = ([member, value]: [string, unknown]): boolean =>
      this.#knows(member) && !isBlank(value) && !alters.some((key) => isNamed(key, member, value))
    return Object.fromEntries(Object.entries(asked).filter(isKept))
  }

  #say(client: Client, operation: 'register' | 'read' | 'update', status: number): Response {
    const { derives = {}, management } = this.#behaviour
    const lacking = operation === 'read' ? management?.lacks?.read : undefined
    if (lacking !== undefined) return say(lacking)
    if (operation !== 'register' && management?.rotates?.includes(operation) === true)
      client['registration_access_token'] = `management-${++this.#count}`
    const worked = Object.entries(derives).map(
      ([member, it]) => [member, 'from' in it ? client[it.from] : it.value] as const,
    )
    const said: Record<string, unknown> = { ...Object.fromEntries(worked), ...client }
    if (operation === 'read' && management?.showsHash === true) said['client_secret'] = '{bcrypt}$2a$10$hash'
    return json(status, said)
  }

  #token(headers: Headers, form: URLSearchParams): Response {
    const { known, unknown, wrongSecret = unknown, basicIsRaw, audience } = this.#behaviour.token
    const basic = /^Basic (.*)$/.exec(headers.get('authorization') ?? '')?.[1]
    const parts = basic === undefined ? [] : (/^([^:]*):(.*)$/.exec(atob(basic))?.slice(1) ?? [])
    const [id, secret] =
      basicIsRaw === true ? parts : parts.map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    const assertion = claimsOf(form.get('client_assertion'))
    const client = this.clients.get(id ?? form.get('client_id') ?? String(assertion['sub']))
    if (client === undefined) return say(unknown)
    const wanted = audience === 'token_endpoint' ? this.tokenEndpoint : this.issuer
    const isProven = form.has('client_assertion')
      ? [assertion['aud']].flat().includes(wanted)
      : client['client_secret'] === undefined || client['client_secret'] === (secret ?? form.get('client_secret'))
    return say(isProven ? known : wrongSecret)
  }
}

/** Whether `member` or `member=value` means this member with this value. */
function isNamed(key: string, member: string, value: unknown): boolean {
  const [name, wanted] = key.split('=')
  return name === member && (wanted === undefined || [value].flat().map(String).includes(wanted))
}

const isSecretMember = (member: string): boolean =>
  /^(?:client_id|client_secret|client_secret_expires_at|registration_access_token|registration_client_uri)$/.test(
    member,
  )

const isBlank = (value: unknown): boolean =>
  value === '' || value === false || value === null || (Array.isArray(value) && value.length === 0)

function claimsOf(jwt: string | null): Record<string, unknown> {
  const [, payload] = jwt?.split('.') ?? []
  return payload === undefined ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString())
}

const say = ({ status, error }: ServerAnswer): Response =>
  error === undefined ? new Response(null, { status }) : json(status, { error })

const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
