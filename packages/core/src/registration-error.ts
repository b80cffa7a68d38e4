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
  declare readonly outcome: Outcome
  /** The address that the failing request went to, without its query. */
  declare readonly endpoint?: string

  /** Every detail becomes a member of the error, so a subclass gives none that it does not declare. */
  constructor(message: string, { cause, ...details }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    note(this, details)
  }

  /** The members that are safe to log; `cause`, bodies and registrations are not among them. */
  toJSON(): object {
    return Object.fromEntries(
      safe.split(' ').flatMap((member) => {
        const value: unknown = Reflect.get(this, member)
        return value === undefined ? [] : [[member, value]]
      }),
    )
  }
}

const safe = 'name code message outcome endpoint findings status error errorDescription retryAfter client_id rule'

/**
 * Sets those members of an error that there are. Not enumerable means off every print: neither `JSON.stringify` nor
 * `util.inspect` shows it.
 */
export function note(error: object, members: object, enumerable = true): void {
  for (const [member, value] of Object.entries(members))
    if (value !== undefined) Object.defineProperty(error, member, { value, enumerable })
}

/** The details of an error that has several codes: nothing was sent, where nothing else is said. */
export const coded = (code: string, details?: Partial<ErrorDetails>): ErrorDetails & { code: string } => ({
  outcome: 'not-sent',
  ...details,
  code,
})
