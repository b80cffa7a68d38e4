import {
  clientCredentials,
  NotSupportedError,
  PolicyError,
  RegistrationClient,
  RegistrationError,
  ServerRefusedError,
  TransportError,
} from '@registrant/node'
import type { RegistrationEvent, RegistrationResponse } from '@registrant/node'
import { simpleIdServer } from '@registrant/node/profiles'

import { changes, metadata } from './code.ts'
import { recordExchanges } from './exchanges.ts'
import type { Step } from './report.ts'
import { Report } from './report.ts'
import { learnSecret } from './secrets.ts'
import type { Settings } from './settings.ts'
import { complain, notable, say } from './terminal.ts'

/** Who registers where; the secret is that of the client that pays. */
export type Journey = Settings & { issuer: string; clientSecret: string | undefined }

/** Token, register, read, update, delete at one server, printed as they happen. */
export class Walk {
  readonly report = new Report()
  readonly #recorded = recordExchanges()
  /** Sentences, and the members that they are about; each is told once. */
  readonly #noticed = new Map<string, string[]>()
  readonly #told = new Set<string>()
  readonly #journey: Journey
  readonly #client: RegistrationClient
  #failed = false

  constructor(journey: Journey) {
    const { issuer, clientId, clientSecret, scope, authentication, profile } = journey
    const paid = clientId !== undefined && clientSecret !== undefined
    learnSecret(clientSecret ?? '')
    this.#journey = journey
    this.#client = new RegistrationClient({
      issuer,
      accessToken: paid ? clientCredentials({ clientId, clientSecret, scope, authentication }) : undefined,
      profile: profile && simpleIdServer,
      fetch: this.#recorded.fetch,
      onEvent: (event) => this.#notice(event),
    })
  }

  /** `true` when all of it went as it should. What was registered is deleted, whatever happens in between. */
  async run(): Promise<boolean> {
    const client = this.#client
    await this.#step('discover', () => client.discover())
    if (this.#failed) return false
    const registered = await this.#step('register', () => client.register(metadata))
    if (registered === undefined) return false
    if (registered.registration_access_token === undefined) return this.#unmanaged(registered)
    const read = await this.#step('read', () => client.read(registered))
    const updated = read && (await this.#step('update', () => client.update(read, changes)))
    await this.#delete(updated ?? read ?? registered)
    return !this.#failed
  }

  #unmanaged({ client_id }: RegistrationResponse): false {
    complain(
      `The server gives no token to manage the client with, so it can't be read, updated or deleted from here: ${client_id} stays, remove it at the server.`,
    )
    return false
  }

  async #delete(current: RegistrationResponse): Promise<void> {
    const deleted = await this.#step('delete', async () => {
      await this.#client.delete(current)
      return true
    })
    if (deleted === undefined)
      complain(`The client ${current.client_id} still exists at the server, as far as we know.`)
  }

  /** Does one step and prints what travelled; `undefined` when it failed. */
  async #step<T>(step: Step, act: () => Promise<T>): Promise<T | undefined> {
    let error: unknown
    const result = await act().catch((thrown: unknown) => void (error = thrown))
    this.report.exchanges(step, this.#recorded.take())
    this.report.heading(step)
    this.#sayNoticed()
    if (error !== undefined) await this.#fail(step, error)
    return result ?? undefined
  }

  async #fail(step: Step, error: unknown): Promise<void> {
    if (!(error instanceof RegistrationError)) throw error
    if (error instanceof NotSupportedError && error.code === 'unsupported' && step === 'update') {
      return say(`   ${notable('refused, before anything was sent:')} ${error.message}`)
    }
    this.#failed = true
    complain([error.message, this.#hint(step, error)].filter(Boolean).join(' '))
    if (step === 'register' && error instanceof PolicyError && error.registration)
      await this.#delete(error.registration)
  }

  /** What the error can't know: how this program is told. */
  #hint(step: Step, error: RegistrationError): string | undefined {
    const { clientId, profile } = this.#journey
    if (error instanceof TransportError && step === 'discover')
      return 'Is the server running, and is its address spelled right?'
    if (!(error instanceof ServerRefusedError)) return undefined
    if (step === 'register' && error.error === 'invalid_client')
      return 'Here these are --client-id, REGISTRANT_CLIENT_SECRET and --authentication.'
    if (step === 'register' && error.status === 401 && clientId === undefined)
      return 'Not everybody may register there: name a client that may with --client-id.'
    if (step === 'read' && profile === undefined && error.status >= 404)
      return 'If this is SimpleIdServer, say --profile simpleIdServer: its addresses need correcting.'
    return undefined
  }

  #notice(event: RegistrationEvent): void {
    const noticed = event.type === 'deviation' ? event.deviation : event.type === 'finding' ? event.finding : undefined
    if (noticed === undefined) return
    const { member = '', message } = noticed
    if (this.#told.has(`${member} ${message}`)) return
    this.#told.add(`${member} ${message}`)
    this.#noticed.set(message, [...(this.#noticed.get(message) ?? []), member])
  }

  #sayNoticed(): void {
    for (const [sentence, members] of this.#noticed)
      say(`   ${notable('noticed')} ${[members.filter(Boolean).join(', '), sentence].filter(Boolean).join(': ')}`)
    this.#noticed.clear()
  }
}
