import { counted } from './attempts.ts'
import type { Keeping } from './keeping.ts'
import { lostAttempt, shown, withOrphan } from './orphans.ts'
import type { Found, RegistrationRecord, StoredOrphan } from './record.ts'
import { save } from './saving.ts'
import { resting } from './transitions.ts'

/** A record whose intent belongs to nobody any more: what that may have left behind is listed, and counted. */
export interface Settled {
  record: RegistrationRecord
  orphan: StoredOrphan | undefined
}

export function settled(k: Keeping, record: RegistrationRecord): Settled {
  const { intent } = record
  const orphan = intent && lostAttempt(k, intent)
  return { orphan, record: intent && orphan ? counted(withOrphan(record, orphan), intent.started) : record }
}

/** Nothing can be asked or done: the record goes back to what is known. */
export async function rest(k: Keeping, found: Found): Promise<void> {
  const { record, orphan } = settled(k, found.record)
  const saved = await save(k, { ...resting(record), intent: undefined }, found)
  if (saved && orphan) k.tell({ type: 'orphan', orphan: shown(orphan) })
}
