import { STATUS_CODES } from 'node:http'
import { isDeepStrictEqual } from 'node:util'

import type { ServerProfile } from '@registrant/node/profiles'

import { knownTo } from './advice.ts'
import type { Exchange } from './exchanges.ts'
import { isSecret, learnSecretsOf, redacted } from './secrets.ts'
import { bad, good, quiet, say, sayRows, shown, strong } from './terminal.ts'

export type Step = 'discover' | 'token' | 'register' | 'read' | 'update' | 'delete'

const headings: Record<Step, [title: string, explanation: string]> = {
  discover: ['Find the endpoints', 'The server says itself where it registers clients (RFC 8414).'],
  token: ['Get an access token', 'Not everybody may register: this token pays for it (RFC 6749 section 4.4).'],
  register: ['Register', 'What the client is goes in; what it got comes out (RFC 7591).'],
  read: ['Read', 'The registration has an address and a token of its own (RFC 7592 section 2.1).'],
  update: ['Update', 'All of it is sent, with one member changed (RFC 7592 section 2.2).'],
  delete: ['Delete', 'Nothing is left behind (RFC 7592 section 2.3).'],
}

/** What a person wants to see of an answer; the rest is counted. */
const telling: Partial<Record<Step, readonly string[]>> = {
  discover: ['issuer', 'registration_endpoint', 'token_endpoint'],
  register: [
    'client_id',
    'client_secret',
    'client_secret_expires_at',
    'registration_access_token',
    'registration_client_uri',
    'token_endpoint_auth_method',
    'grant_types',
    'response_types',
    'redirect_uris',
    'scope',
  ],
}

/** Prints the steps of a walk as they happen. */
export class Report {
  #last: Step | undefined
  #number = 0
  #requests = 0
  #ms = 0
  /** What the server last said of the client. */
  #current: Record<string, unknown> = {}
  readonly #profile: ServerProfile | undefined

  constructor(profile?: ServerProfile) {
    this.#profile = profile
  }

  /** How many requests there were, and how long they took together. */
  get sum(): string {
    return `${this.#requests} requests, ${duration(this.#ms)}`
  }

  heading(step: Step): void {
    if (this.#last === step) return
    this.#last = step
    this.#number++
    const [title, explanation] = headings[step]
    say()
    say(`${strong(`${this.#number}  ${title}`)}  ${quiet(explanation)}`)
  }

  /** Prints what travelled in one step; a token request is a step of its own. */
  exchanges(step: Step, exchanges: readonly Exchange[]): void {
    exchanges.forEach(learnSecretsOf)
    for (const [index, exchange] of exchanges.entries()) {
      const part = exchange.isForm ? 'token' : step
      this.heading(part)
      this.#requests++
      this.#ms += exchange.ms
      if (isRepeated(exchange, exchanges[index - 1])) say(`   ← ${bad('no answer')} again`)
      else {
        this.#request(exchange)
        this.#answer(part, exchange)
      }
    }
  }

  #request({ method, url, authorization, sent }: Exchange): void {
    const isAsBefore = (member: string): boolean =>
      method === 'PUT' && member in this.#current && isDeepStrictEqual(sent[member], this.#current[member])
    const members = Object.keys(sent)
    const news = members.filter((member) => !isAsBefore(member))
    say(`   → ${strong(method)} ${url}`)
    sayRows([
      ...(authorization === undefined ? [] : [['authorization', hidden(authorization)] as const]),
      ...news.map((member) => [member, shown(member, sent[member])] as const),
    ])
    if (news.length < members.length) say(quiet(`     and ${counted(members.length - news.length)} as before`))
  }

  #answer(step: Step, { status, answered, ms }: Exchange): void {
    if (status === undefined) return say(`   ← ${bad('no answer')}`)
    const success = status >= 200 && status < 300
    const line = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
    say(`   ← ${success ? good(line) : bad(line)} ${quiet(`after ${duration(ms)}`)}`)
    if (success && (step === 'read' || step === 'update')) this.#difference(step, answered)
    else this.#members(answered, (success && telling[step]) || Object.keys(answered).slice(0, 6))
    // Of a secret that a read shows as a hash the one that was issued is what counts.
    const { client_secret } = this.#current
    const kept = step === 'read' && client_secret !== undefined ? { client_secret } : {}
    if (success && step !== 'discover' && step !== 'token') this.#current = { ...answered, ...kept }
  }

  #members(answered: Record<string, unknown>, names: readonly string[]): void {
    const present = names.filter((name) => name in answered)
    sayRows(present.map((name) => [name, shown(name, answered[name])]))
    const more = Object.keys(answered).length - present.length
    if (more > 0) say(quiet(`     and ${counted(more)} more`))
  }

  /** What the server says now and did not say before. */
  #difference(step: 'read' | 'update', answered: Record<string, unknown>): void {
    const members = new Set([...Object.keys(this.#current), ...Object.keys(answered)])
    const changed = [...members].filter((member) => !isDeepStrictEqual(this.#current[member], answered[member]))
    const same = members.size - changed.length
    say(quiet(`     ${counted(same)} as before${changed.length > 0 ? ', and' : ''}`))
    sayRows(changed.map((member) => [member, this.#change(step, member, answered[member])]))
  }

  #change(step: 'read' | 'update', member: string, now: unknown): string {
    const before = this.#current[member]
    // A read changes no secret: what it shows for one may be what the server keeps of it, and nobody can log in with that.
    if (step === 'read' && member === 'client_secret' && now !== undefined && before !== undefined)
      return this.#profile?.readSecretIsHashed === true
        ? `${redacted}, its hash: the secret that was issued stays`
        : `${redacted}, not as it was issued: another one, or its hash. ${knownTo((it) => it.readSecretIsHashed) ?? ''}`
    return change(member, before, now)
  }
}

const isRepeated = ({ method, url, status }: Exchange, before: Exchange | undefined): boolean =>
  status === undefined && before?.status === undefined && before?.method === method && before.url === url

function change(member: string, before: unknown, now: unknown): string {
  if (now === undefined) return 'not told this time'
  if (before === undefined) return shown(member, now)
  return isSecret(member)
    ? `${redacted}, a new one: the old one is dead`
    : `${shown(member, before)} → ${shown(member, now)}`
}

const counted = (members: number): string => (members === 1 ? '1 member' : `${members} members`)

const hidden = (authorization: string): string => `${authorization.split(' ')[0] ?? ''} ${redacted}`

const duration = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
