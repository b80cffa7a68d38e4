import { StateError } from '../errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Keeping } from './keeping.ts'
import type { RegistrationRecord } from './record.ts'

/** So often must a server deny a client before it is given up, over `forgetDelay`. */
const enough = 3

/** An observation that is older than this many delays, and than ten minutes, belongs to another suspicion. */
const stale = 10
const staleAtLeast = 600_000

/** The server has denied the client often and long enough. */
export function isConfirmed({ forgetDelay }: Keeping, { suspicion }: RegistrationRecord): boolean {
  const { observations = 0, first = 0, last = 0 } = suspicion ?? {}
  return forgetDelay === 0 ? observations > 0 : observations >= enough && last - first >= forgetDelay
}

/** The record in doubt; `undefined` where it is already, or names another client by now. */
export function suspected(
  k: Keeping,
  record: RegistrationRecord,
  { client_id }: RegistrationResponse,
): RegistrationRecord | undefined {
  const since = k.clock.now(record)
  if (record.registration?.client_id !== client_id) return undefined
  const { last = since } = record.suspicion ?? {}
  const isFresh = since - last < Math.max(stale * k.forgetDelay, staleAtLeast)
  if (record.state === 'suspect' && isFresh) return undefined
  if (record.state !== 'suspect' && record.state !== 'registered') return undefined
  return { ...record, state: 'suspect', suspicion: { since, observations: 0 } }
}

/** Milliseconds until the next probe makes sense: the observations of all replicas count, and are spread. */
export function nextProbe({ forgetDelay, clock }: Keeping, record: RegistrationRecord): number {
  const { last } = record.suspicion ?? {}
  return last === undefined ? 0 : last + forgetDelay / (enough - 1) - clock.now(record)
}

/** The record after the server has denied the client once more. */
export function observed(
  k: Keeping,
  record: RegistrationRecord,
  { client_id }: RegistrationResponse,
  before: number | undefined,
): RegistrationRecord | undefined {
  const { suspicion } = record
  if (record.state !== 'suspect' || record.registration?.client_id !== client_id || !suspicion) return undefined
  // Another replica asked at the same time: that was one look, not two.
  if (suspicion.last !== before) return undefined
  const last = k.clock.now(record)
  return {
    ...record,
    suspicion: { ...suspicion, first: suspicion.first ?? last, last, observations: suspicion.observations + 1 },
  }
}

/** The record after the doubt was removed. */
export const cleared = (
  record: RegistrationRecord,
  { client_id }: RegistrationResponse,
): RegistrationRecord | undefined =>
  record.state === 'suspect' && record.registration?.client_id === client_id
    ? { ...record, state: 'registered', suspicion: undefined }
    : undefined

export const inDoubt = (why: string, retryAfter: number): StateError =>
  new StateError(
    'suspect',
    `The server seems to have forgotten this client, and that could not be proven: ${why}. Nothing was registered; forget() starts over.`,
    { retryAfter },
  )
