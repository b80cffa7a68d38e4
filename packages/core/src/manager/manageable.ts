import type { RegistrationResponse } from '../model/registration.ts'
import type { KeeperOptions } from './options.ts'
import type { RegistrationRecord } from './record.ts'

/** There is a token and an address to manage this client with, and the token is not known to be dead. */
export const isManageable = (record: RegistrationRecord, { profile }: Pick<KeeperOptions, 'profile'>): boolean =>
  record.manageable !== false &&
  record.registration?.registration_access_token !== undefined &&
  (record.registration.registration_client_uri !== undefined || profile?.managementUri !== undefined)

/** Updates are possible (RFC 7592 section 2.2). */
export const canUpdate = (record: RegistrationRecord, options: Pick<KeeperOptions, 'profile'>): boolean =>
  isManageable(record, options) && options.profile?.cannot?.update === undefined

/** When the secret ends, in milliseconds; `undefined`: never, or it is not stated. */
export function secretEnd(registration: RegistrationResponse | undefined): number | undefined {
  const seconds = registration?.client_secret_expires_at ?? 0
  return seconds === 0 ? undefined : seconds * 1000
}

/** `expired`: the secret has ended, so the registration proves nothing any more. */
export const isExpired = ({ registration }: RegistrationRecord, now: number): boolean =>
  (secretEnd(registration) ?? Infinity) <= now
