import { RegistrationError } from '../../errors.ts'
import { PolicyError } from '../../server-errors.ts'
import type { Context, Step } from '../context.ts'
import { isFinal, isOutage, meaningOf, waitOf } from '../ensure/outcomes.ts'
import { leftAlone } from '../errors.ts'
import { isExpired } from '../record/credentials.ts'
import type { Announced } from '../record/lease.ts'
import { day, minute } from '../record/mark.ts'
import type { Current, Found, Operation, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { wasRefused, withOutage, withPause, withSetback } from '../record/setbacks.ts'
import { withUnknownDeclaration } from '../record/declarations.ts'
import { saveAnswer, withAnswer, withCredentials } from './apply-answer.ts'
import type { AfterUpdate } from './verdicts.ts'
import { ofRefused, withDenial } from './denials.ts'

/** What an update tried, and how it ended. */
export interface Tried {
  verdict: AfterUpdate
  /** The answer to the update, or to the look that found out what became of it. */
  answer?: StoredAnswer | undefined
  error?: unknown
  /** Nobody answered it: it may have been made, or be on its way still. */
  isOpen?: boolean
  /** It was made, and what came of it can't be used. */
  isMade?: boolean
}

/** Writes down what an update came to that was not made, and what the caller gets. */
export async function settleUpdate(
  context: Context,
  announced: Announced,
  current: Current,
  tried: Tried,
  operation: Extract<Operation, 'update' | 'renew'>,
  isHousekeeping = false,
): Promise<Step> {
  const { verdict, error, answer, isOpen = false } = tried
  const { isMade = verdict === 'unusable' } = tried
  const fail = context.met((record) => withVerdict(context, record, tried, operation))
  const note = (record: RegistrationRecord): RegistrationRecord => {
    const next = fail(answer ? withAnswer(context.moment(), record, answer) : record)
    if (!(isOpen || isMade) || operation !== 'update') return next
    // What is in force is not what was, or nobody will find out any more; else whoever has nothing else to do looks.
    const isUnseen = verdict === 'back-off' && answer === undefined
    if (isMade || isUnseen || isOutOfReach(record, next)) return unseen(next)
    const isDoubt = verdict === 'setback' || (verdict === 'outage' && !isAnswered(error))
    return {
      ...next,
      doubt: isDoubt ? (announced.intent.declaration ?? record.doubt) : answer ? undefined : record.doubt,
    }
  }
  const saved = answer
    ? await saveAnswer(context, announced, answer, note)
    : await context.leases.saveWithRetries((tries) => context.leases.complete(announced, note, tries))
  tellUnmanageable(context, current, saved)
  const isNew = !wasRefused(current.found.record, 'update', context.declared.hash)
  const mustBeSeen = (verdict === 'refused' || verdict === 'unusable') && isFinal(error) && isNew && !isHousekeeping
  if (mustBeSeen && operation === 'update') throw error
  // What can't be used any more is not handed out meanwhile: the same call goes on with another client.
  const isLost = isOutOfReach(current.found.record, saved?.record)
  const isExpiredNow = isExpired(current.found.record, context.clock.now())
  const isReplaced = verdict === 'cannot-update' || (isLost && saved?.record.unmanageable === undefined)
  const goesOn = isReplaced || (isLost && isOpen) || (isExpiredNow && (isLost || isAnswered(error)))
  if (goesOn) return 'again'
  // A look may have brought another token.
  const registration =
    saved?.record.registration ?? answer?.registration ?? announced.found.record.registration ?? current.registration
  return meanwhile(context, { ...current, registration }, error, operation)
}

/** The record after an update of which nobody will find out whether it was made: what is in force is not known. */
export const unseen = (record: RegistrationRecord): RegistrationRecord => ({
  ...withUnknownDeclaration(record),
  doubt: undefined,
})

/** The server, or whoever stands before it, answers and is not in trouble: it only does not do this. */
const isAnswered = (error: unknown): boolean => !['unknown', 'not-sent', 'later'].includes(meaningOf(error))

/** The last denial showed that no update will help. */
const isOutOfReach = (before: RegistrationRecord, after: RegistrationRecord | undefined): boolean =>
  (after?.unmanageable !== undefined && before.unmanageable === undefined) ||
  (after?.cannotUpdate !== undefined && before.cannotUpdate === undefined)

/** Tells that the management token is lost, once. */
export function tellUnmanageable({ tell }: Context, { found, registration }: Current, saved: Found | undefined): void {
  if (saved?.record.unmanageable && !found.record.unmanageable)
    tell({ type: 'unmanageable', client_id: registration.client_id })
}

/** The record after that verdict. */
function withVerdict(
  context: Context,
  record: RegistrationRecord,
  { verdict, error, isOpen = false }: Tried,
  operation: 'update' | 'renew',
): RegistrationRecord {
  const moment = context.moment()
  const said = error instanceof Error ? error.message : 'It failed.'
  const hash = operation === 'update' ? context.declared.hash : undefined
  switch (verdict) {
    case 'cannot-update':
      return { ...record, cannotUpdate: { at: moment.now, length: day } }
    case 'setback':
      return withDenial(record, operation, moment)
    case 'later':
      return withPause(record, operation, moment, waitOf(error), said)
    case 'not-sent':
      if (error instanceof RegistrationError && error.code === 'invalid-request') return record
      return isOutage(error)
        ? withOutage(record, operation, moment, context.owner, said)
        : withSetback(record, operation, moment, { said })
    case 'outage':
      if (isAnswered(error)) {
        const next: RegistrationRecord = { ...withSetback(record, operation, moment, { said }), unanswered: true }
        // Somebody answers each time, and does neither: only another client will have what is declared.
        const isClosed = !isOpen && isOften(context, next, operation)
        return isClosed ? { ...next, cannotUpdate: { at: moment.now, length: day } } : next
      }
      if (meaningOf(error) === 'later')
        return { ...withPause(record, operation, moment, waitOf(error), said), unanswered: true }
      return { ...withOutage(record, operation, moment, context.owner, said), unanswered: true }
    case 'unusable': {
      const known = error instanceof PolicyError ? error.registration : undefined
      return withSetback(withCredentials(moment, record, known), operation, moment, {
        said,
        hash,
        final: true,
        ...ofRefused,
      })
    }
    case 'refused':
      return withSetback(record, operation, moment, { said, hash, final: isFinal(error) || undefined, ...ofRefused })
    default:
      return tooOften(context, withSetback(record, operation, moment, { said, hash }), operation)
  }
}

/** Three failures over `forgetDelay`. */
function isOften({ forgetDelay }: Context, { setbacks }: RegistrationRecord, operation: Operation): boolean {
  const { count, at, first } = setbacks?.[operation] ?? { count: 0, at: 0, first: 0 }
  return count >= 3 && at - first >= forgetDelay
}

/** Three failures over `forgetDelay` are as good as a refusal. */
function tooOften(context: Context, record: RegistrationRecord, operation: Operation): RegistrationRecord {
  const setback = record.setbacks?.[operation]
  if (setback === undefined || !isOften(context, record, operation)) return record
  const length = Math.min(minute * 2 ** (setback.count - 3), day)
  return { ...record, setbacks: { ...record.setbacks, [operation]: { ...setback, length } } }
}

/** The client in use goes on: as long as its secret lives. */
export function meanwhile(
  context: Context,
  { found, registration }: Current,
  error: unknown,
  operation: 'update' | 'renew',
): Step {
  const { record } = found
  const said = error instanceof Error ? error.message : 'It failed.'
  const reason = error instanceof RegistrationError ? error.code : 'failed'
  const isOver = isExpired(record, context.clock.now())
  if (operation === 'renew' || !isOver)
    context.tellDrift(record, reason, said, operation === 'renew' ? 'renewal-failed' : 'drift')
  if (isOver) throw error ?? leftAlone(said, 1000)
  return { registration, until: context.clock.now(), because: error ?? leftAlone(said, 1000) }
}
