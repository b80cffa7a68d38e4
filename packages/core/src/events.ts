import type { StoreError } from './errors.ts'
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
 * `at` is milliseconds since the epoch, `ms` is a duration in milliseconds, `application` is the manager's.
 */
export type RegistrationEvent = { at: number; application?: string | undefined } & (
  | { type: 'finding'; finding: Finding }
  | { type: 'deviation'; deviation: Deviation }
  | { type: 'request'; endpoint: string; status?: number | undefined; ms: number }
  | { type: 'waiting'; owner: string; ms: number }
  | {
      type: 'intent' | 'registered' | 'updated' | 'renewed' | 'deleted' | 'suspect' | 'drift' | 'unmanageable'
      client_id?: string | undefined
    }
  | { type: 'replaced'; old: string; client_id: string }
  | { type: 'compensated' | 'orphan'; orphan: Orphan }
  | { type: 'store'; code: StoreError['code'] }
)
