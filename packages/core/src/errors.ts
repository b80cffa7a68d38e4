import type { Finding } from './model/http.ts'

/**
 * What is known of the server's state when a call fails.
 *
 * `not-sent`: nothing reached the endpoint that the call is about, so nothing changed there. `refused`: the server
 * answered and declined. `unknown`: the request left and no usable answer came back, so the server may have acted.
 * `accepted`: the server said that it acted, and the answer could not be used.
 */
export type Outcome = 'not-sent' | 'refused' | 'unknown' | 'accepted'

/** The details that every error of this package is made from. */
export interface ErrorDetails {
  /** What is known of the server's state. */
  outcome: Outcome
  /** The address that the failing request went to, without its query. */
  endpoint?: string | undefined
  /** The original error or reason; never a Request, a Response or an options object. */
  cause?: unknown
}

/**
 * The base class of every error that this package throws; `code` and `name` are literals that survive a minifier.
 *
 * No message and no enumerable property of an error holds a secret, and `JSON.stringify` shows only an allow-list of members.
 */
export abstract class RegistrationError extends Error {
  /** What happened, in kebab-case; never equal to an OAuth error code. */
  abstract readonly code: string
  /** What is known of the server's state: may it have acted? */
  declare readonly outcome: Outcome
  /** The address that the failing request went to, without its query. */
  declare readonly endpoint?: string

  /** Every detail becomes a member of the error, so a subclass must pass only details that it declares. */
  constructor(message: string, { cause, ...details }: ErrorDetails) {
    super(printable(message), cause === undefined ? undefined : { cause })
    note(this, details)
  }

  /** The members that are safe to log; `cause`, bodies and registrations are not among them. */
  toJSON(): object {
    return Object.fromEntries(
      safe.split(' ').flatMap((member) => {
        const value: unknown = Reflect.get(this, member)
        return value === undefined ? [] : [[member, typeof value === 'string' ? printable(value) : value]]
      }),
    )
  }
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Escapes control, bidi and invisible characters, so that a text fits one line of a log. A second call changes nothing. */
export const printable = (text: string): string =>
  text.replace(unprintable, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)

const safe = 'name code message outcome endpoint findings status error errorDescription retryAfter client_id rule'

/**
 * Sets members on an error, except those that are `undefined`. A member that is not enumerable is never printed: neither
 * `JSON.stringify` nor `util.inspect` shows it.
 */
export function note(error: object, members: object, enumerable = true): void {
  for (const [member, value] of Object.entries(members))
    if (value !== undefined) Object.defineProperty(error, member, { value, enumerable })
}

/** The details of an error class that has several codes. The outcome is `not-sent`, unless `details` has another. */
export const coded = (code: string, details?: Partial<ErrorDetails>): ErrorDetails & { code: string } => ({
  outcome: 'not-sent',
  ...details,
  code,
})

/**
 * The request breaks rules of the specifications or of the server's profile, or an option can't work.
 *
 * - `invalid-request`: The request, or an option, breaks a rule; `findings` lists every one. Nothing was sent and
 *   nothing changed. Change what the findings name.
 */
export class InvalidRequestError extends RegistrationError {
  override readonly name = 'InvalidRequestError'
  readonly code = 'invalid-request'
  /** Every rule that the request breaks: first the reasons for the refusal, then what is worth knowing besides. */
  readonly findings: readonly Finding[]

  /** `reasons`: the findings that refuse the request; `advice`: the others; `head`: what was refused, to begin the message. */
  constructor(
    reasons: readonly Finding[],
    {
      cause,
      advice = [],
      head = headOf(reasons),
    }: Pick<ErrorDetails, 'cause'> & { advice?: readonly Finding[] | undefined; head?: string | undefined } = {},
  ) {
    const also = advice.length > 0 ? ` Worth knowing besides: ${said(advice)}` : ''
    super(`${head}: ${said(reasons)}${also}`, { outcome: 'not-sent', cause })
    this.findings = [...reasons, ...advice]
  }
}

const headOf = (reasons: readonly Finding[]): string =>
  reasons.every(({ rule }) => rule === 'option') ? 'What is given can not work' : 'The request was not sent'

/** One sentence for each finding, which begins with the name of the member. */
const said = (findings: readonly Finding[]): string =>
  findings
    .map(
      ({ member, rule, message }) =>
        `${member}: ${message.replace(/\.$/, '')}${rule === 'option' ? '' : ` (${rule})`}.`,
    )
    .join(' ')

/**
 * No usable answer: the server was not reached, the connection broke, or time ran out; `outcome` says whether the server
 * may have acted.
 *
 * - `transport` `not-sent`: The server could not be asked: name, route, connection or certificate, a browser kept the
 *   request back (CORS), time ran out on the way to it, or code of this package could not be loaded. Nothing was
 *   registered or changed. Call again later; if it stays, check the address and the network.
 * - `transport` `unknown`: The request left, and no answer came back. The server may have acted. It is not asked again
 *   by itself. Through the manager: call `ensure()` again, it knows what was attempted. Otherwise look at the server
 *   before you repeat it.
 * - `aborted`: The signal of the call aborted; `cause` is its reason. `outcome` says whether the server may have acted;
 *   what a manager has begun goes on. Call again when you want the result.
 */
export class TransportError extends RegistrationError {
  override readonly name = 'TransportError'
  declare readonly code: 'transport' | 'aborted'

  constructor(message: string, { code = 'transport', ...details }: ErrorDetails & { code?: TransportError['code'] }) {
    super(message, coded(code, details))
  }
}

/**
 * The store could not load or save; a record that can't be read is never taken for absent.
 *
 * - `store-unavailable`: The store did not answer, or can't read yet what it holds. Nothing is known to be wrong with
 *   what it holds. Call again when it answers.
 * - `store-corrupt`: What the store holds can't be read. It was not overwritten, and not taken for absent: no second
 *   client was made. Restore it; or `recover()` with what you know, or `forget()`.
 * - `store-denied`: Permissions, rights or a sealing key keep the store from being used, or make it unsafe. Nothing was
 *   read or written. Set right what the message names.
 * - `store-unknown`: A save may or may not have happened. Whoever loads next sees which. Call again: it loads first.
 */
export class StoreError extends RegistrationError {
  override readonly name = 'StoreError'
  declare readonly code: 'store-unavailable' | 'store-corrupt' | 'store-denied' | 'store-unknown'
  /**
   * With `store-corrupt`, and with `store-denied` for a record that was sealed by another key: the version of the value
   * that can't be read. Only a `save` that expects this version replaces the value. Not enumerable; absent where the
   * store has no version for the value.
   */
  declare readonly version?: string

  constructor(
    code: StoreError['code'],
    message: string,
    { version, ...details }: Partial<ErrorDetails> & { version?: string | undefined } = {},
  ) {
    super(message, coded(code, details))
    note(this, { version }, false)
  }
}

/**
 * The registration's state forbids what was asked.
 *
 * - `deleting`: The registration is being deleted, or its deletion did not come to an end; or `forget()` or
 *   `recover()` was called during `delete()`, and stands. No new one is made. Call `delete()` again, or `forget()`.
 * - `deleted`: The registration was deleted on purpose. No new one is made. `forget()` starts over.
 * - `missing`: A registration was expected, or was to be read, and the store holds none. Nothing was registered.
 *   Restore the store, `recover()` the client, or drop `expectExisting`.
 * - `suspect`: The server seems to have forgotten the client, and could not be asked for proof; or it has, and is left
 *   alone before another may be registered. The stored registration stays, and nothing was registered. Call again after
 *   `retryAfter`.
 * - `forgotten`: The server no longer knows the client or its credentials, or an operator has switched it off, and
 *   `reregister` is `false`. Nothing was registered. Ask the operator; `forget()` starts over.
 * - `attempts-spent`: Too many attempts failed, or the server asked to be left alone. Nothing was sent. Clients may
 *   exist that nobody knows: see `status()`. Call again after `retryAfter`; `forget()` starts over.
 * - `newer-schema`: A newer release wrote the record. It was not touched. Use that release.
 * - `closed`: `close()` was called. Nothing was done. Make another manager.
 */
export class StateError extends RegistrationError {
  override readonly name = 'StateError'
  declare readonly code:
    | 'deleting'
    | 'deleted'
    | 'missing'
    | 'suspect'
    | 'forgotten'
    | 'attempts-spent'
    | 'newer-schema'
    | 'closed'
  /** When it makes sense to call again, in milliseconds from now. */
  declare readonly retryAfter?: number

  constructor(
    code: StateError['code'],
    message: string,
    details?: Partial<ErrorDetails> & { retryAfter?: number | undefined },
  ) {
    super(message, coded(code, details))
  }
}
