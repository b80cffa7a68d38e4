import type { Orphan } from '../events.ts'
import { load } from './home.ts'
import type { Keeping } from './keeping.ts'
import { isExpired, isManageable, secretEnd } from './manageable.ts'
import { shown } from './orphans.ts'

/** How things stand with a registration, by what is stored: no request is made, and nothing in it is secret. */
export interface RegistrationStatus {
  /**
   * `absent`: there is none. `registering`: somebody is at it. `registered`: it is in use. `updating`: its metadata is
   * being changed. `rotating`: its credentials are being replaced. `suspect`: the server may have forgotten it, and it
   * stays in use until that is proven. `expired`: its secret has ended. `deleting`, `deleted`: it was deleted on purpose.
   */
  state:
    | 'absent'
    | 'registering'
    | 'registered'
    | 'updating'
    | 'rotating'
    | 'suspect'
    | 'expired'
    | 'deleting'
    | 'deleted'
  /** The client in use. */
  client_id?: string | undefined
  /** Whether there is a management token, as far as is known: without it the client can be used and not changed. */
  manageable: boolean
  /** The generation of the declaration that is in force, where it has one. */
  generation?: number | undefined
  /** When the secret ends, in milliseconds since the epoch; absent: never, or the server did not say. */
  secretExpiresAt?: number | undefined
  /** Clients at the server that nobody uses. */
  orphans: Orphan[]
}

export async function statusOf(k: Keeping): Promise<RegistrationStatus> {
  const record = (await load(k))?.record
  if (record === undefined) return { state: 'absent', manageable: false, orphans: [] }
  const { state, registration, declaration } = record
  const expired = state === 'registered' && isExpired(record, k.clock.now(record))
  return {
    state: expired ? 'expired' : state,
    client_id: registration?.client_id,
    manageable: isManageable(record, k.options),
    generation: declaration?.generation,
    secretExpiresAt: secretEnd(registration),
    orphans: (record.orphans ?? []).map(shown),
  }
}
