import type { Refusal, ServerBehaviour } from './behaviour.ts'
import type { Dice } from './dice.ts'
import { epoch } from './process.ts'

/** A request as it arrives. */
export interface Arriving {
  method: string
  url: URL
  headers: Headers
  body: string
}

/** An answer as it leaves. */
export interface Leaving {
  status: number
  headers: Record<string, string>
  body: string
  /** The client that this request made. */
  made?: string
}

/** A secret or a token, and when it ends for the server. */
interface Credential {
  value: string
  from: number
  until: number
}

/** One client, from its beginning to its end. */
export interface Client {
  id: string
  madeAt: number
  metadata: Record<string, unknown>
  secrets: Credential[]
  tokens: Credential[]
  /** Deleted by a DELETE. */
  deletedAt: number | undefined
  /** Gone without one: forgotten, restored from before it, deleted by an operator. */
  goneAt: number | undefined
  /** Switched off by an operator. */
  isDisabled: boolean
  /** When an operator took its management token. */
  tokenTakenAt: number | undefined
  /** When it begins to work at the token endpoint. */
  worksFrom: number
}

/** The issuer of the server in these worlds. */
export const issuer = 'https://as.example'

/** Where the client's own document lies. */
export const document = 'https://orders.example/client.json'

/** A scripted authorization server: what it knows, and what it answers. It is told the time and never waits. */
export class ScriptedServer {
  readonly behaviour: ServerBehaviour
  readonly #dice: Dice
  readonly #clients = new Map<string, Client>()
  /** Changes when its endpoints move. */
  version = 1
  #made = 0
  /** Whether it takes documents in place of a registration, at this moment. */
  takesDocuments = false
  /** A client that somebody registered by hand, with its secret. */
  readonly byHand: { client_id: string; client_secret: string }
  /** All secrets and tokens that it ever gave. */
  readonly issued = new Set<string>()

  constructor(behaviour: ServerBehaviour, dice: Dice) {
    this.behaviour = behaviour
    this.#dice = dice
    this.byHand = { client_id: 'by-hand', client_secret: `secret-${dice.fork('by hand').hex(24)}` }
    this.issued.add(this.byHand.client_secret)
  }

  get clients(): readonly Client[] {
    return [...this.#clients.values()]
  }

  client(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  /** Whether a client is known that nobody registered here. */
  isUnregistered(id: string): boolean {
    return id === this.byHand.client_id || (id === document && this.takesDocuments)
  }

  /** Whether a client is known now. */
  knows(id: string): boolean {
    if (this.isUnregistered(id)) return true
    const client = this.#clients.get(id)
    return client !== undefined && lives(client)
  }

  /** Whether a client can get tokens with this secret now. */
  accepts(id: string, secret: string | undefined, now: number): boolean {
    if (this.isUnregistered(id)) return id === document || secret === this.byHand.client_secret
    const client = this.#clients.get(id)
    if (client === undefined || !lives(client) || client.isDisabled || now < client.worksFrom) return false
    return !method(client).startsWith('client_secret')
      ? true
      : client.secrets.some((it) => it.value === secret && it.until > now)
  }

  metadata(): Record<string, unknown> {
    const path = this.version === 1 ? '' : `/v${this.version}`
    return {
      issuer,
      registration_endpoint: `${issuer}${path}/register`,
      token_endpoint: `${issuer}${path}/token`,
      client_id_metadata_document_supported: this.takesDocuments,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'none',
        'private_key_jwt',
        'tls_client_auth',
      ],
    }
  }

  answer(request: Arriving, now: number): Leaving {
    const { method, url } = request
    if (url.pathname.startsWith('/.well-known/'))
      return this.#say(200, now, this.metadata(), { 'cache-control': 'max-age=300' })
    const [, version, rest = ''] = /^(?:\/v(\d+))?(\/.*)$/.exec(url.pathname) ?? []
    const managed = /^\/register\/(.+)$/.exec(rest)?.[1]
    if (managed !== undefined) return this.#manage(request, decodeURIComponent(managed), now)
    if (Number(version ?? 1) !== this.version) return this.#say(404, now)
    if (rest === '/register' && method === 'POST') return this.#register(request, now)
    if (rest === '/token' && method === 'POST') return this.#token(request, now)
    return this.#say(404, now)
  }

  /** Forgets a client. */
  forget(client: Client, now: number): void {
    client.goneAt ??= now
  }

  /** An operator makes another secret. */
  makeSecret(client: Client, now: number): void {
    if (client.secrets.length > 0) this.#giveSecret(client, now, 0)
  }

  /** An operator ends the management token. */
  takeToken(client: Client, now: number): void {
    if (client.tokens.length === 0) return
    client.tokenTakenAt = now
    for (const token of client.tokens) token.until = Math.min(token.until, now)
  }

  #register({ body }: Arriving, now: number): Leaving {
    const metadata: unknown = JSON.parse(body)
    if (typeof metadata !== 'object' || metadata === null)
      return this.#refuse({ status: 400, error: 'invalid_client_metadata' }, now)
    const { givesSameClientId, isManaged, approvesAfter } = this.behaviour
    const known = givesSameClientId ? this.clients.find(lives) : undefined
    const client = known ?? this.#newClient(now, approvesAfter)
    client.metadata = { ...metadata }
    if (!method(client).startsWith('client_secret')) client.secrets = []
    else if (!client.secrets.some(({ until }) => until > now)) this.#giveSecret(client, now, 0)
    if (isManaged && client.tokens.length === 0) this.#giveToken(client, now)
    return { ...this.#tell(client, 201, now, 'POST'), made: client.id }
  }

  #newClient(now: number, approvesAfter: number | undefined): Client {
    const id = `client-${++this.#made}`
    const client: Client = {
      id,
      madeAt: now,
      metadata: {},
      secrets: [],
      tokens: [],
      deletedAt: undefined,
      goneAt: undefined,
      isDisabled: false,
      tokenTakenAt: undefined,
      worksFrom: approvesAfter === undefined ? now : now + approvesAfter,
    }
    this.#clients.set(id, client)
    return client
  }

  #manage({ method: verb, headers, body }: Arriving, id: string, now: number): Leaving {
    const {
      deniesManagementWith,
      nodesLearnAfter,
      cannotUpdate,
      cannotRead,
      cannotDelete,
      rotatesOnRead,
      rotatesOnUpdate,
    } = this.behaviour
    const client = this.#clients.get(id)
    const token = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    if (verb === 'PUT' && cannotUpdate !== undefined) return this.#refuse(cannotUpdate, now)
    if (verb === 'GET' && cannotRead !== undefined) return this.#refuse(cannotRead, now)
    if (verb === 'DELETE' && cannotDelete !== undefined) return this.#refuse(cannotDelete, now)
    if (client === undefined || !lives(client) || now < client.madeAt + nodesLearnAfter)
      return this.#refuse(deniesManagementWith, now)
    if (client.isDisabled || !client.tokens.some((it) => it.value === token && now < it.until))
      return this.#refuse(deniesManagementWith, now)
    if (verb === 'DELETE') {
      client.deletedAt = now
      return this.#say(204, now)
    }
    if (verb === 'PUT') {
      const metadata: unknown = JSON.parse(body)
      if (typeof metadata !== 'object' || metadata === null)
        return this.#refuse({ status: 400, error: 'invalid_client_metadata' }, now)
      const before = client.secrets.at(-1)
      this.#update(client, { ...metadata }, now)
      if (rotatesOnUpdate) this.#giveToken(client, now)
      return this.#tell(client, 200, now, 'PUT', client.secrets.at(-1) !== before)
    }
    if (rotatesOnRead) this.#giveToken(client, now)
    return this.#tell(client, 200, now, 'GET')
  }

  #update(client: Client, sent: Record<string, unknown>, now: number): void {
    const { client_id: _, client_secret: __, ...metadata } = sent
    const before = method(client)
    client.metadata = metadata
    const needsSecret = method(client).startsWith('client_secret')
    if (!needsSecret) client.secrets = []
    else if (!before.startsWith('client_secret')) {
      if (!this.behaviour.updateBringsNoSecret) this.#giveSecret(client, now, 0)
    } else if (this.behaviour.updateRenewsSecret) this.#giveSecret(client, now, this.behaviour.graceTime)
  }

  #token({ headers, body }: Arriving, now: number): Leaving {
    const form = new URLSearchParams(body)
    const basic = /^Basic (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    const [user, password] =
      basic === undefined
        ? []
        : atob(basic)
            .split(':')
            .map((part) => decodeURIComponent(part))
    const id = user ?? form.get('client_id') ?? ''
    const secret = password ?? form.get('client_secret') ?? undefined
    const client = this.#clients.get(id)
    const { deniesUnknownWith, deniesSecretWith, refusesCodeWith } = this.behaviour
    if (this.isUnregistered(id))
      return this.#refuse(this.accepts(id, secret, now) ? refusesCodeWith : deniesSecretWith, now)
    if (client === undefined || !lives(client) || client.isDisabled || now < client.worksFrom)
      return this.#refuse(deniesUnknownWith, now)
    // The manager's requests carry no certificate.
    const isProven = !method(client).includes('tls') && (form.has('client_assertion') || this.accepts(id, secret, now))
    return this.#refuse(isProven ? refusesCodeWith : deniesSecretWith, now)
  }

  #giveSecret(client: Client, now: number, grace: number): void {
    const { secretLife } = this.behaviour
    for (const secret of client.secrets) secret.until = Math.min(secret.until, now + grace)
    const value = `secret-${this.#dice.hex(24)}`
    this.issued.add(value)
    client.secrets.push({ value, from: now, until: secretLife === undefined ? Infinity : now + secretLife })
  }

  #giveToken(client: Client, now: number): void {
    for (const token of client.tokens) token.until = Math.min(token.until, now + this.behaviour.graceTime)
    const value = `token-${this.#dice.hex(24)}`
    this.issued.add(value)
    client.tokens.push({ value, from: now, until: Infinity })
  }

  #tell(client: Client, status: number, now: number, verb: 'POST' | 'PUT' | 'GET', isRenewed = false): Leaving {
    const { readShowsHash, hidesSecret, isManaged, secretLife, rotatesOnRead, rotatesOnUpdate } = this.behaviour
    const secret = client.secrets.at(-1)
    const token = client.tokens.at(-1)
    const isNew = verb === 'POST'
    const showsSecret = secret !== undefined && (isNew || isRenewed || !hidesSecret)
    return this.#say(status, now, {
      ...client.metadata,
      client_id: client.id,
      client_id_issued_at: seconds(client.madeAt),
      ...(showsSecret && {
        client_secret: readShowsHash && verb === 'GET' ? `{bcrypt}hash-of-${secret.value}` : secret.value,
        client_secret_expires_at: secretLife === undefined ? 0 : seconds(secret.until),
      }),
      ...(isManaged &&
        token !== undefined && {
          registration_client_uri: `${issuer}/register/${client.id}`,
          ...((isNew || rotatesOnRead || rotatesOnUpdate) && { registration_access_token: token.value }),
        }),
    })
  }

  #refuse({ status, error }: Refusal, now: number): Leaving {
    if (status >= 300 && status < 400) return this.#say(status, now, undefined, { location: `${issuer}/login` })
    return this.#say(status, now, error === undefined ? undefined : { error })
  }

  #say(status: number, now: number, body?: object, headers: Record<string, string> = {}): Leaving {
    return {
      status,
      headers: {
        ...(this.behaviour.tellsDate && { date: new Date(epoch + now).toUTCString() }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? '' : JSON.stringify(body),
    }
  }
}

const lives = ({ deletedAt, goneAt }: Client): boolean => deletedAt === undefined && goneAt === undefined

const seconds = (at: number): number => Math.floor((epoch + at) / 1000)

const method = ({ metadata }: Client): string => {
  const { token_endpoint_auth_method: said } = metadata
  return typeof said === 'string' ? said : 'client_secret_basic'
}
