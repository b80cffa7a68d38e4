import { RegistrationError, StoreError } from '../errors.ts'
import { refusedFor } from './budget.ts'
import type { Keeping } from './keeping.ts'
import type { Current, Step } from './step.ts'
import { drifts } from './step.ts'
import { update } from './updating.ts'

/**
 * Publishes another key beside the one that signs, or drops the one that did. The client works with or without it, so
 * whatever hinders it can wait.
 */
export async function rotate(k: Keeping, current: Current, inside: boolean): Promise<Step> {
  const { found, registration } = current
  if (found.record.manageable === false || refusedFor(k, found.record) > 0) return { registration }
  try {
    return await update(k, current, inside)
  } catch (error) {
    if (!(error instanceof RegistrationError) || error instanceof StoreError) throw error
    return drifts(k, registration)
  }
}
