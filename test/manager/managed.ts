import { clientCredentials, memoryStore, RegistrationManager } from '@registrant/core'
import type { ManagerOptions, RegistrationEvent, RegistrationStore } from '@registrant/core'
import type { Answer, Registrar, ScriptedRequest, Scripts, TestServer } from '@registrant/test/servers'

import { keepIn } from '../support/dump.ts'

/** What the programs of these tests declare. */
export const metadata = { redirect_uris: [], grant_types: ['client_credentials'], response_types: [], scope: 'orders' }

/** A manager with its events; the server's registrar pays for its registrations. */
export interface Managed {
  manager: RegistrationManager
  events: RegistrationEvent[]
  /** The types of its events, without those of requests, findings and deviations. */
  told: () => string[]
}

/** A program that starts: its own manager, over a store that it may share with others. */
export function start(
  server: TestServer & { readonly registrar: Registrar },
  store: RegistrationStore,
  options: Partial<ManagerOptions> = {},
): Managed {
  const events: RegistrationEvent[] = []
  const { server: _server, issuer = server.issuer, ...rest } = options
  const manager = new RegistrationManager({
    issuer,
    accessToken: clientCredentials({ ...server.registrar, authentication: 'client_secret_post' }),
    application: 'orders',
    metadata,
    store,
    timeout: 1500,
    lease: 6500,
    onEvent: keepIn(events),
    ...rest,
  })
  const quiet = new Set(['request', 'finding', 'deviation'])
  return { manager, events, told: () => events.map(({ type }) => type).filter((type) => !quiet.has(type)) }
}

/** A server where an access token manages clients: its token has ended, and its token endpoint says the same of any client. */
export const payer = {
  profile: { name: 'by access token', managementAuthorization: 'access-token' },
  ended: {
    read: { status: 401, body: { error: 'invalid_token' } },
    update: { status: 401, body: { error: 'invalid_token' } },
    delete: { status: 401, body: { error: 'invalid_token' } },
    token: { status: 400, body: { error: 'invalid_grant' } },
  },
} as const

/** What a store holds for the one identity of these tests, as text. */
export interface Peeked {
  value: string
  record: Record<string, unknown>
}

/** A store for one process whose content a test can look at and change, and whose methods it can break. */
export class OpenStore implements RegistrationStore {
  #inner = memoryStore()
  #key: string | undefined
  /** Runs before each save; may throw instead of the store. */
  beforeSave: ((value: string) => void | Promise<void>) | undefined
  /** Runs after each save; may throw although it has happened. */
  afterSave: ((value: string) => void | Promise<void>) | undefined
  /** Runs before each load; may throw instead of the store. */
  beforeLoad: (() => void | Promise<void>) | undefined
  saves = 0

  async load(key: string): ReturnType<RegistrationStore['load']> {
    this.#key = key
    await this.beforeLoad?.()
    return this.#inner.load(key)
  }

  async save(key: string, value: string, expected: string | undefined): ReturnType<RegistrationStore['save']> {
    this.#key = key
    await this.beforeSave?.(value)
    const saved = await this.#inner.save(key, value, expected)
    this.saves++
    await this.afterSave?.(value)
    return saved
  }

  /** Forgets everything, as a store without a disk does. */
  lose(): void {
    this.#inner = memoryStore()
  }

  async peek(): Promise<Peeked> {
    const stored = await this.#inner.load(this.#key ?? '')
    if (stored === undefined) throw new Error('nothing is stored')
    return { value: stored.value, record: JSON.parse(stored.value) }
  }

  /** Saves a later record above this one, as another process would that announces nothing. */
  overtake(record: Record<string, unknown>, more: object = {}): Promise<void> {
    const revision = Number(record['revision']) + 10
    return this.overwrite({ ...record, revision, writeId: 'another', intent: undefined, ...more })
  }

  /** Saves as another process would: the text as it is, or the record with these members. */
  async overwrite(replacement: string | Record<string, unknown>): Promise<void> {
    const key = this.#key ?? ''
    const stored = await this.#inner.load(key)
    const text =
      typeof replacement === 'string'
        ? replacement
        : JSON.stringify({ ...JSON.parse(stored?.value ?? '{}'), ...replacement })
    await this.#inner.save(key, text, stored?.version)
  }
}

/** Holds back the acknowledgement of the first save with such a text until the test opens it; `made`: the store has the text. */
export function holdBack(store: OpenStore, text: string): Gate & { made: Promise<void> } {
  const [made, acknowledged] = [gate(), gate()]
  store.afterSave = async (value) => {
    if (!value.includes(text)) return
    store.afterSave = undefined
    made.open()
    await acknowledged.opened
  }
  return { ...acknowledged, made: made.opened }
}

/** Something to wait for that a test opens by hand. */
export interface Gate {
  opened: Promise<void>
  open: () => void
}

export function gate(): Gate {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

/** Steps of a server that shows of a client neither how it authenticates nor, once it is registered, its secret. */
export function sayingLittle(): Pick<Scripts, 'register' | 'read' | 'update'> {
  const without =
    (...left: string[]) =>
    (_: ScriptedRequest, usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      return { ...answer, body: { ...Object(body), ...Object.fromEntries(left.map((member) => [member, undefined])) } }
    }
  const method = 'token_endpoint_auth_method'
  const little = without(method, 'client_secret', 'client_secret_expires_at')
  return { register: without(method), read: little, update: little }
}

/** A step of a server that acts when the gate is opened. */
export const actsLate =
  ({ opened }: Gate) =>
  async (_: ScriptedRequest, usual: () => Answer): Promise<Answer> => {
    await opened
    return usual()
  }

/** A step of a server that acts at once, and answers when the gate is opened. */
export const answersLate =
  ({ opened }: Gate) =>
  async (_: ScriptedRequest, usual: () => Answer): Promise<Answer> => {
    const answer = usual()
    await opened
    return answer
  }
