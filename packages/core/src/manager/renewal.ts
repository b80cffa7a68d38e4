import type { Answered } from '../client/context.ts'
import { PolicyError, ServerRefusedError } from '../server-errors.ts'
import { RegistrationError } from '../errors.ts'
import { refusalOf, refusedFor, requireUnrefused } from './budget.ts'
import type { Begun } from './intent.ts'
import { begin, conclude, leaveOpen } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { canUpdate, isExpired } from './manageable.ts'
import type { RegistrationRecord } from './record.ts'
import { patiently } from './patience.ts'
import { replace } from './replacing.ts'
import { keptOf } from './secrecy.ts'
import type { Current, Step } from './step.ts'
import { store } from './storing.ts'
import { renewsNothing, unmanageable, withCredentials } from './setbacks.ts'
import { refreshed, resting, secretMoved } from './transitions.ts'

export const isDue = (k: Keeping, record: RegistrationRecord): boolean =>
  (record.renewAt ?? Infinity) <= k.clock.now(record)

/**
 * Renews a secret before it ends. RFC 7592 defines no rotation, so an update is tried first and judged by whether the
 * end moved; where it did not, only a new registration helps: at once, or at 90 % of the life where users have granted
 * something to the client.
 */
export async function renew(k: Keeping, current: Current, inside: boolean): Promise<Step> {
  const { record } = current.found
  if (canUpdate(record, k.options) && record.updateRenewsNothing !== true) {
    if (refusedFor(k, record) > 0) return stillWorks(k, current)
    return renewByUpdate(k, current, inside)
  }
  return replace(k, current, inside, 'renew')
}

async function renewByUpdate(k: Keeping, { found, registration }: Current, inside: boolean): Promise<Step> {
  const { declaration } = found.record
  const begun = await begin(k, found, { operation: 'renew', state: 'rotating', inside, declaration })
  if (begun === undefined) return 'again'
  let answered: Answered
  try {
    answered = await k.conversation.update(registration, {})
    keptOf(k, answered)
  } catch (error) {
    return failed(k, begun, { found, registration }, error)
  }
  await storeRenewed(k, begun, answered)
  return 'again'
}

/** Saves the answer to an update that was to renew, or to the read that finds out what became of it. */
export async function storeRenewed(k: Keeping, begun: Begun, answered: Answered): Promise<void> {
  const moved = secretMoved(begun.found.record, answered.value)
  const saved = await store(k, begun, answered, (record, kept) =>
    moved ? refreshed(k, record, kept) : renewsNothing(k, refreshed(k, record, kept)),
  )
  if (saved && moved) k.tell({ type: 'renewed', client_id: answered.value.client_id })
}

async function failed(k: Keeping, begun: Begun, current: Current, error: unknown): Promise<Step> {
  const refusal = refusalOf(k, begun.found.record, error)
  if (error instanceof ServerRefusedError && error.status === 401) {
    await conclude(k, begun, (record) => unmanageable(k, resting(record)))
    k.tell({ type: 'unmanageable', client_id: current.registration.client_id })
    return 'again'
  }
  if (error instanceof ServerRefusedError && (error.status < 500 || error.status === 501) && error.status !== 429) {
    await conclude(k, begun, (record) => renewsNothing(k, resting(record)))
    return 'again'
  }
  if (error instanceof PolicyError && error.outcome === 'accepted') {
    await patiently(() =>
      conclude(k, begun, (record) => renewsNothing(k, withCredentials(k, resting(record), error.registration))),
    )
    return 'again'
  }
  if (error instanceof RegistrationError && (error.outcome === 'not-sent' || error.outcome === 'refused'))
    await conclude(k, begun, (record) => ({ ...resting(record), refusal }))
  else await leaveOpen(k, begun, (record) => ({ ...record, refusal }))
  return stillWorks(k, current, error)
}

/**
 * The registration, as long as its secret lives.
 *
 * @throws what kept it from being renewed
 */
export function stillWorks(k: Keeping, { found, registration }: Current, error?: unknown): Step {
  if (!isExpired(found.record, k.clock.now(found.record))) return { registration }
  if (error !== undefined) throw error
  requireUnrefused(k, found.record)
  return { registration }
}
