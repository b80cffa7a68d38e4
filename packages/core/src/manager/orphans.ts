import type { Orphan } from '../events.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Keeping } from './keeping.ts'
import type { Intent, RegistrationRecord, StoredOrphan } from './record.ts'
import { change } from './saving.ts'

const most = 64
const kept = 30 * 24 * 3_600_000

/** A client that nobody will use, with what it could be deleted by. */
export function orphanOf(
  k: Keeping,
  intent: string,
  reason: string,
  client: Partial<RegistrationResponse> = {},
): StoredOrphan {
  const { client_id, registration_client_uri, registration_access_token: token } = client
  const registration_access_token = k.options.keepManagementToken === false ? undefined : token
  const at = new Date(k.clock.now()).toISOString()
  return { intent, at, reason, client_id, registration_client_uri, registration_access_token }
}

/** An intent leaves at most one client behind: what is known of it later replaces what was known before. */
export function withOrphan(record: RegistrationRecord, orphan: StoredOrphan | undefined): RegistrationRecord {
  if (orphan === undefined) return record
  const oldest = Date.parse(orphan.at) - kept
  const others = (record.orphans ?? []).filter(({ at, intent }) => Date.parse(at) > oldest && intent !== orphan.intent)
  return { ...record, orphans: [...others, orphan].slice(-most) }
}

/** Takes what an intent left behind off the list. */
export async function unlistOrphan(k: Keeping, { intent }: { intent: string }): Promise<void> {
  await change(k, (record) => {
    const orphans = record.orphans?.filter((it) => it.intent !== intent)
    return orphans?.length === record.orphans?.length ? undefined : { ...record, orphans }
  })
}

/** What may be shown of it. */
export const shown = ({ intent, at, client_id, registration_client_uri, reason }: StoredOrphan): Orphan => ({
  intent,
  at,
  client_id,
  registration_client_uri,
  reason,
})

/** Writes an orphan down, whatever else the record says by now. */
export async function listOrphan(k: Keeping, orphan: StoredOrphan): Promise<void> {
  k.tell({ type: 'orphan', orphan: shown(orphan) })
  await change(k, (record) => withOrphan(record, orphan))
}

/** What becomes of a registration attempt whose maker is gone: if it had sent anything, a client may exist. */
export function lostAttempt(k: Keeping, { id, operation, sent, started }: Intent): StoredOrphan | undefined {
  if (!sent || (operation !== 'register' && operation !== 'replace')) return undefined
  const at = new Date(started).toISOString()
  return { ...orphanOf(k, id, 'Its starter died after the request was sent and before an answer was saved.'), at }
}
