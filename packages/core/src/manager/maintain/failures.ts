import type { Moment } from '../record/timeline.ts'
import { setbackName } from '../record/timeline.ts'
import type { Declaration, Intent, Operation, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import type { Mark, Said, Setback } from '../record/mark.ts'
import { binds, day, minute } from '../record/mark.ts'
import { failed, withOutage, withPause, withSetback } from '../record/setbacks.ts'
import { renewsNothing } from '../record/credentials.ts'
import {
  isAnswered,
  isFinal,
  isOfCaller,
  isOutage,
  isUnsupported,
  meaningOf,
  saidOf,
  unusableIn,
  waitOf,
} from '../ensure/outcomes.ts'
import { leftOpen, withUnknownDeclaration } from '../record/declarations.ts'
import type { AfterUpdate, Look } from './verdicts.ts'
import { withCredentials } from '../record/transitions.ts'
import { ofRefused, withDenial } from './denials.ts'

// What is written down of an update or a look that failed, and what of the client is known then. Pure.

/** The record after a look that did not show the client; `operation`: what it was made for. */
export function withoutLook(
  moment: Moment,
  record: RegistrationRecord,
  { seen, error }: Look,
  owner: string,
  operation: 'look' | 'delete' = 'look',
): RegistrationRecord {
  const said = saidOf(error)
  const meaning = meaningOf(error)
  // A token that was given up stays so for another day.
  const unmanageable = record.unmanageable && { ...record.unmanageable, at: moment.now }
  if (seen === 'denied') {
    const denied = withDenial(record, 'look', moment)
    return unmanageable ? { ...denied, unmanageable } : denied
  }
  if (meaning === 'later') return withPause(record, operation, moment, waitOf(error), said)
  if (isOutage(error)) return withOutage(record, operation, moment, owner, said)
  if (isUnsupported(error)) return { ...record, unmanageable }
  return withSetback(record, operation, moment, { said })
}

/** What an update tried, and how it ended. */
export interface Tried {
  verdict: AfterUpdate
  /** The answer to the update, or to the look that found out what became of it. */
  answer?: StoredAnswer | undefined
  error?: unknown
  /** The update got no answer: it may have been made, or be on its way still. */
  isOpen?: boolean
  /** The update was made, and what came of it can't be used. */
  isMade?: boolean
}

const isNewer = (after: Mark | undefined, before: Mark | undefined): boolean =>
  after !== undefined && after.at !== before?.at

/** The last failure showed that no update will help; an older one may have shown it of another client. */
export const isOutOfReach = (before: RegistrationRecord, after: RegistrationRecord | undefined): boolean =>
  (after?.unmanageable !== undefined && before.unmanageable === undefined) ||
  isNewer(after?.cannotUpdate, before.cannotUpdate) ||
  isNewer(after?.renewsNothing, before.renewsNothing)

/** An update that was to renew has shown that none does: only a new registration will. */
export const showsNoRenewal = (operation: Operation, verdict: AfterUpdate): boolean =>
  operation === 'renew' && (verdict === 'refused' || verdict === 'unusable' || verdict === 'cannot-update')

interface Settling {
  operation: 'update' | 'renew'
  declared: Declaration
  owner: string
}

/** The record after that verdict. */
export function withVerdict(
  moment: Moment,
  record: RegistrationRecord,
  tried: Tried,
  settling: Settling,
): RegistrationRecord {
  const next = afterVerdict(moment, record, tried, settling)
  return showsNoRenewal(settling.operation, tried.verdict) ? renewsNothing(moment, next) : next
}

function afterVerdict(
  moment: Moment,
  record: RegistrationRecord,
  { verdict, error, isOpen = false }: Tried,
  { operation, declared, owner }: Settling,
): RegistrationRecord {
  const said = saidOf(error)
  const hash = operation === 'update' ? declared.hash : undefined
  switch (verdict) {
    case 'cannot-update':
      return {
        ...record,
        failures: failed(record, operation, moment).failures,
        cannotUpdate: { at: moment.now, length: day },
      }
    case 'setback':
      return withDenial(record, operation, moment)
    case 'later':
      return withPause(record, operation, moment, waitOf(error), said)
    case 'not-sent':
      // A token source that gives no token for updates may give one for registering.
      if (operation === 'renew' && isOfCaller(error))
        return tooOften(moment, withSetback(record, operation, moment, { said }), operation)
      return isOutage(error) && !isOfCaller(error)
        ? withOutage(record, operation, moment, owner, said)
        : withSetback(record, operation, moment, { said })
    case 'outage':
      if (isAnswered(error)) {
        const next = withSetback(record, operation, moment, { said })
        // The server answers each time, and neither updates nor shows the client: only another client will have what is declared.
        if (isOpen || !isOften(moment, next.setbacks?.[operation])) return next
        const closed = { ...next, cannotUpdate: { at: moment.now, length: day } }
        return operation === 'renew' ? renewsNothing(moment, closed, true) : closed
      }
      if (meaningOf(error) === 'later') return withPause(record, operation, moment, waitOf(error), said)
      return withOutage(record, operation, moment, owner, said)
    case 'unusable':
      return withSetback(withCredentials(moment, record, unusableIn(error)), operation, moment, {
        said,
        hash,
        final: true,
        ...ofRefused,
      })
    case 'refused':
      return withSetback(record, operation, moment, { said, hash, final: isFinal(error) || undefined, ...ofRefused })
    default:
      return tooOften(moment, withSetback(record, operation, moment, { said, hash }), operation, hash)
  }
}

/** The credentials in an answer that must not be used otherwise: they may be the only ones that work. */
export function credentialsIn(moment: Moment, record: RegistrationRecord, error: unknown): StoredAnswer | undefined {
  const made = unusableIn(error)
  const { registration } = withCredentials(moment, record, made)
  return made && registration && { registration, raw: record.raw }
}

/** Three failures over `forgetDelay`. */
const isOften = ({ forgetDelay }: Moment, setback: Setback | undefined): boolean =>
  setback !== undefined && setback.count >= 3 && setback.at - setback.first >= forgetDelay

/** Three failures over `forgetDelay` are as good as a refusal: a server that always fails renews nothing, and may recover yet. */
function tooOften(moment: Moment, record: RegistrationRecord, operation: Operation, hash?: string): RegistrationRecord {
  const name = setbackName(operation, hash)
  const setback = record.setbacks?.[name]
  if (setback === undefined || !isOften(moment, setback)) return record
  const length = Math.min(minute * 2 ** (setback.count - 3), day)
  const next = { ...record, setbacks: { ...record.setbacks, [name]: { ...setback, length } } }
  return operation === 'renew' ? renewsNothing(moment, next, true) : next
}

/** The record after an update of which nobody will find out whether it was made: what is in force is not known. */
const unseen = (record: RegistrationRecord): RegistrationRecord => ({
  ...withUnknownDeclaration(record),
  doubt: undefined,
})

/** The record after a look that showed that nothing has changed the client. */
export const withoutDoubt = (record: RegistrationRecord): RegistrationRecord => ({ ...record, doubt: undefined })

/** The record after a look that could not show it. Without updates, a registration was in doubt: that makes another client. */
export const notShown = ({ now, options }: Moment, record: RegistrationRecord): RegistrationRecord =>
  options.profile?.cannot?.update !== undefined || binds(record.cannotUpdate, now)
    ? withoutDoubt(record)
    : unseen(record)

/**
 * The record after a look that could not show what became of an update: a call that has nothing else to do looks again. Where the
 * server answers each time and shows nothing, nobody will find out any more.
 */
export function undecided(
  moment: Moment,
  record: RegistrationRecord,
  next: RegistrationRecord,
  doubt: Declaration,
): RegistrationRecord {
  if (isOutOfReach(record, next)) return unseen(next)
  return isOften(moment, next.setbacks?.look) ? notShown(moment, next) : { ...next, doubt }
}

/** The record after an update that was not made, as far as anybody knows: what is in force, and what is to be looked at. */
export function withoutUpdate(
  record: RegistrationRecord,
  next: RegistrationRecord,
  { verdict, answer, isMade = verdict === 'unusable' }: Tried,
  declaration: Declaration | undefined,
): RegistrationRecord {
  // Either another declaration is in force, or nobody will find out any more; else a call that has nothing else to do looks.
  const isUnseen = verdict === 'back-off' && answer === undefined
  if (isMade || isUnseen || isOutOfReach(record, next)) return unseen(next)
  const isDoubt = verdict === 'setback' || verdict === 'outage'
  return { ...next, doubt: isDoubt ? (declaration ?? record.doubt) : answer ? undefined : record.doubt }
}

/** What somebody else has saved after an update without an answer: it may have been made, or be yet, so what is in force is not known. */
export const afterOpenUpdate = (
  moment: Moment,
  record: RegistrationRecord,
  intent: Intent,
  clientId: string,
): RegistrationRecord | 'drop' =>
  record.registration?.client_id === clientId && record.declaration?.hash !== intent.declaration?.hash
    ? leftOpen(moment, record, intent)
    : 'drop'

/** How long the server asked to be left alone, in answer to a look. */
export const pauseAfter = (moment: Moment, record: RegistrationRecord, error: unknown): Said | undefined =>
  withPause(record, 'look', moment, waitOf(error), saidOf(error)).pause
