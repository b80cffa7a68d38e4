import {
  isErrorCode,
  NotSupportedError,
  PolicyError,
  ServerRefusedError,
  UnexpectedAnswerError,
} from '../../server-errors.ts'
import { isFromCaller } from '../../client/known-functions.ts'
import { InvalidRequestError, RegistrationError, StoreError } from '../../errors.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { RegistrationRecord } from '../record/record.ts'
import { wasRefused } from '../record/setbacks.ts'
import { isExpired } from '../record/credentials.ts'
import { heeded } from '../record/mark.ts'
import type { Because, Situation } from './actions.ts'

export { refusesToken } from '../../server-errors.ts'

// What an error means. With maintain/verdicts.ts the one place of the manager that looks at a status: pure.

/** What became of a request that did not succeed. */
export type Meaning =
  | 'refused' // the declaration is wrong, by the server's word or by our own rules: waiting mends nothing
  | 'denied' // the management token, or the client, is not known
  | 'cannot' // this server has no such operation, or the profile says so
  | 'astray' // somebody else answers at this address: a redirect, a page, nothing
  | 'later' // it asks to be left alone, and says for how long or does not
  | 'unreadable' // it says that it acted, and the answer can't be read
  | 'page' // a page came instead, as from a proxy before the server that wants somebody to sign in
  | 'unusable' // it acted, and what it did must not be used (carries the registration)
  | 'not-sent' // nothing left, so nothing happened
  | 'unknown' // it may have acted

/** Codes of a 400 that speak of the token or the client, and not of what was asked. */
const denials = new Set(['invalid_token', 'invalid_client', 'access_denied'])

/** What an error of a management request means (RFC 7592): update, look, deletion. */
export function meaningOf(error: unknown): Meaning {
  const meaning = meaningByClass(error)
  // A function of the caller's own is not the server, and nothing was done where it failed.
  return isOfCaller(error) && meaning !== 'later' ? 'not-sent' : meaning
}

function meaningByClass(error: unknown): Meaning {
  if (error instanceof InvalidRequestError) return 'refused'
  // A server whose metadata are not to be had says nothing of what it can.
  if (error instanceof NotSupportedError) return error.code === 'no-registration-endpoint' ? 'not-sent' : 'cannot'
  if (error instanceof UnexpectedAnswerError) return meaningOfSuccess(error)
  if (error instanceof PolicyError) return meaningOfPolicy(error)
  if (error instanceof ServerRefusedError) return meaningOfRefusal(error)
  return error instanceof RegistrationError && error.outcome === 'not-sent' ? 'not-sent' : 'unknown'
}

/** A success may be an OAuth error under the wrong status, which denies nobody, or a page. */
function meaningOfSuccess({ outcome, error = '' }: UnexpectedAnswerError): Meaning {
  if (outcome === 'refused') return denials.has(error) ? 'unreadable' : 'refused'
  return outcome === 'unknown' && error === '' ? 'page' : 'unreadable'
}

function meaningOfPolicy({ rule, outcome, registration }: PolicyError): Meaning {
  if (outcome === 'accepted' && registration !== undefined) return 'unusable'
  if (rule === 'management-address') return 'cannot'
  return rule === 'redirect' && outcome !== 'not-sent' ? 'astray' : outcome === 'not-sent' ? 'not-sent' : 'unknown'
}

/** The server asks to be left alone (RFC 6585 section 4). */
export const isTooMany = (status: number): boolean => status === 429

function meaningOfRefusal({ status, error, retryAfter, outcome }: ServerRefusedError): Meaning {
  if (isTooMany(status) || retryAfter !== undefined) return 'later'
  if (outcome === 'not-sent') return 'not-sent'
  if (status === 401 || status === 410 || (status === 400 && denials.has(error ?? ''))) return 'denied'
  if (status === 405 || status === 501) return 'cannot'
  if (status === 404 || status === 415 || (status === 403 && !isErrorCode(error))) return 'astray'
  return status < 500 ? 'refused' : 'unknown'
}

/** What a failed update means: only the statuses of `isFinal` speak of what was declared; after another 4xx comes a look. */
export function meaningOfUpdate(error: unknown): Meaning {
  const meaning = meaningOf(error)
  return meaning === 'refused' && error instanceof ServerRefusedError && !isFinal(error) ? 'unknown' : meaning
}

/** What a failed registration (RFC 7591) means: there is no token or client that could be denied, and no other way. */
export function meaningOfRegistration(error: unknown): Meaning {
  const meaning = meaningOf(error)
  const isRefused = error instanceof RegistrationError && error.outcome === 'refused' && !isOfCaller(error)
  if (isRefused && meaning !== 'later') return 'refused'
  // A redirect may be the answer of a server that has acted, and shows a page now.
  return meaning === 'cannot' ? 'not-sent' : meaning === 'astray' ? 'unknown' : meaning
}

/** Whether the declaration is at fault, so that waiting mends nothing: the error is thrown, whatever client is in use. */
export function isFinal(error: unknown): boolean {
  if (isOfCaller(error)) return false
  if (error instanceof ServerRefusedError) {
    const { status, outcome, error: code } = error
    return outcome === 'refused' && (status === 400 || status === 422 || (status === 403 && isErrorCode(code)))
  }
  if (error instanceof UnexpectedAnswerError) return meaningOf(error) === 'refused'
  return error instanceof InvalidRequestError || (error instanceof PolicyError && error.outcome === 'accepted')
}

/** How long a server is left alone that asked for it, in milliseconds. */
export function waitOf(error: unknown): number | undefined {
  const { retryAfter } = error instanceof ServerRefusedError ? error : {}
  return retryAfter === undefined ? undefined : heeded(retryAfter)
}

/** The text of a failure that is written into the record, for people. */
export const saidOf = (error: unknown): string => (error instanceof Error ? error.message : 'It failed.')

/** Whether a function of the caller's own failed: that says nothing of the server. */
export const isOfCaller = (error: unknown): boolean => isFromCaller(error)

/** Whether nobody answered: the next request would wait for a time-out too. */
export const isOutage = (error: unknown): boolean => error instanceof RegistrationError && error.code === 'transport'

/** Whether the server has answered for itself: it was reached, is not in trouble, and has not put the request off. */
export const isAnswered = (error: unknown): boolean => !['unknown', 'not-sent', 'later'].includes(meaningOf(error))

/**
 * Whether a registration may have made a client: one that was refused, or that the server put off, has made none. A 5xx other than
 * 503 puts nothing off, whatever wait it names: a gateway gave up, or the server failed.
 */
export const mayHaveMade = (error: unknown, meaning: Meaning = meaningOfRegistration(error)): boolean =>
  meaning === 'unknown' || meaning === 'unreadable' || meaning === 'unusable' || (meaning === 'later' && isOpen(error))

const isOpen = (error: unknown): boolean =>
  error instanceof ServerRefusedError && error.outcome === 'unknown' && error.status !== 503 && !isOfCaller(error)

/** Adds a hint to a refusal where an earlier attempt got no answer: what the server has already may be that attempt's client. */
export function withLostAttempt(error: unknown, { orphans = [] }: RegistrationRecord): unknown {
  const isLost = orphans.some(({ client_id }) => client_id === undefined)
  if (!isLost || !(error instanceof ServerRefusedError) || !(isFinal(error) || error.status === 409)) return error
  const hint =
    'An earlier attempt got no answer, and may have made the client that stands in the way: see status().orphans; recover() takes it over.'
  const { status, error: code, errorDescription, outcome, endpoint } = error
  return new ServerRefusedError(`${error.message} ${hint}`, {
    status,
    error: code,
    errorDescription,
    outcome,
    endpoint,
    cause: error,
  })
}

/** What an error says of the client that the server made: all of it, its identifier, or nothing. */
export function clientIn(error: unknown): Partial<RegistrationResponse> {
  if (error instanceof PolicyError && error.registration) return error.registration
  if (error instanceof UnexpectedAnswerError && error.client_id !== undefined) return { client_id: error.client_id }
  return {}
}

/** Whether our own rules refuse the request: nothing was sent. */
export const isInvalid = (error: unknown): boolean =>
  error instanceof RegistrationError && error.code === 'invalid-request'

/** Whether our own rules or the store failed: that says nothing of the server. */
export const isOwnFault = (error: unknown): boolean =>
  !isOfCaller(error) && (error instanceof StoreError || isInvalid(error))

/** The client that a server made, and that must not be used as it is. */
export const unusableIn = (error: unknown): RegistrationResponse | undefined =>
  error instanceof PolicyError ? error.registration : undefined

/** Whether nothing can be asked, since this server, or its profile, has no such operation. */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof NotSupportedError && meaningOf(error) === 'cannot'

/** Whether the client in use goes on where nothing could be saved: a full disk is no outage. */
export const outlivesStore = (record: RegistrationRecord, error: unknown, now: number): error is StoreError =>
  error instanceof StoreError && record.intent?.operation !== 'delete' && !isExpired(record, now)

/** Whether the client in use goes on where no other could be registered: it still works, and the error need not be seen. */
export function outlives(
  record: RegistrationRecord,
  error: RegistrationError,
  { because, goal, hash, now }: { because: Because | undefined; goal: Situation['goal']; hash: string; now: number },
): boolean {
  const isDead = because === undefined || because === 'forgotten' || because === 'credentials' || because === 'key-lost'
  const isNew = !wasRefused(record, 'register', hash)
  const mustBeSeen = goal === 'rotate' || ((because === 'update' || because === 'route') && isFinal(error) && isNew)
  return !isDead && !mustBeSeen && !isExpired(record, now) && !(error instanceof StoreError)
}
