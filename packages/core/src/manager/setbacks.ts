import type { RegistrationResponse } from '../model/registration.ts'
import type { Keeping } from './keeping.ts'
import type { RegistrationRecord } from './record.ts'
import { hasUsers, renewalPoint } from './renewal-point.ts'
import { refreshed } from './transitions.ts'

// What is left of a record where an update did not bring what it was to bring.

/** An update does not renew the secret: only a new registration will, and where users would notice it waits longer. */
export const renewsNothing = (k: Keeping, record: RegistrationRecord): RegistrationRecord =>
  postponed(k, { ...record, updateRenewsNothing: true })

/** The management token is lost; the client works. */
export const unmanageable = (k: Keeping, record: RegistrationRecord): RegistrationRecord =>
  postponed(k, { ...record, manageable: false })

const postponed = (k: Keeping, record: RegistrationRecord): RegistrationRecord =>
  hasUsers(record) ? { ...record, renewAt: renewalPoint(record, k.options) } : record

/** The record with the credentials of an answer about the same client, as far as such are kept. */
export function withCredentials(
  k: Keeping,
  record: RegistrationRecord,
  answered: RegistrationResponse | undefined,
): RegistrationRecord {
  const { registration, state, raw } = record
  if (registration === undefined || registration.client_id !== answered?.client_id) return record
  const next = { ...registration }
  for (const member of ['registration_access_token', 'client_secret'] as const) {
    if (answered[member] !== undefined && registration[member] !== undefined) next[member] = answered[member]
  }
  if (next.client_secret !== undefined)
    next.client_secret_expires_at = answered.client_secret_expires_at ?? registration.client_secret_expires_at
  return { ...refreshed(k, record, { registration: next, raw }), state }
}
