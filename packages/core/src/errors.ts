import type { Finding } from './model/finding.ts'
import type { RegistrationResponse } from './model/registration.ts'

/**
 * What is known of the server's state when a call fails.
 *
 * `not-sent`: nothing reached the endpoint that the call is about, so nothing changed there. `refused`: the server
 * answered and declined. `unknown`: the request left and no usable answer came back, so the server may have acted.
 * `accepted`: the server said that it acted, and the answer could not be used.
 */
export type Outcome = 'not-sent' | 'refused' | 'unknown' | 'accepted'

/** What every error of ours is made of. */
export interface ErrorDetails {
  /** What is known of the server's state. */
  outcome: Outcome
  /** The address that the failing request went to, without its query. */
  endpoint?: string | undefined
  /** The original; never a Request, a Response or an options object. */
  cause?: unknown
}

/**
 * The class of everything that this package throws; `code` and `name` are literals that survive a minifier.
 *
 * No message and no enumerable property of it holds a secret, and `JSON.stringify` shows an allow-list.
 */
export abstract class RegistrationError extends Error {
  /** What happened, in kebab-case; never equal to an OAuth error code. */
  abstract readonly code: string
  /** What is known of the server's state: may it have acted? */
  readonly outcome: Outcome
  /** The address that the failing request went to, without its query. */
  declare readonly endpoint?: string

  constructor(message: string, { outcome, endpoint, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.outcome = outcome
    if (endpoint !== undefined) this.endpoint = endpoint
  }

  /** The members that are safe to log; `cause`, bodies and registrations are not among them. */
  toJSON(): object {
    const { name, code, message, outcome } = this
    return { name, code, message, outcome, ...own(this, ['endpoint', ...this.shown()]) }
  }

  /** The further members of a subclass that are safe to log. */
  protected shown(): readonly string[] {
    return []
  }
}

const own = (error: object, members: readonly string[]): object =>
  Object.fromEntries(Object.entries(error).filter(([member]) => members.includes(member)))

/** Keeps a member off every print: not enumerable, so neither `JSON.stringify` nor `util.inspect` shows it. */
const hide = (error: object, member: string, value: unknown): void => {
  if (value !== undefined) Object.defineProperty(error, member, { value, enumerable: false })
}

/** The request breaks rules of the specifications or of the server's profile; nothing was sent, all findings are listed. */
export class InvalidRequestError extends RegistrationError {
  override readonly name = 'InvalidRequestError'
  readonly code = 'invalid-request'
  /** Every rule that the request breaks. */
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[], details?: { endpoint?: string | undefined }) {
    const rules = findings.map(({ member, rule, message }) => `${member}: ${message} (${rule})`)
    super(`The request was not sent: ${rules.join('; ')}`, { outcome: 'not-sent', ...details })
    this.findings = findings
  }

  protected override shown(): readonly string[] {
    return ['findings']
  }
}

/** No usable answer: the server was not reached, the connection broke, or time ran out; `outcome` says which is possible. */
export class TransportError extends RegistrationError {
  override readonly name = 'TransportError'
  readonly code = 'transport'
}

/** What a server said when it refused. */
export interface Refusal extends ErrorDetails {
  status: number
  error?: string | undefined
  errorDescription?: string | undefined
  retryAfter?: number | undefined
}

/**
 * The server answered with a status from 400 up (RFC 7591 section 3.2.2, RFC 6749 section 5.2).
 *
 * The outcome is `refused` below 500. From 500 up it is `unknown`: servers exist that answer 500 and have acted.
 */
export class ServerRefusedError extends RegistrationError {
  override readonly name = 'ServerRefusedError'
  readonly code = 'server-refused'
  /** The HTTP status. */
  readonly status: number
  /** The server's error code, if it gave one; secrets struck out, escaped, at most 256 characters. */
  declare readonly error?: string
  /** The server's own sentence for a person, if it gave one; secrets struck out, escaped, at most 256 characters. */
  declare readonly errorDescription?: string
  /** How long the server asks to be left alone (`Retry-After`), in milliseconds. */
  declare readonly retryAfter?: number

  constructor(message: string, { status, error, errorDescription, retryAfter, ...details }: Refusal) {
    super(message, details)
    this.status = status
    if (error !== undefined) this.error = error
    if (errorDescription !== undefined) this.errorDescription = errorDescription
    if (retryAfter !== undefined) this.retryAfter = retryAfter
  }

  protected override shown(): readonly string[] {
    return ['status', 'error', 'errorDescription', 'retryAfter']
  }
}

/**
 * A success that can't be read: not JSON, no `client_id`, cut off, or over the size limit of 256 KiB.
 *
 * After a registration the client exists at the server; what could be read of the answer is here.
 */
export class UnexpectedAnswerError extends RegistrationError {
  override readonly name = 'UnexpectedAnswerError'
  readonly code = 'unexpected-answer'
  /** The HTTP status. */
  readonly status: number
  /** The client's identifier, if that much could be read. */
  declare readonly client_id?: string
  /** The body as far as it was read, with every secret that was sent struck out; may hold new secrets, not enumerable. */
  declare readonly body: string

  constructor(
    message: string,
    {
      status,
      body,
      client_id,
      ...details
    }: ErrorDetails & { status: number; body: string; client_id?: string | undefined },
  ) {
    super(message, details)
    this.status = status
    if (client_id !== undefined) this.client_id = client_id
    hide(this, 'body', body)
  }

  protected override shown(): readonly string[] {
    return ['status', 'client_id']
  }
}

/** What we refuse although the server offers it: a redirect, a foreign issuer, a widened client; `rule` names which. */
export class PolicyError extends RegistrationError {
  override readonly name = 'PolicyError'
  readonly code = 'policy'
  /** The rule, in kebab-case. */
  readonly rule: string
  /** The registration that the server made all the same, so that it can be deleted; not enumerable. */
  declare readonly registration?: RegistrationResponse

  constructor(
    message: string,
    {
      rule,
      registration,
      ...details
    }: ErrorDetails & { rule: string; registration?: RegistrationResponse | undefined },
  ) {
    super(message, details)
    this.rule = rule
    hide(this, 'registration', registration)
  }

  protected override shown(): readonly string[] {
    return ['rule']
  }
}

/**
 * The server, or this registration, cannot do what was asked.
 *
 * `no-registration-endpoint`: no metadata document names one. `not-managed`: the registration has no management token
 * or address. `unsupported`: the server's profile says that it can't, and why.
 */
export class NotSupportedError extends RegistrationError {
  override readonly name = 'NotSupportedError'
  readonly code: 'not-managed' | 'no-registration-endpoint' | 'unsupported'

  constructor(code: NotSupportedError['code'], message: string, details?: Partial<ErrorDetails>) {
    super(message, { outcome: 'not-sent', ...details })
    this.code = code
  }
}

/**
 * The store could not do its part; "cannot read" is never taken for "absent".
 *
 * `store-unavailable`: it did not answer, nothing is known to be wrong with it. `store-corrupt`: what it holds can't be
 * read. `store-denied`: permissions or ownership. `store-unknown`: a save may or may not have happened.
 */
export class StoreError extends RegistrationError {
  override readonly name = 'StoreError'
  readonly code: 'store-unavailable' | 'store-corrupt' | 'store-denied' | 'store-unknown'

  constructor(code: StoreError['code'], message: string, details?: Partial<ErrorDetails>) {
    super(message, { outcome: 'not-sent', ...details })
    this.code = code
  }
}

/**
 * The registration's state forbids what was asked.
 *
 * `deleted`: it was deleted on purpose. `missing`: one was expected and the store is empty. `suspect`: the server seems
 * to have forgotten it, and that is not proven yet. `attempts-spent`: too many attempts failed; `retryAfter` says when
 * the next is allowed. `newer-schema`: a newer release wrote the record.
 */
export class StateError extends RegistrationError {
  override readonly name = 'StateError'
  readonly code: 'deleted' | 'missing' | 'suspect' | 'attempts-spent' | 'newer-schema'
  /** When it makes sense to call again, in milliseconds from now. */
  declare readonly retryAfter?: number

  constructor(
    code: StateError['code'],
    message: string,
    { retryAfter, ...details }: Partial<ErrorDetails> & { retryAfter?: number | undefined } = {},
  ) {
    super(message, { outcome: 'not-sent', ...details })
    this.code = code
    if (retryAfter !== undefined) this.retryAfter = retryAfter
  }

  protected override shown(): readonly string[] {
    return ['retryAfter']
  }
}
