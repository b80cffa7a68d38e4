import type { Outcome, StoreError } from './errors.ts'
import type { RegistrationRoute } from './identity/choose-registration.ts'
import type { Deviation, Finding } from './model/http.ts'

/** A client at the server that nobody uses and that could not be deleted yet, or whose identifier is not even known. */
export interface Orphan {
  /** The intent that it came from. */
  intent: string
  /** When it was noticed: ISO 8601, UTC. */
  at: string
  /** Its identifier, if that is known. */
  client_id?: string | undefined
  /** Where it would be deleted, if that is known. */
  registration_client_uri?: string | undefined
  /** Why it is one: a sentence. */
  reason: string
}

/**
 * Something that happened, for logs and metrics; never holds a secret.
 *
 * `drift`: the client in use is not what is declared, or could not be renewed; `reason` is a code, such as `superseded`,
 * `refused`, `unreachable` or `store`. `orphan` with `listed: false`: the record has no room for it, or could not be saved,
 * so this is all that is told of that client.
 *
 * `chosen`: which client the application is at this server, where it could be another one than one that it registers.
 *
 * `request`: one request and its answer, for debugging and for metrics; where no answer came, `reason` is the code of the
 * error (`transport`, `aborted`), and `outcome` says whether the server may have acted. `renewal-failed`: the credentials
 * could not be renewed in time, and `reason` is a code; a warning that somebody should see before the secret ends.
 *
 * `at` is milliseconds since the epoch, `ms` is a duration in milliseconds, `application` is the manager's.
 */
export type RegistrationEvent = { at: number; application?: string | undefined } & (
  | { type: 'finding'; finding: Finding }
  | { type: 'deviation'; deviation: Deviation }
  | {
      type: 'request'
      method: string
      endpoint: string
      status?: number | undefined
      reason?: string | undefined
      outcome?: Outcome | undefined
      ms: number
    }
  | { type: 'waiting'; owner: string; ms: number }
  | {
      type: 'intent' | 'registered' | 'updated' | 'renewed' | 'deleted' | 'suspect' | 'unmanageable'
      client_id?: string | undefined
    }
  | { type: 'drift' | 'renewal-failed'; client_id?: string | undefined; reason: string; message: string }
  | { type: 'chosen'; route: RegistrationRoute; reason: string; client_id?: string | undefined }
  | { type: 'warning'; rule: string; message: string }
  | { type: 'replaced'; old: string; client_id: string }
  | { type: 'compensated' | 'orphan'; orphan: Orphan; listed?: boolean | undefined }
  | { type: 'store'; code: StoreError['code'] }
)

/** An event before it is told: whoever tells it adds when. */
export type UntimedEvent = OmitAt<RegistrationEvent>

type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at'> : never
