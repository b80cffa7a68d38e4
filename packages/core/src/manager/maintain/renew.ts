import type { Context, Step, Work } from '../context.ts'
import { requested } from '../ensure/request.ts'
import type { Announced } from '../record/lease.ts'
import type { Current, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { hasSameSecret, isExpired, secretMoved } from '../record/credentials.ts'
import { isByKeys, settledKeys } from '../record/managed-keys.ts'
import { applied, renewed, saveAnswer } from './apply-answer.ts'
import { changesTo } from './verdicts.ts'
import { keptKeys, settleUpdate } from './settle.ts'
import { isOtherMethod, tryUpdate } from './look.ts'

/**
 * Renews a secret before it ends, or when other credentials were asked for. RFC 7592 defines no rotation, so an update is
 * tried first and judged by whether the secret moved; where it did not, only a new registration helps. Keys that the manager
 * keeps are renewed by publishing another.
 */
export async function renew(context: Context, current: Current, work: Work): Promise<Step> {
  const { found, registration } = current
  const { inside, signal, goal } = work
  const isAsked = goal.goal === 'rotate' && !goal.isDone
  const byKeys = isAsked && isByKeys(found.record, context.options)
  const { declaration, keys } = byKeys
    ? await requested(context, found.record, { as: 'same', fresh: true })
    : { declaration: found.record.declaration, keys: undefined }
  const operation = byKeys ? 'update' : 'renew'
  const announced = await context.leases.announce(found, { operation, inside, signal, declaration, keys })
  if (announced === undefined) return 'again'
  // Where credentials are denied, and the server says another way to prove the client than is declared, that is part of it.
  const isDenied = found.record.suspicion?.of === 'credentials'
  const isBack = isDenied && declaration?.hash && isOtherMethod(registration, declaration.metadata)
  const changes = declaration && (byKeys || isBack) ? changesTo(found.record, declaration.metadata) : {}
  const tried = await tryUpdate(context, announced, registration, changes)
  const { verdict, answer, error } = tried
  goal.renewals++
  if (answer && (verdict === 'applied' || verdict === 'unconfirmed')) {
    if (byKeys && declaration) {
      const saved = await saveAnswer(context, announced, answer, (record) =>
        applied(context.moment(), record, answer, declaration),
      )
      const isKept = saved !== undefined && keptKeys(saved.record, declaration) !== undefined
      if (saved && !isKept) context.tell({ type: 'renewed', client_id: registration.client_id })
      goal.isDone ||= saved !== undefined && !isKept
      goal.isInVain ||= isKept
    } else {
      const saved = await saveRenewed(context, announced, answer, found.record, isAsked)
      if (isAsked) goal.isDone = saved === 'renewed'
      goal.isInVain ||= isAsked && saved === 'same'
    }
    return 'again'
  }
  const step = await settleUpdate(context, announced, current, tried, 'renew')
  if (isAsked && step !== 'again') throw error
  return step
}

/** Whether an answer brings another secret: one that is over by now is of no more use than the one before. */
const bringsAnother = (
  { registration: before }: RegistrationRecord,
  registration: StoredAnswer['registration'],
  now: number,
): boolean => !isExpired({ registration }, now) && secretMoved(before, registration)

/**
 * Saves the answer to an update that was to renew, or to the look that finds out what became of it. Another end of the same secret
 * is enough, unless another secret is asked for. `before`: the record as the renewal found it; a look has saved what it shows by now.
 */
export async function saveRenewed(
  context: Context,
  announced: Announced,
  answer: StoredAnswer,
  before: RegistrationRecord,
  isAsked = false,
): Promise<'renewed' | 'same' | undefined> {
  const { registration } = answer
  const moved = bringsAnother(before, registration, context.clock.now())
  const saved = await saveAnswer(context, announced, answer, (record) =>
    renewed(context.moment(), record, answer, moved),
  )
  if (saved === undefined) return undefined
  context.memory.succeed('update')
  if (!moved || (isAsked && hasSameSecret(before.registration, registration))) return 'same'
  context.tell({ type: 'renewed', client_id: registration.client_id })
  return 'renewed'
}

/**
 * Makes another key where the server fetches the keys itself: nothing is sent. The key is published by being in the record, and
 * signs when the server has had the time to fetch it; the record says which one signs, so that all replicas sign with the same.
 */
export async function rotateKeys(context: Context, { found, registration }: Current, work: Work): Promise<Step> {
  const { record } = found
  const { goal } = work
  const isAsked = goal.goal === 'rotate' && !goal.isDone
  const { keys: next, declaration } = await requested(context, record, { as: 'same', fresh: isAsked })
  const keys = settledKeys(context.moment(), next, record.declaration ?? declaration)
  if ((await context.records.save({ ...record, keys }, found)) === undefined) return 'again'
  goal.renewals++
  goal.isDone ||= isAsked
  if (keys?.current.kid !== record.keys?.current.kid)
    context.tell({ type: 'renewed', client_id: registration.client_id })
  return 'again'
}
