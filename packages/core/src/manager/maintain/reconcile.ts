import { changes as differences } from '../../exchange/deviations.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { momentOf } from '../context.ts'
import { saveAnswer, storableAnswer } from '../ensure/answers.ts'
import type { Step, Work } from '../ensure/ensure.ts'
import type { AfterUpdate, Seen } from '../ensure/outcomes.ts'
import { afterUpdate, isOutage, meaningOf, seenOf, waitOf } from '../ensure/outcomes.ts'
import { NotSupportedError } from '../../server-errors.ts'
import { canonical } from '../../model/digest.ts'
import { secretMoved } from '../record/credentials.ts'
import type { Announced } from '../record/lease.ts'
import { announce, complete, ifStillMine } from '../record/lease.ts'
import { saveWithRetries } from '../record/record-store.ts'
import type { Current, Intent, RegistrationRecord } from '../record/record.ts'
import { withDenial, withOutage, withPause, withSetback } from '../record/setbacks.ts'
import type { StoredAnswer } from '../record/transitions.ts'
import { applied, withAnswer } from '../record/transitions.ts'
import { saveRenewed } from './renew.ts'
import { changesTo, meanwhile, settleUpdate, tellUnmanageable } from './update.ts'

/** What a look at the management address showed. */
export interface Look {
  seen: Seen
  answer?: StoredAnswer | undefined
  error?: unknown
}

/**
 * Looks at the client with the token that is stored, and saves at once what a rotation brought. What was changed is compared
 * with what is shown.
 */
export async function lookAt(
  context: Context,
  announced: Announced,
  current: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
): Promise<Look> {
  const { signal } = announced
  try {
    signal.throwIfAborted()
    const answered = await context.session.read(current, { signal })
    context.clock.hear(answered.date)
    const answer = storableAnswer(context, answered, { operation: 'read', current })
    const keep = (record: RegistrationRecord): RegistrationRecord => ({
      ...withAnswer(momentOf(context), record, answer),
      intent: announced.intent,
    })
    const saved = await saveWithRetries(() => ifStillMine(context, announced, keep))
    if (saved) announced.found = saved
    if (Object.keys(changes).length > 0) return { seen: shownOf(current, changes, answered.value), answer }
    return { seen: secretMoved(current, answer.registration) ? 'declared' : 'client', answer }
  } catch (error) {
    return { seen: seenOf(error), error }
  }
}

/** Compared is what changed and is shown. */
function shownOf(
  before: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  shown: RegistrationResponse,
): 'declared' | 'client' | 'silent' {
  const changed = Object.entries(changes).filter(
    ([member, value]) => canonical(value ?? undefined) !== canonical(before[member]),
  )
  if (changed.length === 0) return 'declared'
  const compared = changed.filter(([member, value]) => shown[member] !== undefined || value === null)
  const asked = Object.fromEntries(compared.filter(([, value]) => value !== null))
  const isSame =
    compared.every(([member, value]) => value !== null || shown[member] === undefined) &&
    differences(asked, shown).length === 0
  if (compared.length === 0) return 'silent'
  return isSame ? 'declared' : 'client'
}

/**
 * Finds out what became of an update whose answer was lost, by one look: the client goes on living, and where the token is
 * dead it can't be managed any more.
 */
export async function reconcile(context: Context, current: Current, of: Intent, work: Work): Promise<Step> {
  const { found, registration } = current
  const { operation, declaration } = of
  const { inside, signal } = work
  const announced = await announce(context, found, { operation, inside, signal, declaration })
  if (announced === undefined) return 'again'
  const isRenewal = operation === 'renew' || declaration === undefined
  const changes = isRenewal ? {} : changesTo(found.record, declaration.metadata)
  const { seen, answer, error } = await lookAt(context, announced, registration, changes)
  if (answer) {
    if (isRenewal) await saveRenewed(context, announced, answer)
    else if (seen === 'declared') {
      const end = (record: RegistrationRecord): RegistrationRecord =>
        applied(momentOf(context), record, answer, declaration)
      if (await saveAnswer(context, announced, answer, end))
        context.tell({ type: 'updated', client_id: registration.client_id })
    } else await complete(context, announced)
    return 'again'
  }
  const verdict = afterLostUpdate(seen)
  if (verdict === 'rest') {
    await complete(context, announced, (record) => ({ ...record, unanswered: true }))
    return 'again'
  }
  const kind = isRenewal ? 'renew' : 'update'
  return settleUpdate(context, announced, current, { verdict, error }, kind, true)
}

/** What follows for an update that somebody else began, where a look does not show the client. */
function afterLostUpdate(seen: Seen): AfterUpdate | 'rest' {
  const row = afterUpdate.unknown
  const verdict = typeof row === 'string' ? row : row[seen]
  return verdict === 'back-off' ? 'rest' : verdict
}

/**
 * Asks the server, by a read, and saves what it says (RFC 7592 section 2.1): for `read()`, and once a day for a client
 * whose token was lost.
 */
export async function look(context: Context, current: Current, { inside, signal, goal }: Work): Promise<Step> {
  const { found, registration } = current
  const isAsked = goal.goal === 'read' && !goal.isDone
  const announced = await announce(context, found, { operation: 'look', inside, signal })
  if (announced === undefined) return 'again'
  const { answer, error, seen } = await lookAt(context, announced, registration, {})
  if (answer) {
    await complete(context, announced)
    goal.isDone = true
    return isAsked ? { registration: answer.registration, until: context.clock.now() } : 'again'
  }
  tellUnmanageable(
    context,
    current,
    await complete(context, announced, (record) => withoutLook(context, record, seen, error)),
  )
  if (isAsked) throw error
  return meanwhile(context, current, error, 'update')
}

/** The record after a look that did not show the client. */
function withoutLook(context: Context, record: RegistrationRecord, seen: Seen, error: unknown): RegistrationRecord {
  const moment = momentOf(context)
  const said = error instanceof Error ? error.message : 'It failed.'
  const wait = waitOf(error)
  const meaning = meaningOf(error)
  const isUnanswered = meaning === 'unknown' || meaning === 'unreadable'
  const next = isUnanswered ? { ...record, unanswered: true as const } : record
  if (seen === 'denied') {
    const denied = withDenial(moment, next)
    return next.unmanageable ? { ...denied, unmanageable: { ...next.unmanageable, at: moment.now } } : denied
  }
  if (wait !== undefined) return withPause(next, moment.now, wait, said)
  if (isOutage(error)) return withOutage(next, moment, context.owner, said)
  if (error instanceof NotSupportedError) return next
  return withSetback(next, 'look', moment, { said })
}
