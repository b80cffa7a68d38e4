import { PolicyError, ServerRefusedError } from '../server-errors.ts'
import { InvalidRequestError, StateError, StoreError } from '../errors.ts'
import { isFinal } from './budget.ts'
import type { Keeping } from './keeping.ts'
import { isExpired } from './manageable.ts'
import { registerAnew } from './registering.ts'
import type { Current, Step } from './step.ts'
import { drifts } from './step.ts'

/**
 * Registers another client in place of one that works. If that fails the old one stays in use, unless its secret has
 * ended, or the declaration is wrong, which must be seen.
 */
export async function replace(
  k: Keeping,
  { found, registration }: Current,
  inside: boolean,
  why: 'update' | 'renew',
): Promise<Step> {
  try {
    const fresh = await registerAnew(k, found, { operation: 'replace', state: 'rotating', inside })
    if (fresh === undefined) return 'again'
    if (why === 'renew') k.tell({ type: 'renewed', client_id: fresh.client_id })
    return { registration: fresh }
  } catch (error) {
    const now = k.clock.now(found.record)
    if (error instanceof StoreError || isExpired(found.record, now)) throw error
    if (why === 'update' && isWrong(error, found.record.refusal?.final)) throw error
    return why === 'update' ? drifts(k, registration) : { registration }
  }
}

/** The declaration is at fault, and no waiting will mend it. */
const isWrong = (error: unknown, refused: boolean | undefined): boolean =>
  error instanceof InvalidRequestError ||
  error instanceof PolicyError ||
  (error instanceof ServerRefusedError && isFinal(error)) ||
  (error instanceof StateError && refused === true)
