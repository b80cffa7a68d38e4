import type { RegistrationResponse } from '../model/registration.ts'
import type { Declaration } from './declaration.ts'
import type { Keeping } from './keeping.ts'
import { settledKeys } from './wanted.ts'
import { secretEnd } from './manageable.ts'
import { orphanOf, withOrphan } from './orphans.ts'
import type { Intent, RegistrationRecord } from './record.ts'
import { renewalPoint } from './renewal-point.ts'

/** What is stored of an answer. */
export interface Kept {
  registration: RegistrationResponse
  raw: unknown
}

/** The record after the server brought the client into the declared form: nothing is left to be done. */
export function adopted(
  k: Keeping,
  record: RegistrationRecord,
  kept: Kept,
  declaration: Declaration,
): RegistrationRecord {
  return {
    ...refreshed(k, record, kept),
    declaration,
    keys: settledKeys(k, record, declaration),
    superseded: supersededNow(k, record, declaration),
    suspicion: undefined,
    attempts: undefined,
    refusal: undefined,
  }
}

/** The record after the server told how things stand with the client. */
export function refreshed(k: Keeping, record: RegistrationRecord, { registration, raw }: Kept): RegistrationRecord {
  const next: RegistrationRecord = {
    ...record,
    state: 'registered',
    registration,
    raw,
    clockOffset: k.clock.offset(record),
  }
  if (!secretMoved(record, registration)) return next
  const now = k.clock.now(record)
  const isNew = record.registration?.client_id !== registration.client_id
  const issued = (registration.client_id_issued_at ?? 0) * 1000
  next.secretSince = isNew && issued > 0 && issued < now ? issued : now
  next.updateRenewsNothing = undefined
  next.renewAt = renewalPoint(next, k.options)
  return next
}

/** Another secret, or another end of the same one. */
export const secretMoved = ({ registration: old }: RegistrationRecord, fresh: RegistrationResponse): boolean =>
  old?.client_id !== fresh.client_id || old.client_secret !== fresh.client_secret || secretEnd(old) !== secretEnd(fresh)

/** The declaration that ends now is remembered, and the one that begins is no longer superseded. */
function supersededNow(
  k: Keeping,
  record: RegistrationRecord,
  { hash }: Declaration,
): RegistrationRecord['superseded'] {
  const others = (record.superseded ?? []).filter((it) => it.hash !== hash)
  const ends = record.declaration
  if (ends === undefined || ends.hash === hash) return others
  return [...others.filter((it) => it.hash !== ends.hash), { hash: ends.hash, at: k.clock.now(record) }].slice(-16)
}

/** The record that is about to name another client: the one that it named is deleted later, or listed. */
export function replaced(k: Keeping, record: RegistrationRecord, intent: Intent): RegistrationRecord {
  const { registration, suspicion } = record
  const next = { ...record, manageable: undefined, updateRenewsNothing: undefined }
  if (registration === undefined) return next
  if (suspicion !== undefined || registration.registration_access_token === undefined) {
    const reason = suspicion ? 'The server no longer knew it.' : 'It was replaced, and nothing can delete it.'
    return withOrphan(next, orphanOf(k, intent.id, reason, registration))
  }
  const previous = [...(record.previous ?? []), { intent: intent.id, registration, at: k.clock.now(record) }]
  return { ...next, previous }
}

/** Where a record rests when an operation came to nothing. */
export const resting = (record: RegistrationRecord): RegistrationRecord => ({
  ...record,
  state: record.registration === undefined ? 'absent' : record.suspicion ? 'suspect' : 'registered',
})
