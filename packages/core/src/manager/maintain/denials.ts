import type { Jwk } from '../../model/jwk.ts'
import { isOwnFault, meaningOf, saidOf, waitOf } from '../ensure/outcomes.ts'
import type { Moment } from '../record/timeline.ts'
import { setbackName } from '../record/timeline.ts'
import type { Declaration, ManagedKeys, Operation, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import type { Row, Suspicion } from '../record/mark.ts'
import { day, minute } from '../record/mark.ts'
import { withUnknownDeclaration } from '../record/declarations.ts'
import type { Leaving } from '../record/setbacks.ts'
import {
  denied,
  enough,
  failed,
  isRow,
  longer,
  patienceWith,
  suspicionIn,
  withPause,
  withSetback,
} from '../record/setbacks.ts'
import { isExpired, renewsNothing, unmanageable } from '../record/credentials.ts'
import { isFetched, settledKeys } from '../record/managed-keys.ts'
import type { Witness } from './verdicts.ts'

// What is written down of a server that denies the client, its token or its other key, until that is proven or taken back.

/** A refused declaration is asked about again after a minute, doubling to a day. */
export const ofRefused: Pick<Leaving, 'first' | 'most'> = { first: minute, most: day }

/** The row, where it goes on: starts may be days apart, so only a success ends it, or 30 days without an entry. */
const goingOn = (row: Row | undefined, { now }: Moment): Row | undefined =>
  row !== undefined && Math.abs(now - row.last) < 30 * day ? row : undefined

/**
 * The management token was denied: a setback, and after three over `forgetDelay` it is lost. One that has ended by itself is denied
 * for ever.
 */
export function withDenial(record: RegistrationRecord, operation: Operation, moment: Moment): RegistrationRecord {
  const { now, forgetDelay } = moment
  const { failures, least } = failed(record, operation, moment)
  const counted = { ...record, failures }
  const denials = longer(goingOn(record.denials, moment), now)
  const length = Math.max(forgetDelay / (enough - 1), least)
  const setback = { at: now, length, count: denials.count, first: denials.first, said: denied }
  const isOver = isTokenOver(record, moment)
  if (!isOver && !isRow(denials, forgetDelay)) {
    const setbacks = { ...record.setbacks, update: setback, renew: setback, look: setback }
    return { ...counted, denials, setbacks }
  }
  if (!isOver && record.shown) return { ...unmanageable(moment, counted), denials: undefined }
  // An address that never showed this client is none, and a token that ended by itself is not lost: another client helps.
  // Nobody will find out any more what became of an update whose answer was lost.
  const known = record.doubt ? withUnknownDeclaration(counted) : counted
  const setbacks = { ...record.setbacks, look: setback }
  const cannotUpdate = { at: now, length: day }
  return renewsNothing(moment, { ...known, doubt: undefined, denials: undefined, cannotUpdate, setbacks })
}

/** Whether a denial of the token speaks of the client. */
export const isOfClient = (record: RegistrationRecord, moment: Pick<Moment, 'now' | 'options'>): boolean =>
  (isByToken(moment) || record.unanswered === undefined) && !isTokenOver(record, moment)

/** Whether denials of the token and of the secret speak of the client: what has ended by itself is denied too. */
export const speakOfClient = (record: RegistrationRecord, moment: Pick<Moment, 'now' | 'options'>): boolean =>
  isOfClient(record, moment) && !isExpired(record, moment.now)

/** Whether access tokens manage clients: a management token is sent to nobody then, so nothing follows from it. */
const isByToken = ({ options: { profile } }: Pick<Moment, 'options'>): boolean =>
  profile?.managementAuthorization === 'access-token'

/** Whether the management token has ended by itself: a JWT whose `exp`, where it is above 0, has passed. */
function isTokenOver({ registration }: RegistrationRecord, moment: Pick<Moment, 'now' | 'options'>): boolean {
  if (isByToken(moment)) return false
  const { registration_access_token: token } = registration ?? {}
  const [, claims, signature] = token?.split('.') ?? []
  if (claims === undefined || signature === undefined) return false
  try {
    const { exp }: { exp?: unknown } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof exp === 'number' && exp > 0 && exp * 1000 <= moment.now
  } catch {
    return false
  }
}

/** The server is left alone after a deletion that failed: as long as it asked, else longer each time. Our own store is not the server. */
export function withFailedDeletion(record: RegistrationRecord, moment: Moment, error: unknown): RegistrationRecord {
  if (isOwnFault(error)) return record
  const said = saidOf(error)
  return meaningOf(error) === 'later'
    ? withPause(record, 'delete', moment, waitOf(error), said)
    : withSetback(record, 'delete', moment, { said })
}

/** Whether an answer shows keys, and the one to come is not among them. Servers may leave names out, or give other ones. */
function lacksComing({ coming }: ManagedKeys, { registration: { jwks } }: StoredAnswer): boolean {
  const shown: unknown = jwks?.keys
  if (coming === undefined || !Array.isArray(shown) || shown.length === 0) return false
  const { kid, publicJwk } = coming
  const numberOf = ({ x, n }: Partial<Jwk>): unknown => x ?? n
  return !shown.map((key): Jwk => Object(key)).some((key) => key.kid === kid || numberOf(key) === numberOf(publicJwk))
}

/**
 * The next record, with its keys as the server has them by now. One that shows that it keeps those that it had is offered the
 * other one again as after a refusal, and nothing is taken back.
 */
export function withSettledKeys(
  moment: Moment,
  { keys, setbacks }: RegistrationRecord,
  stored: StoredAnswer,
  next: RegistrationRecord & { declaration: Declaration },
): RegistrationRecord {
  const { declaration } = next
  const name = setbackName('update', declaration.hash)
  if (keys === undefined || isFetched(moment.options, declaration) || !lacksComing(keys, stored))
    return { ...next, keys: settledKeys(moment, keys, declaration) }
  const leaving = { said: keepsKeys, hash: declaration.hash, ...ofRefused }
  return withSetback(
    { ...next, keys, setbacks: { ...next.setbacks, [name]: setbacks?.[name] } },
    'update',
    moment,
    leaving,
  )
}

const keepsKeys = 'The update was made, and the server keeps the keys that it had: the old one goes on signing.'

/** The outcome of a deletion could not be found out; `true`: often enough to stop trying, which without a delay is three times too. */
export function withDeletion(moment: Moment, record: RegistrationRecord): [RegistrationRecord, boolean] {
  const deletions = longer(goingOn(record.deletions, moment), moment.now)
  return [{ ...record, deletions }, deletions.count >= enough && isRow(deletions, moment.forgetDelay)]
}

/** The record after the outcome of a deletion was found out, or is given up. */
export const withoutDeletions = (record: RegistrationRecord): RegistrationRecord => ({
  ...record,
  deletions: undefined,
})

/** When the next denial would count: the observations of all replicas count together, and are spread over the time. */
export function nextObservation(record: RegistrationRecord, now: number, forgetDelay: number): number {
  const suspicion = suspicionIn(record, now, forgetDelay)
  return suspicion === undefined ? now : suspicion.last + patienceWith(record, forgetDelay) / (enough - 1)
}

/** The record after one more denial. */
export function withDoubt(record: RegistrationRecord, moment: Moment, of: Suspicion['of']): RegistrationRecord {
  const before = suspicionIn(record, moment.now, moment.forgetDelay)
  return { ...record, suspicion: { of, ...longer(before?.of === of ? before : undefined, moment.now) } }
}

/** The record after the server was seen to know the client; another secret that was shown stays until a stored one is proven. */
export const withProof = (record: RegistrationRecord, of: Suspicion['of']): RegistrationRecord => ({
  ...record,
  suspicion: undefined,
  candidate: of === 'client' || record.registration?.client_secret === undefined ? record.candidate : undefined,
  proven: true,
  unproven: undefined,
})

/** Whether a witness's word changes anything that is stored. */
export const isNews = (record: RegistrationRecord, witness: Witness): boolean =>
  witness === 'denied' || (witness === 'alive' && (record.suspicion !== undefined || record.proven === undefined))
