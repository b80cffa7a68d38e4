import { changes as differences } from '../../exchange/deviations.ts'
import type { TokenAnswer } from '../../exchange/token.ts'
import { ServerRefusedError } from '../../server-errors.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import { canonical } from '../../model/values.ts'
import type { Meaning } from '../ensure/outcomes.ts'
import { isTooMany, meaningOf } from '../ensure/outcomes.ts'
import type { KeeperOptions } from '../options.ts'
import type { Found, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { secretMoved } from '../record/credentials.ts'

// What follows from what the server says of a client that is registered: to a look, an update, a deletion, a token request. Pure.

/** What a look at the management address showed. */
export type Seen =
  | 'declared' // this client, and what was changed is shown as declared
  | 'client' // this client, otherwise
  | 'silent' // this client, and nothing of what was changed is shown
  | 'denied'
  | 'cannot'
  | 'nothing'

/** A look at the management address, and what it brought. */
export interface Look {
  seen: Seen
  answer?: StoredAnswer | undefined
  /** The record that holds the answer; absent where somebody else was faster. */
  saved?: Found | undefined
  error?: unknown
}

/** What a look means that did not show the client: 403 is no denial, and no proof of life either. */
export function seenOf(error: unknown): 'denied' | 'cannot' | 'nothing' {
  const meaning = meaningOfDeletion(error)
  return meaning === 'denied' || meaning === 'cannot' ? meaning : 'nothing'
}

/** Whether an access token for management was refused: it is not the client's own, so nothing was said of the client or done. */
export function isOfPayer(error: unknown, { profile }: Pick<KeeperOptions, 'profile'>): boolean {
  if (profile?.managementAuthorization !== 'access-token' || !(error instanceof ServerRefusedError)) return false
  const { status, error: code = '' } = error
  const isCode = status === 400 && profile.refusedTokenCodes?.includes(code) === true
  return isCode || (status !== 410 && meaningOf(error) === 'denied')
}

/** Whether the request may have been carried out, although its answer was not heard. */
export const isUnheard = (error: unknown): boolean => ['unknown', 'unreadable', 'page'].includes(meaningOf(error))

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

/** What a failed deletion or look means: at most servers 404 says that the client is not known. */
export function meaningOfDeletion(error: unknown): Meaning {
  const meaning = meaningOf(error)
  return meaning === 'astray' && isNowhere(error) ? 'denied' : meaning
}

/** Nobody is at the token endpoint, or it leads elsewhere: the server may have moved it. */
export const isGone = ({ status }: TokenAnswer): boolean =>
  status === 404 || status === 405 || status === 410 || status === 0 || (status >= 300 && status < 400)

/** What the answers to a client and to one that can't exist prove together. */
export type Witness = 'alive' | 'denied' | 'nothing'

const troubled = new Set(['server_error', 'temporarily_unavailable'])

/** Compares status and code, never text; an answer that has harmless causes as well proves nothing. */
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

/** The server is in trouble or wants to be left alone, or its answer broke off: that does not show that it can't tell. */
export const isTroubled = ({ status, error = '', isBrokenOff = false }: TokenAnswer): boolean =>
  isBrokenOff || isTooMany(status) || status >= 500 || troubled.has(error)

/** An OAuth error that speaks of who asked. */
export const isAnswer = (answer: TokenAnswer | undefined): answer is TokenAnswer =>
  answer?.error !== undefined && !isTroubled(answer) && answer.status >= 400 && answer.status !== 404

/** What an update changes: everything that is declared, and out with what was declared before and is no more. */
export function changesTo(record: RegistrationRecord, metadata: RegistrationRequest): Changes<RegistrationRequest> {
  const gone = Object.keys(record.declaration?.metadata ?? {}).map((member) => [member, null])
  const declared = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries([...gone, ...declared])
}

/** The members that are no longer declared and that the server still has as they were, in whatever order it says them. */
export function keptBy(
  before: RegistrationRequest = {},
  now: RegistrationRequest,
  { ...shown }: RegistrationResponse,
): string[] {
  const declared: Readonly<Record<string, unknown>> = { ...now }
  return Object.entries(before)
    .filter(([member, value]) => value !== undefined && declared[member] === undefined && shown[member] !== undefined)
    .filter(([member, value]) => differences({ [member]: value }, shown).length === 0)
    .map(([member]) => member)
    .filter((member) => member !== 'jwks' || now.jwks_uri === undefined) // A server may show what it fetched from there.
}

/** Compares what was to be changed with what is shown. */
function shownOf(
  before: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  shown: RegistrationResponse,
): 'declared' | 'client' | 'silent' {
  const changed = Object.entries(changes).filter(
    ([member, value]) => canonical(value ?? undefined) !== canonical(before[member]),
  )
  // Where nothing was to change, somebody else may have changed it.
  if (changed.length === 0) return differences(changes, shown).length === 0 ? 'declared' : 'client'
  const compared = changed.filter(([member, value]) => shown[member] !== undefined || value === null)
  const asked = Object.fromEntries(compared.filter(([, value]) => value !== null))
  const isSame =
    compared.every(([member, value]) => value !== null || shown[member] === undefined) &&
    differences(asked, shown).length === 0
  if (compared.length === 0) return 'silent'
  return isSame ? 'declared' : 'client'
}

/** What an answered look has shown: whether the changes are there; without changes, whether there is another secret. */
export const seenIn = (
  before: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  shown: RegistrationResponse,
  stored: RegistrationResponse,
): Seen =>
  Object.keys(changes).length > 0
    ? shownOf(before, changes, shown)
    : secretMoved(before, stored)
      ? 'declared'
      : 'client'
