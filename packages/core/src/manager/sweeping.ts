import type { Orphan } from '../events.ts'
import { discard } from './failing.ts'
import { load } from './home.ts'
import type { Keeping } from './keeping.ts'
import { shown } from './orphans.ts'
import type { StoredOrphan } from './record.ts'
import { retire } from './retiring.ts'

/** Deletes every orphan that can be reached, and replaced clients whose time has come; the orphans that are left. */
export async function sweep(k: Keeping): Promise<Orphan[]> {
  await retire(k)
  const record = (await load(k))?.record
  for (const orphan of record?.orphans ?? []) {
    const { client_id } = orphan
    // Nothing that is in use is deleted, whatever a list says.
    if (client_id === undefined || client_id === record?.registration?.client_id) continue
    const { answers } = k.conversation
    const isGone = await discard(k, orphan, clientOf(orphan, client_id))
    // A server that does not answer one request would keep us waiting for each of the others too.
    if (!isGone && orphan.registration_access_token !== undefined && k.conversation.answers === answers) break
  }
  return ((await load(k))?.record.orphans ?? []).map(shown)
}

const clientOf = (
  { registration_access_token, registration_client_uri }: StoredOrphan,
  client_id: string,
): {
  client_id: string
  registration_access_token?: string | undefined
  registration_client_uri?: string | undefined
} => ({
  client_id,
  registration_access_token,
  registration_client_uri,
})
