import {
  clientCredentials,
  InvalidRequestError,
  NotSupportedError,
  PolicyError,
  RegistrationClient,
  RegistrationError,
} from '@registrant/node'
import type { RegistrationEvent, RegistrationResponse } from '@registrant/node'

import { hint, lookalike } from './advice.ts'
import { changesOf, profileOf, usual } from './code.ts'
import { recordExchanges } from './exchanges.ts'
import type { Step } from './report.ts'
import { Report } from './report.ts'
import { learnSecret } from './secrets.ts'
import type { Settings } from './settings.ts'
import { complain, notable, say } from './terminal.ts'

/** Who registers where; the secret is that of the client that pays. */
export type Journey = Settings & { issuer: string; clientSecret: string | undefined }

interface Noticed {
  member?: string | undefined
  message: string
}

/** What a server gives. */
const given = /^(?:client_id|client_secret|registration_)/

/** Token, register, read, update, delete at one server, printed as they happen. */
export class Walk {
  readonly report: Report
  readonly #recorded = recordExchanges()
  /** Sentences, and the members that they are about; each is told once. */
  readonly #noticed = new Map<string, string[]>()
  readonly #told = new Set<string>()
  readonly #journey: Journey
  readonly #client: RegistrationClient
  #failed = false
  /** Whether it is about a client by now, and not about the server alone. */
  #registering = false

  constructor(journey: Journey) {
    const { issuer, clientId, clientSecret, scope, authentication, initialAccessToken } = journey
    const paid = clientId !== undefined && clientSecret !== undefined
    learnSecret(clientSecret ?? '')
    learnSecret(initialAccessToken ?? '')
    this.#journey = journey
    this.report = new Report(profileOf(journey))
    this.#client = new RegistrationClient({
      issuer,
      accessToken: paid ? clientCredentials({ clientId, clientSecret, scope, authentication }) : initialAccessToken,
      profile: profileOf(journey),
      fetch: this.#recorded.fetch,
      onEvent: (event) => this.#notice(event),
    })
  }

  /** `true` when all of it went as it should. What was registered is deleted, whatever happens in between. */
  async run(): Promise<boolean> {
    const client = this.#client
    const { metadata = usual } = this.#journey
    const server = await this.#step('discover', () => client.discover())
    if (server === undefined) return false
    const looks = lookalike(server, this.#journey)
    if (looks !== undefined) say(`   ${notable('noticed')} ${looks}`)
    this.#registering = true
    const registered = await this.#step('register', () => client.register(metadata))
    if (registered === undefined) return false
    const { managementAuthorization } = profileOf(this.#journey) ?? {}
    if (registered.registration_access_token === undefined && managementAuthorization !== 'access-token')
      return this.#unmanaged(registered)
    const read = await this.#step('read', () => client.read(registered))
    if (this.#failed) return this.#delete(registered)
    const current = read ?? registered
    const updated = await this.#step('update', () => client.update(current, changesOf(metadata)))
    return this.#delete(updated ?? current)
  }

  #unmanaged({ client_id }: RegistrationResponse): false {
    complain(
      `The server gives no token to manage the client with, so it can't be read, updated or deleted from here: ${client_id} stays, remove it at the server.`,
    )
    return false
  }

  /** `true` when this and all before went as it should. */
  async #delete(current: RegistrationResponse): Promise<boolean> {
    const deleted = await this.#step('delete', async () => {
      await this.#client.delete(current)
      return true
    })
    if (deleted === undefined) {
      this.#failed = true
      complain(`The client ${current.client_id} still exists at the server, as far as we know.`)
    }
    return !this.#failed
  }

  /** Does one step and prints what travelled; `undefined` when it failed. */
  async #step<T>(step: Step, act: () => Promise<T>): Promise<T | undefined> {
    let error: unknown
    const result = await act().catch((thrown: unknown) => void (error = thrown))
    const exchanges = this.#recorded.take()
    this.report.exchanges(step, exchanges)
    // Without the token that pays for it a registration was not begun; but what the request itself is refused for is its own.
    const isPaid = this.#journey.clientId === undefined || exchanges.some(({ isForm }) => !isForm)
    const isBegun = step !== 'register' || isPaid || error === undefined || error instanceof InvalidRequestError
    this.report.heading(isBegun ? step : 'token')
    this.#sayNoticed()
    if (error !== undefined) await this.#fail(step, error)
    return result ?? undefined
  }

  async #fail(step: Step, error: unknown): Promise<void> {
    if (!(error instanceof RegistrationError)) throw error
    if (error instanceof NotSupportedError && error.code === 'unsupported' && step !== 'register') {
      return say(`   ${notable('refused, before anything was sent:')} ${error.message}`)
    }
    this.#failed = true
    complain([error.message, hint(step, error, this.#journey)].filter(Boolean).join(' '))
    if (step === 'register' && error instanceof PolicyError && error.registration)
      await this.#delete(error.registration)
  }

  #notice(event: RegistrationEvent): void {
    const noticed = event.type === 'deviation' ? event.deviation : event.type === 'finding' ? event.finding : undefined
    if (noticed === undefined) return
    const said = this.#concerning(noticed)
    if (said === undefined) return
    const { member = '', message } = said
    if (this.#told.has(`${member} ${message}`)) return
    this.#told.add(`${member} ${message}`)
    this.#noticed.set(message, [...(this.#noticed.get(message) ?? []), member])
  }

  /** What it says of the server, of a member that was set, or of what is the server's to give; `undefined`: nothing. */
  #concerning({ member = '', message }: Noticed): Noticed | undefined {
    const { metadata = usual } = this.#journey
    const set = this.#registering ? { ...metadata, ...changesOf(metadata) } : undefined
    const isOurs = (name: string): boolean =>
      set === undefined || name === '' || Object.hasOwn(set, name.replace(/#.*/, '')) || given.test(name)
    const names = member.split(', ').filter(isOurs)
    if (names.length === 0) return undefined
    const told = names.join(', ')
    return { member: told, message: told === member ? message : message.replace(`: ${member}.`, '.') }
  }

  #sayNoticed(): void {
    for (const [sentence, members] of this.#noticed)
      say(`   ${notable('noticed')} ${[members.filter(Boolean).join(', '), sentence].filter(Boolean).join(': ')}`)
    this.#noticed.clear()
  }
}
