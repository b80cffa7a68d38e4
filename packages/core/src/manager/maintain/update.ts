import type { Answered } from '../../client/context.ts'
import { PolicyError } from '../../server-errors.ts'
import { RegistrationError } from '../../errors.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import { sleep } from '../../client/abort.ts'
import type { Context } from '../context.ts'
import { momentOf, tellDrift } from '../context.ts'
import { lacksSecret, saveAnswer, storableAnswer } from '../ensure/answers.ts'
import type { Step, Work } from '../ensure/ensure.ts'
import type { AfterUpdate } from '../ensure/outcomes.ts'
import { afterRepetition, afterUpdate, isFinal, isOutage, meaningOf, waitOf } from '../ensure/outcomes.ts'
import { requested } from '../ensure/request.ts'
import { returned } from '../ensure/register.ts'
import { leftAlone } from '../ensure/stopped.ts'
import { isExpired } from '../record/credentials.ts'
import { supersede } from '../record/declarations.ts'
import { day, minute } from '../record/mark.ts'
import type { Announced } from '../record/lease.ts'
import { announce, complete } from '../record/lease.ts'
import { saveWithRetries } from '../record/record-store.ts'
import type { Current, Found, Operation, RegistrationRecord } from '../record/record.ts'
import { ofRefused, wasRefused, withDenial, withOutage, withPause, withSetback } from '../record/setbacks.ts'
import type { StoredAnswer } from '../record/transitions.ts'
import { applied, withAnswer, withCredentials } from '../record/transitions.ts'
import type { Declaration } from '../start.ts'
import { lookAt } from './reconcile.ts'

/** What an update tried, and how it ended. */
export interface Tried {
  verdict: AfterUpdate
  /** The answer to the update, or to the look that found out what became of it. */
  answer?: StoredAnswer | undefined
  error?: unknown
}

const repeatAfter = 1000

/** Brings the client into the declared form by an update (RFC 7592 section 2.2), or publishes its keys. */
export async function update(
  context: Context,
  current: Current,
  why: 'update' | 'publish-keys',
  work: Work,
): Promise<Step> {
  const { found, registration } = current
  const { declaration, keys } = await requested(context, found.record, { as: 'same' })
  const { inside, signal } = work
  const announced = await announce(context, found, { operation: 'update', inside, signal, declaration, keys })
  if (announced === undefined) return 'again'
  const tried = await tryUpdate(context, announced, registration, changesTo(found.record, declaration.metadata))
  const { verdict, answer } = tried
  if ((verdict === 'applied' || verdict === 'unconfirmed') && !(answer && lacksSecret(context, answer))) {
    await apply(context, announced, declaration, answer, verdict)
    work.goal.renewals++
    return 'again'
  }
  const isKeys = why === 'publish-keys'
  return settleUpdate(context, announced, current, { ...tried, verdict: lacking(verdict) }, 'update', isKeys)
}

/** An update that was made and leaves a client which nobody can use is none: another client is needed. */
const lacking = (verdict: AfterUpdate): AfterUpdate =>
  verdict === 'applied' || verdict === 'unconfirmed' ? 'cannot-update' : verdict

/** The record of an update that was made. */
async function apply(
  context: Context,
  announced: Announced,
  declaration: Declaration,
  answer: StoredAnswer | undefined,
  verdict: AfterUpdate,
): Promise<void> {
  const { record } = announced.found
  const { registration, raw } = record
  const stored = answer ?? (registration && { registration, raw })
  if (stored === undefined) return
  const { client_id } = stored.registration
  const saved = await saveAnswer(context, announced, stored, (next) =>
    applied(momentOf(context), next, stored, declaration),
  )
  if (saved === undefined) return
  if (verdict === 'unconfirmed')
    context.tell({
      type: 'deviation',
      deviation: {
        rule: 'update-unconfirmed',
        message: 'The update was sent, and no look can show whether it was made.',
      },
    })
  const kept = keptBy(record.declaration?.metadata, declaration.metadata, stored.registration)
  if (kept.length > 0)
    tellDrift(
      context,
      record,
      'kept',
      `The update was made, and the server keeps what is no longer declared: ${kept.join(', ')}.`,
    )
  else context.tell({ type: 'updated', client_id })
  if (supersede(record, declaration, context.clock.now()).isReturn) context.tell(returned)
}

/** The members that are no longer declared and that the server still has as they were. */
function keptBy(
  before: RegistrationRequest = {},
  now: RegistrationRequest,
  { ...shown }: RegistrationResponse,
): string[] {
  const declared: Readonly<Record<string, unknown>> = { ...now }
  return Object.entries(before)
    .filter(
      ([member, value]) => declared[member] === undefined && JSON.stringify(shown[member]) === JSON.stringify(value),
    )
    .filter(([member, value]) => value !== undefined && member !== 'jwks')
    .map(([member]) => member)
}

/** What an update changes: everything that is declared, and out with what was declared before and is no more. */
export function changesTo(record: RegistrationRecord, metadata: RegistrationRequest): Changes<RegistrationRequest> {
  const gone = Object.keys(record.declaration?.metadata ?? {}).map((member) => [member, null])
  const declared = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries([...gone, ...declared])
}

/**
 * Sends an update, finds out by a look what became of it where its answer does not say, and repeats it once where that is
 * likely to help. The table is `afterUpdate`.
 */
export async function tryUpdate(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
): Promise<Tried> {
  const { signal } = announced
  let current = registration
  for (let isSecond = false; ; isSecond = true) {
    let answered: Answered
    try {
      signal.throwIfAborted()
      const requested = announced.found.record.declaration?.metadata
      answered = await context.session.update(current, changes, { signal, requested })
      context.clock.hear(answered.date)
      return { verdict: 'applied', answer: storableAnswer(context, answered, { operation: 'update', current }) }
    } catch (error) {
      const meaning = meaningOf(error)
      const after = afterUpdate[meaning]
      if (typeof after === 'string') return { verdict: after, error }
      const seen = await lookAt(context, announced, current, changes)
      const verdict = after[seen.seen]
      current = seen.answer?.registration ?? current
      const isRepeated = verdict === 'repeat' || verdict === 'repeat-later'
      if (!isRepeated || isSecond) {
        const final = isRepeated ? afterRepetition(verdict, meaning, seen.seen) : verdict
        return { verdict: final, answer: seen.answer, error: final === 'outage' ? (seen.error ?? error) : error }
      }
      if (verdict === 'repeat-later') await sleep(repeatAfter, signal)
    }
  }
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
  const { verdict, error, answer } = tried
  const note = (record: RegistrationRecord): RegistrationRecord => {
    const moment = momentOf(context)
    const shown = answer ? withAnswer(moment, record, answer) : record
    return withVerdict(context, shown, verdict, error, operation)
  }
  const saved = answer
    ? await saveAnswer(context, announced, answer, note)
    : await saveWithRetries(() => complete(context, announced, note))
  tellUnmanageable(context, current, saved)
  if (verdict === 'cannot-update') return 'again'
  const isNew = !wasRefused(current.found.record, 'update', context.declared.hash)
  const mustBeSeen = (verdict === 'refused' || verdict === 'unusable') && isFinal(error) && isNew && !isHousekeeping
  if (mustBeSeen && operation === 'update') throw error
  return meanwhile(
    context,
    { ...current, registration: answer?.registration ?? current.registration },
    error,
    operation,
  )
}

/** Tells that the management token is lost, once. */
export function tellUnmanageable({ tell }: Context, { found, registration }: Current, saved: Found | undefined): void {
  if (saved?.record.unmanageable && !found.record.unmanageable)
    tell({ type: 'unmanageable', client_id: registration.client_id })
}

/** The record after that verdict. */
function withVerdict(
  context: Context,
  record: RegistrationRecord,
  verdict: AfterUpdate,
  error: unknown,
  operation: 'update' | 'renew',
): RegistrationRecord {
  const moment = momentOf(context)
  const said = error instanceof Error ? error.message : 'It failed.'
  const hash = operation === 'update' ? context.declared.hash : undefined
  switch (verdict) {
    case 'cannot-update':
      return { ...record, cannotUpdate: { at: moment.now, length: day } }
    case 'setback':
      return withDenial(moment, record)
    case 'later': {
      const wait = waitOf(error)
      return wait === undefined
        ? withSetback(record, operation, moment, { said })
        : withPause(record, moment.now, wait, said)
    }
    case 'not-sent':
      if (error instanceof RegistrationError && error.code === 'invalid-request') return record
      return isOutage(error)
        ? withOutage(record, moment, context.owner, said)
        : withSetback(record, operation, moment, { said })
    case 'outage':
      return { ...withOutage(record, moment, context.owner, said), unanswered: true }
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

/** Three failures over `forgetDelay` are as good as a refusal. */
function tooOften({ forgetDelay }: Context, record: RegistrationRecord, operation: Operation): RegistrationRecord {
  const setback = record.setbacks?.[operation]
  const often = setback !== undefined && setback.count >= 3 && setback.at - setback.first >= forgetDelay
  if (!often) return record
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
  if (operation === 'renew')
    context.tell({ type: 'renewal-failed', client_id: registration.client_id, reason, message: said })
  if (isExpired(record, context.clock.now())) throw error ?? leftAlone(said, 1000)
  tellDrift(context, record, reason, said)
  return { registration, until: context.clock.now() }
}
