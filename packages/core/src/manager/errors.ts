import { textAt } from '../client/abort.ts'
import { RegistrationError, StateError, StoreError } from '../errors.ts'
import { NotSupportedError } from '../server-errors.ts'
import { escape, redact, secretsIn, struck } from '../exchange/redact.ts'

// The errors that the verbs of a manager throw, and those made of what a store has thrown.

export const leftAlone = (said: string, retryAfter: number): StateError =>
  new StateError('attempts-spent', `The server is left alone for ${Math.ceil(retryAfter / 1000)} s: ${said}`, {
    retryAfter,
  })

/** Why nothing is sent: this process has sent as many requests other than GET as it may in a minute. */
export const busy = 'this process has sent as many requests as it may in a minute.'

export const closed = (): StateError => new StateError('closed', 'This manager was closed; make another one.')

export const missing = (): StateError =>
  new StateError(
    'missing',
    'A registration was expected and the store holds none, so nothing was registered. Restore the store, recover() the client, or drop expectExisting.',
  )

/** For `read()`, where the store holds no registration. */
export const nothingToRead = (): StateError =>
  new StateError(
    'missing',
    'There is no registration to ask the server about: the store holds none. ensure() registers.',
  )

export const deleted = (): StateError =>
  new StateError('deleted', 'This registration was deleted on purpose. forget() starts over.')

export const deleting = (): StateError =>
  new StateError(
    'deleting',
    'This registration is being deleted, or its deletion did not come to an end. delete() goes on with it, forget() starts over.',
    { retryAfter: 1000 },
  )

export const slow = (): StateError =>
  new StateError(
    'suspect',
    'Whether the server has forgotten this client was not found out in time. Report it again.',
    {
      retryAfter: 1000,
    },
  )

/** The key home no longer has the key that the record names. */
export class KeyLost extends Error {
  override readonly name = 'KeyLost'
  readonly kid: string

  constructor(kid: string) {
    super('The key home no longer has the key of the client.')
    this.kid = kid
  }
}

/**
 * Turns an error of the store into one of ours. The error may hold the text that was to be saved, or how the store logs in to its
 * engine, so only its name, code and message are kept, each without the secrets of the record and of an address.
 *
 * @param record the record that was to be saved, or the one that is remembered
 */
export function storeFailure(error: unknown, record?: unknown): RegistrationError {
  if (error instanceof RegistrationError) return error
  const [message, name, code] = ['message', 'name', 'code'].map((member) =>
    escape(withoutLogin(startOf(redact(textAt(error, member), secretsIn(record))))),
  )
  const said = message || 'no reason'
  const bare = Object.assign(new Error(said), name && { name }, code && { code })
  return new StoreError('store-unavailable', `The store failed: ${said}`, { cause: bare })
}

/** The first 4,096 characters, which are more than is shown, without a word that would be cut: it may begin with a login. */
const startOf = (text: string): string => /^[^]{0,4096}(?!\S)/.exec(text)?.[0] ?? ''

/**
 * Strikes out logins: in an address all that stands before the last `@`, since a password may hold any letter, and the query;
 * elsewhere each value that is named as a password, a secret, a token or a key, as in a list of settings.
 */
const withoutLogin = (text: string): string =>
  text
    .replaceAll(/(?<=:\/\/)\S*@/gu, `${struck}@`)
    .replaceAll(/(:\/\/[^\s?]*\?)\S+/gu, `$1${struck}`)
    .replaceAll(
      /((?:password|passwd|pwd|secret|token|(?:access|account|api)[_-]?key)["']?\s*[=:]\s*)(?:"[^"]*"?|'[^']*'?|[^\s,;&]+)/giu,
      `$1${struck}`,
    )

/** A save was sent, and nothing says whether it happened. */
export const unknownSave = (cause: Error): StoreError =>
  new StoreError(
    'store-unknown',
    `A save may or may not have happened, and the store can't be read: ${cause.message}`,
    { cause },
  )

/** No save is accepted, however often it is tried. */
export const contended = (): StoreError =>
  new StoreError('store-unavailable', 'The store accepts no save: each one is said to be late.')

export const isTheSame = 'The server gave out the same secret again.'

/** For `rotate()`, whose caller may know that the old secret has leaked. */
export const sameSecret = (): NotSupportedError =>
  new NotSupportedError('unsupported', `${isTheSame} It is still in use: ask the operator for another.`, {
    outcome: 'accepted',
  })

/** The server has acted, and the record does not say so yet: of a client that it made, or of the one in use. */
export function notStored(failure: RegistrationError, made?: string): StoreError {
  const what = made === undefined ? 'What the server answered' : 'A client was registered and'
  const which = made === undefined ? '' : ` (${escape(made)})`
  return new StoreError(
    failure instanceof StoreError ? failure.code : 'store-unavailable',
    `${what} could not be stored${which}: ${failure.message}`,
    { outcome: 'accepted', cause: failure },
  )
}

/** A failure of the store while an answer waits to be saved: the server has acted. */
export const unsavedAnswer = (failure: unknown): unknown =>
  failure instanceof StoreError && failure.outcome === 'not-sent' ? notStored(failure) : failure

/** `after`: how a deletion ended that was sent all the same. */
export const notManaged = (after?: RegistrationError): NotSupportedError =>
  new NotSupportedError(
    'not-managed',
    'There is no management token that works, so the client was not deleted and stays in use. forget() gives it up.',
    after && { outcome: after.outcome, endpoint: after.endpoint, cause: after },
  )
