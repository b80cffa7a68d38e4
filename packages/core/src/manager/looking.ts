import type { Answered } from '../client/context.ts'
import { NotSupportedError, PolicyError, ServerRefusedError } from '../server-errors.ts'
import { changes } from '../exchange/deviations.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { refusalOf, refusedFor } from './budget.ts'
import type { Declaration } from './declaration.ts'
import { begin, conclude, leaveOpen } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { isManageable } from './manageable.ts'
import type { Found } from './record.ts'
import { patiently } from './patience.ts'
import { stillWorks, storeRenewed } from './renewal.ts'
import { keptOf } from './secrecy.ts'
import { rest } from './settling.ts'
import type { Current, Step } from './step.ts'
import { drifts } from './step.ts'
import { store } from './storing.ts'
import { unmanageable, withCredentials } from './setbacks.ts'
import { adopted, refreshed, resting } from './transitions.ts'
import { changesTo } from './updating.ts'

/**
 * Finds out what became of an update whose answer was lost, by one read with the token that is stored: the client goes
 * on living, and where the token is dead it can't be managed any more.
 */
export async function look(k: Keeping, current: Current, inside: boolean): Promise<Step> {
  const { found, registration } = current
  const { record } = found
  const { intent } = record
  if (intent === undefined || !isManageable(record, k.options)) return rested(k, found)
  if (intent.operation !== 'update' && intent.operation !== 'renew') return rested(k, found)
  if (refusedFor(k, record) > 0) return outcome(k, current)
  const { operation, declaration } = intent
  const begun = await begin(k, found, { operation, state: record.state, inside, declaration })
  if (begun === undefined) return 'again'
  let answered: Answered
  try {
    answered = await k.conversation.read(registration)
    keptOf(k, answered)
  } catch (error) {
    if (error instanceof ServerRefusedError && error.status === 401) {
      await conclude(k, begun, (next) => unmanageable(k, resting(next)))
      k.tell({ type: 'unmanageable', client_id: registration.client_id })
      return 'again'
    }
    if (error instanceof NotSupportedError) {
      await conclude(k, begun, resting)
      return 'again'
    }
    const told = error instanceof PolicyError ? error.registration : undefined
    const refusal = refusalOf(k, record, error)
    const saved = await patiently(() => leaveOpen(k, begun, (next) => ({ ...withCredentials(k, next, told), refusal })))
    return outcome(k, { found, registration: saved?.record.registration ?? registration }, error)
  }
  if (operation === 'renew') await storeRenewed(k, begun, answered)
  else if (declaration && isIn(current, declaration, answered.value)) {
    const saved = await store(k, begun, answered, (next, kept) => adopted(k, next, kept, declaration))
    if (saved) k.tell({ type: 'updated', client_id: registration.client_id })
  } else await store(k, begun, answered, (next, kept) => refreshed(k, next, kept))
  return 'again'
}

/** The client works; whether it is what it should be is not known yet. */
function outcome(k: Keeping, current: Current, error?: unknown): Step {
  const works = stillWorks(k, current, error)
  return current.found.record.state === 'rotating' ? works : drifts(k, current.registration)
}

/** Whether a client has what a declaration says, and nothing that it no longer says. */
function isIn({ found }: Current, { metadata }: Declaration, answered: RegistrationResponse): boolean {
  const changed = Object.entries(changesTo(found.record, metadata))
  return (
    changed.every(([member, value]) => value !== null || answered[member] === undefined) &&
    changes(Object.fromEntries(changed), answered).length === 0
  )
}

async function rested(k: Keeping, found: Found): Promise<Step> {
  await rest(k, found)
  return 'again'
}
