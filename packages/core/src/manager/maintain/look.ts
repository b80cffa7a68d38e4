import { changes as differences } from '../../exchange/deviations.ts'
import { canonical } from '../../model/values.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import { NotSupportedError } from '../../server-errors.ts'
import type { Context, Step, Work } from '../context.ts'
import { storableAnswer } from '../ensure/answers.ts'
import { isOutage, meaningOf, saidOf, waitOf } from '../ensure/outcomes.ts'
import { secretMoved } from '../record/credentials.ts'
import type { Announced } from '../record/lease.ts'
import type { Current, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { withOutage, withPause, withSetback } from '../record/setbacks.ts'
import type { Seen } from './verdicts.ts'
import { isNowhere, seenOf } from './verdicts.ts'
import { withDenial } from './denials.ts'
import { meanwhile, tellUnmanageable } from './settle.ts'
import { withAnswer } from './apply-answer.ts'

/** What a look at the management address showed. */
export interface Look {
  seen: Seen
  answer?: StoredAnswer | undefined
  error?: unknown
}

/** Whether a look was denied: that nobody is at the address says so only where a read has shown the client there. */
export const isDenied = ({ seen, error }: Look, { shown }: RegistrationRecord): boolean =>
  seen === 'denied' && (shown === 'read' || !isNowhere(error))

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
    const answer = storableAnswer(context, answered, { operation: 'read', current })
    const keep = (record: RegistrationRecord): RegistrationRecord => ({
      ...withAnswer(context.moment(), record, answer),
      shown: 'read',
      intent: announced.intent,
    })
    const saved = await context.leases.saveWithRetries((tries) => context.leases.ifStillMine(announced, keep, tries))
    if (saved) announced.found = saved
    const { registration = answer.registration } = saved?.record ?? {}
    const seen =
      Object.keys(changes).length > 0
        ? shownOf(current, changes, answered.value)
        : secretMoved(current, answer.registration)
          ? 'declared'
          : 'client'
    return { seen, answer: { ...answer, registration, from: registration } }
  } catch (error) {
    if (meaningOf(error) === 'later') {
      const moment = context.moment()
      context.memory.heed(
        withPause(announced.found.record, 'look', moment, waitOf(error), saidOf(error)).pause,
        moment.now,
      )
    }
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

/**
 * Asks the server, by a read, and saves what it says (RFC 7592 section 2.1): for `read()`, and once a day for a client
 * whose token was lost.
 */
export async function look(context: Context, current: Current, { inside, signal, goal }: Work): Promise<Step> {
  const { found, registration } = current
  const isAsked = goal.goal === 'read' && !goal.isDone
  const announced = await context.leases.announce(found, { operation: 'look', inside, signal })
  if (announced === undefined) return 'again'
  const { answer, error, seen } = await lookAt(context, announced, registration, {})
  if (answer) {
    await context.leases.complete(announced)
    goal.isDone = true
    return isAsked ? { registration: answer.registration, until: context.clock.now() } : 'again'
  }
  tellUnmanageable(
    context,
    current,
    await context.leases.complete(
      announced,
      context.met((record) => withoutLook(context, record, seen, error)),
    ),
  )
  if (isAsked) throw error
  return meanwhile(context, current, error, 'update')
}

/** The record after a look that did not show the client. */
function withoutLook(context: Context, record: RegistrationRecord, seen: Seen, error: unknown): RegistrationRecord {
  const moment = context.moment()
  const said = saidOf(error)
  const meaning = meaningOf(error)
  const isUnanswered = meaning === 'unknown' || meaning === 'unreadable' || meaning === 'page'
  const next = isUnanswered ? { ...record, unanswered: true as const } : record
  if (seen === 'denied') {
    const denied = withDenial(next, 'look', moment)
    return next.unmanageable ? { ...denied, unmanageable: { ...next.unmanageable, at: moment.now } } : denied
  }
  if (meaning === 'later') return withPause(next, 'look', moment, waitOf(error), said)
  if (isOutage(error)) return withOutage(next, 'look', moment, context.owner, said)
  if (error instanceof NotSupportedError) return next
  return withSetback(next, 'look', moment, { said })
}
