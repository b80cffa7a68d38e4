import { PolicyError, UnexpectedAnswerError } from '../server-errors.ts'
import { RegistrationError } from '../errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { counted } from './attempts.ts'
import { refusalOf } from './budget.ts'
import { deletes } from './compensation.ts'
import type { Begun } from './intent.ts'
import { conclude } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { listOrphan, orphanOf, shown, unlistOrphan, withOrphan } from './orphans.ts'
import type { StoredOrphan } from './record.ts'
import { resting } from './transitions.ts'

/**
 * Writes down what a failed registration attempt left behind, and throws; `undefined` when another starter has taken
 * over meanwhile, whose record counts.
 */
export async function failRegistration(k: Keeping, begun: Begun, error: unknown): Promise<undefined> {
  const orphan = leftBehind(k, begun, error)
  const isNoted = async (): Promise<boolean> => {
    const saved = await conclude(k, begun, (record) => {
      const next = resting({ ...withOrphan(record, orphan), refusal: refusalOf(k, record, error) })
      return orphan ? counted(next, begun.intent.started) : next
    })
    if (orphan && saved) k.tell({ type: 'orphan', orphan: shown(orphan) })
    else if (orphan) await listOrphan(k, orphan)
    return saved !== undefined
  }
  // If the store fails too, the intent stays and says enough; what happened at the server matters more to the caller.
  const noted = await isNoted().catch(() => true)
  if (orphan && error instanceof PolicyError && error.registration)
    await discard(k, orphan, error.registration).catch(() => false)
  if (!noted) return undefined
  throw error
}

/** The client that may exist after the failure; `undefined` where it is certain that there is none. */
function leftBehind(k: Keeping, { intent }: Begun, error: unknown): StoredOrphan | undefined {
  const outcome = error instanceof RegistrationError ? error.outcome : intent.sent ? 'unknown' : 'not-sent'
  if (outcome === 'not-sent' || outcome === 'refused') return undefined
  return orphanOf(k, intent.id, error instanceof Error ? error.message : 'It failed.', clientIn(error))
}

function clientIn(error: unknown): Partial<RegistrationResponse> {
  if (error instanceof PolicyError && error.registration) return error.registration
  if (error instanceof UnexpectedAnswerError && error.client_id !== undefined) return { client_id: error.client_id }
  return {}
}

/** Deletes an orphan at the server, and then takes it off the list. */
export async function discard(k: Keeping, orphan: StoredOrphan, registration: RegistrationResponse): Promise<boolean> {
  if (!(await deletes(k, registration))) return false
  await unlistOrphan(k, orphan)
  k.tell({ type: 'compensated', orphan: shown(orphan) })
  return true
}
