import { legible } from '../../events.ts'
import type { Orphan } from '../../events.ts'
import type { Jwk } from '../../model/jwk.ts'
import type { Context } from '../context.ts'
import { toOrphan } from '../record/clients.ts'
import { isExpired, isManageable, secretEnd } from '../record/credentials.ts'
import type { RegistrationRecord } from '../record/record.ts'
import { publicKeys } from '../record/managed-keys.ts'
import { suspicionIn } from '../record/setbacks.ts'
import { deleteReplacedAt } from './sweep.ts'
import type { Waiting } from './waiting.ts'
import { waitingOf } from './waiting.ts'

/** How things stand with a registration, by what is stored: no request is made, and nothing in it is secret. */
export interface RegistrationStatus {
  /**
   * `absent`: there is none. `registering`: somebody is at it. `registered`: it is in use. `updating`: its metadata is
   * being changed. `rotating`: its credentials are being replaced. `expired`: its secret has ended. `deleting`: it is being
   * deleted, or its deletion did not come to an end. `deleted`: it was deleted on purpose.
   */
  state: 'absent' | 'registering' | 'registered' | 'updating' | 'rotating' | 'expired' | 'deleting' | 'deleted'
  /** The client in use. */
  client_id?: string | undefined
  /** How it came to be, where nobody registered it here: by hand, or by its own metadata document. */
  route?: 'pre-registered' | 'metadata-document' | undefined
  /** Whether there is a management token, as far as is known: without it the client can be used and not changed. */
  manageable: boolean
  /** The server denied the client, or its credentials; it stays in use until that is confirmed. */
  suspect: boolean
  /** The generation of the declaration that is in force, where it has one. */
  generation?: number | undefined
  /** When the secret ends, in milliseconds since the epoch; absent: never, or the server did not say. */
  secretExpiresAt?: number | undefined
  /** The public keys that the manager keeps for the client (option `keys`), to be published where `jwks_uri` is declared. */
  jwks?: { keys: Jwk[] } | undefined
  /** Clients at the server that nobody uses. */
  orphans: Orphan[]
  /** Clients that were replaced, and when each is deleted, in milliseconds since the epoch. */
  replaced: { client_id: string; deleteAt: number }[]
  /** What is left alone, until when (milliseconds since the epoch), and why. */
  waiting: Waiting[]
}

export async function readStatus(context: Context): Promise<RegistrationStatus> {
  const { clock, options } = context
  const record = (await context.records.load())?.record
  if (record === undefined)
    return { state: 'absent', manageable: false, suspect: false, orphans: [], replaced: [], waiting: [] }
  const { registration, declaration, previous = [], orphans = [], keys } = record
  const now = clock.now()
  const state = stateOf(record)
  return legible({
    state: state === 'registered' && isExpired(record, now) ? 'expired' : state,
    client_id: registration?.client_id,
    ...(record.route && { route: record.route }),
    manageable: isManageable(record, options),
    suspect: suspicionIn(record, now, context.forgetDelay) !== undefined,
    generation: declaration?.generation,
    secretExpiresAt: secretEnd(registration),
    ...(keys === undefined ? {} : { jwks: publicKeys(keys) }),
    orphans: orphans.map(toOrphan),
    replaced: previous.map((it) => ({ client_id: it.registration.client_id, deleteAt: deleteReplacedAt(context, it) })),
    waiting: waitingOf(context, record, now),
  })
}

/** The state that `status()` names. */
function stateOf({ deleted, registration, intent }: RegistrationRecord): State {
  if (deleted) return 'deleted'
  switch (intent?.operation) {
    case 'delete':
      return 'deleting'
    case 'update':
      return 'updating'
    case 'renew':
    case 'replace':
      return 'rotating'
    case 'register':
      return 'registering'
    default:
      return registration ? 'registered' : 'absent'
  }
}

/** The states of a record; `expired` is a `registered` whose secret has ended. */
type State = 'absent' | 'registering' | 'registered' | 'updating' | 'rotating' | 'deleting' | 'deleted'
