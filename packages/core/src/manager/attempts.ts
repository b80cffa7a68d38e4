import type { RegistrationRecord } from './record.ts'

/** So many registrations in an hour may end in nothing. */
export const mostAttempts = 3

/** An attempt that may have made a client is counted, until one succeeds. */
export const counted = (record: RegistrationRecord, at: number): RegistrationRecord => ({
  ...record,
  attempts: [...(record.attempts ?? []), at].slice(-mostAttempts),
})
