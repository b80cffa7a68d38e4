import { StoreError } from '../errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { load, storeFailure } from './home.ts'
import type { Begun } from './intent.ts'
import { conclude } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { listOrphan, orphanOf, shown, unlistOrphan } from './orphans.ts'
import type { Intent } from './record.ts'
import { resting } from './transitions.ts'

/** Deletes a client that this process made and nobody may use, or lists it where that does not work. */
export async function compensate(
  k: Keeping,
  intent: Intent,
  registration: RegistrationResponse,
  reason: string,
): Promise<void> {
  const orphan = orphanOf(k, intent.id, reason, registration)
  // A server may hand the same client to several starters; the one that is in use must not be deleted.
  const found = await load(k).catch((error: unknown) => {
    k.tell({ type: 'orphan', orphan: shown(orphan) })
    throw error
  })
  if (found?.record.registration?.client_id === registration.client_id) return
  if (!(await deletes(k, registration))) return listOrphan(k, orphan)
  k.tell({ type: 'compensated', orphan: shown(orphan) })
  // Whoever took over has listed the attempt.
  await unlistOrphan(k, orphan)
}

/** Whether the server deleted it. */
export async function deletes(k: Keeping, registration: RegistrationResponse): Promise<boolean> {
  try {
    await k.conversation.delete(registration)
    return true
  } catch {
    return false
  }
}

/**
 * What becomes of a client whose record can't be saved: it is deleted, unless the record may name it already. The error
 * to throw.
 */
export async function giveBack(
  k: Keeping,
  begun: Begun,
  registration: RegistrationResponse,
  cause: unknown,
): Promise<Error> {
  const failure = storeFailure(cause)
  const orphan = orphanOf(k, begun.intent.id, `It could not be stored: ${failure.message}`, registration)
  const inDoubt = failure instanceof StoreError && failure.code === 'store-unknown'
  const deleted = !inDoubt && (await deletes(k, registration))
  k.tell({ type: deleted ? 'compensated' : 'orphan', orphan: shown(orphan) })
  if (deleted) {
    await conclude(k, begun, resting).catch(() => undefined)
    return failure
  }
  return new StoreError(
    failure instanceof StoreError ? failure.code : 'store-unavailable',
    `A client was registered and could not be stored (${registration.client_id}): ${failure.message}`,
    { outcome: 'accepted', cause: failure },
  )
}
