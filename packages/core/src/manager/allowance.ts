import { requireBudget } from './budget.ts'
import type { Keeping } from './keeping.ts'
import type { Found } from './record.ts'
import { rest, settled } from './settling.ts'

/**
 * Throws where another registration request would be one too many. The attempt of a starter that died counts too; where it
 * was the last one that is allowed, it is listed all the same.
 */
export async function requireAllowance(k: Keeping, before: Found): Promise<void> {
  const { record, orphan } = settled(k, before.record)
  try {
    requireBudget(k, record)
  } catch (error) {
    if (orphan) await rest(k, before)
    throw error
  }
}
