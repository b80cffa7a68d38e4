import { ServerRefusedError } from '../server-errors.ts'
import { StoreError } from '../errors.ts'
import type { Keeping } from './keeping.ts'
import { load } from './home.ts'
import { orphanOf, unlistOrphan, withOrphan } from './orphans.ts'
import type { Previous, RegistrationRecord } from './record.ts'
import { change } from './saving.ts'

/**
 * Deletes the clients that were replaced `overlap` ago, now that every replica has moved over. What the server does not
 * let us delete is listed as orphan; what could not be asked stays for the next time. Never a reason to fail.
 */
export async function retire(k: Keeping): Promise<void> {
  try {
    const record = (await load(k))?.record
    for (const it of record?.previous ?? []) {
      if (record && retirementOf(k, record, it) <= 0) await retireOne(k, it)
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
  }
}

/** Milliseconds until a replaced client is deleted. */
export const retirementOf = (k: Keeping, record: RegistrationRecord, { at }: Previous): number =>
  at + k.overlap - k.clock.now(record)

async function retireOne(k: Keeping, { intent, registration }: Previous): Promise<void> {
  const refused = await k.conversation.delete(registration).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (refused !== undefined && !(refused instanceof ServerRefusedError && refused.outcome === 'refused')) return
  const orphan =
    refused && orphanOf(k, intent, 'It was replaced, and the server did not let it be deleted.', registration)
  await change(k, (record) => {
    const previous = record.previous?.filter((it) => it.registration.client_id !== registration.client_id)
    return previous?.length === record.previous?.length ? undefined : withOrphan({ ...record, previous }, orphan)
  })
  if (refused !== undefined) return
  // Another replica may have asked right after us, been told that there is no such client, and listed it.
  await unlistOrphan(k, { intent })
  k.tell({ type: 'deleted', client_id: registration.client_id })
}
