import { NotSupportedError, PolicyError, ServerRefusedError, UnexpectedAnswerError } from '../../server-errors.ts'
import { InvalidRequestError, RegistrationError } from '../../errors.ts'

// What an answer or an error means, and what follows. The one place of the manager that looks at a status: pure.

/** What became of a request that did not succeed. */
export type Meaning =
  | 'refused' // the declaration is wrong, by the server's word or by our own rules: waiting mends nothing
  | 'denied' // the management token, or the client, is not known
  | 'cannot' // this server has no such operation, or the profile says so
  | 'astray' // somebody else answers at this address: a redirect, a page, nothing
  | 'later' // it asks to be left alone, and says for how long or does not
  | 'unreadable' // it says that it acted, and the answer can't be read
  | 'page' // a page of whoever stands before the server, as of one that wants somebody to sign in
  | 'unusable' // it acted, and what it did must not be used (carries the registration)
  | 'not-sent' // nothing left, so nothing happened
  | 'unknown' // it may have acted

/** Codes of a 400 that speak of the token or the client, and not of what was asked. */
const denials = new Set(['invalid_token', 'invalid_client', 'access_denied'])

/** What an error of a management request means (RFC 7592): update, look, deletion. */
export function meaningOf(error: unknown): Meaning {
  if (error instanceof InvalidRequestError) return 'refused'
  if (error instanceof NotSupportedError) return 'cannot'
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

function meaningOfRefusal({ status, error, retryAfter, outcome }: ServerRefusedError): Meaning {
  if (status === 429 || retryAfter !== undefined) return 'later'
  if (outcome === 'not-sent') return 'not-sent'
  if (status === 401 || status === 410 || (status === 400 && denials.has(error ?? ''))) return 'denied'
  if (status === 405 || status === 501) return 'cannot'
  if (status === 404 || status === 415 || (status === 403 && error === undefined)) return 'astray'
  return status < 500 ? 'refused' : 'unknown'
}

/** What a failed registration (RFC 7591) means: there is no token or client that could be denied, and no other way. */
export function meaningOfRegistration(error: unknown): Meaning {
  const meaning = meaningOf(error)
  if (error instanceof RegistrationError && meaning !== 'later' && error.outcome === 'refused') return 'refused'
  // A redirect may be the answer of a server that has acted, and shows a page now.
  return meaning === 'cannot' ? 'not-sent' : meaning === 'astray' ? 'unknown' : meaning
}

/** The declaration is at fault, and no waiting will mend it: it is told, whatever client is in use. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ServerRefusedError) {
    const { status, outcome, error: code } = error
    return outcome === 'refused' && (status === 400 || status === 422 || (status === 403 && code !== undefined))
  }
  if (error instanceof UnexpectedAnswerError) return meaningOf(error) === 'refused'
  return error instanceof InvalidRequestError || (error instanceof PolicyError && error.outcome === 'accepted')
}

/** A registration was refused for want of a token, or of a better one. */
export const refusesToken = (error: unknown): boolean =>
  error instanceof ServerRefusedError && error.outcome === 'refused' && (error.status === 401 || error.status === 403)

/** How long the server asked to be left alone, in milliseconds. */
export const waitOf = (error: unknown): number | undefined =>
  error instanceof ServerRefusedError ? error.retryAfter : undefined

/** What is written down of a failure, for people. */
export const saidOf = (error: unknown): string => (error instanceof Error ? error.message : 'It failed.')

/** Nobody answered: whoever comes next would wait for a time-out too. */
export const isOutage = (error: unknown): boolean => error instanceof RegistrationError && error.code === 'transport'

/** A registration that was refused, or put off by a server that said for how long, made no client. */
export const mayHaveMade = (meaning: Meaning): boolean =>
  meaning === 'unknown' || meaning === 'unreadable' || meaning === 'unusable'

/** What a look at the management address showed. */
export type Seen =
  | 'declared' // this client, and what was changed is shown as declared
  | 'client' // this client, otherwise
  | 'silent' // this client, and nothing of what was changed is shown
  | 'denied'
  | 'cannot'
  | 'nothing'

/** What a look means that did not show the client: 403 is no denial, and no proof of life either. */
export function seenOf(error: unknown): 'denied' | 'cannot' | 'nothing' {
  if (error instanceof ServerRefusedError && error.status === 404 && error.retryAfter === undefined) return 'denied'
  const meaning = meaningOf(error)
  return meaning === 'denied' || meaning === 'cannot' ? meaning : 'nothing'
}

/** Nobody is at the address: where it has never shown a client, that says nothing of one. */
export const isNowhere = (error: unknown): boolean => error instanceof ServerRefusedError && error.status === 404

/** What follows from an update that did not succeed. */
export type AfterUpdate =
  | 'applied'
  | 'unconfirmed' // counts as applied, with a deviation
  | 'repeat' // once more in the same call, then as after a 5xx
  | 'repeat-later' // once more after a second in the same call, then this server can't update
  | 'back-off' // once more, later
  | 'cannot-update'
  | 'setback' // the token was denied
  | 'outage'
  | 'refused'
  | 'later'
  | 'unusable'
  | 'not-sent'

/** What follows where the repetition of an update fared no better. */
export function afterRepetition(verdict: 'repeat' | 'repeat-later', meaning: Meaning, seen: Seen): AfterUpdate {
  if (verdict === 'repeat-later') return 'cannot-update'
  // A server that said no twice has not done it.
  return seen === 'silent' && meaning !== 'denied' ? 'unconfirmed' : 'back-off'
}

/** Which meanings of an update call for a look at the client, and what follows from what it shows. */
export const afterUpdate: Readonly<Record<Meaning, AfterUpdate | Readonly<Record<Seen, AfterUpdate>>>> = {
  refused: 'refused',
  later: 'later',
  unusable: 'unusable',
  'not-sent': 'not-sent',
  unreadable: row('applied', 'back-off', 'repeat', 'unconfirmed', 'unconfirmed', 'unconfirmed'),
  page: row('applied', 'back-off', 'repeat', 'unconfirmed', 'unconfirmed', 'outage'),
  cannot: row('cannot-update', 'cannot-update', 'cannot-update', 'setback', 'cannot-update', 'outage'),
  denied: row('repeat', 'repeat', 'repeat', 'setback', 'setback', 'outage'),
  astray: row('applied', 'repeat-later', 'repeat-later', 'setback', 'cannot-update', 'outage'),
  unknown: row('applied', 'back-off', 'repeat', 'setback', 'back-off', 'outage'),
}

function row(
  declared: AfterUpdate,
  client: AfterUpdate,
  silent: AfterUpdate,
  denied: AfterUpdate,
  cannot: AfterUpdate,
  nothing: AfterUpdate,
): Record<Seen, AfterUpdate> {
  return { declared, client, silent, denied, cannot, nothing }
}

/** What follows from a deletion that did not succeed: at once, or after a look. */
export type AfterDeletion =
  | 'impossible' // this server can't delete: state and credentials stay
  | 'as-before' // thrown, the state as before
  | 'ask' // the token endpoint decides
  | 'open' // nobody could be asked: the next call goes on

export const afterDeletion: Readonly<
  Record<Meaning, AfterDeletion | { client: AfterDeletion; else: AfterDeletion; nothing: AfterDeletion }>
> = {
  cannot: 'impossible',
  astray: 'impossible',
  refused: 'impossible',
  unusable: 'impossible',
  later: 'as-before',
  'not-sent': 'as-before',
  unreadable: { client: 'as-before', else: 'ask', nothing: 'open' },
  page: { client: 'as-before', else: 'ask', nothing: 'open' },
  denied: { client: 'as-before', else: 'ask', nothing: 'open' },
  unknown: { client: 'as-before', else: 'ask', nothing: 'open' },
}

/** What a failed deletion means: at most servers 404 says that the client is not known. */
export function meaningOfDeletion(error: unknown): Meaning {
  const meaning = meaningOf(error)
  return error instanceof ServerRefusedError && error.status === 404 && meaning === 'astray' ? 'denied' : meaning
}

/** What a token endpoint answered: its status, and its OAuth error code where the answer is one. */
export interface TokenAnswer {
  status: number
  error?: string | undefined
}

/** Nobody is at this endpoint, or it leads elsewhere: its server may have moved it. */
export const isGone = ({ status }: TokenAnswer): boolean =>
  status === 404 || status === 405 || status === 410 || status === 0 || (status >= 300 && status < 400)

/** What the answers to a client and to one that can't exist prove together. */
export type Witness = 'alive' | 'denied' | 'nothing'

const troubled = new Set(['server_error', 'temporarily_unavailable'])

/** Compared are status and code, never text; whatever harmless things also say proves nothing. */
export function witnessOf(
  client: TokenAnswer | undefined,
  control: TokenAnswer | undefined,
  hasCodeGrant: boolean,
): Witness {
  if (!isAnswer(client) || !isAnswer(control)) return 'nothing'
  const isSame = client.status === control.status && client.error === control.error
  if (client.error === 'invalid_client' || client.status === 401) return 'denied'
  if (isSame) return 'nothing'
  if (client.error === 'unauthorized_client') return hasCodeGrant ? 'denied' : 'nothing'
  return 'alive'
}

const isAnswer = (answer: TokenAnswer | undefined): answer is TokenAnswer =>
  answer?.error !== undefined &&
  !troubled.has(answer.error) &&
  answer.status >= 400 &&
  answer.status < 500 &&
  answer.status !== 404 &&
  answer.status !== 429
