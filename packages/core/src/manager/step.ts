import type { RegistrationResponse } from '../model/registration.ts'
import type { Keeping } from './keeping.ts'
import type { Found } from './record.ts'

/** What one look at the record comes to: a registration, somebody to wait for, or a reason to look again. */
export type Step = { registration: RegistrationResponse } | { wait: Found } | 'again'

/** A record that names a client in use. */
export interface Current {
  found: Found
  registration: RegistrationResponse
}

/** The client works, and is not what is declared. */
export function drifts(k: Keeping, registration: RegistrationResponse): Step {
  k.tell({ type: 'drift', client_id: registration.client_id })
  return { registration }
}
