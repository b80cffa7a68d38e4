import type { RegistrationResponse } from '../model/registration.ts'
import type { Keeping } from './keeping.ts'
import { orphanOf, withOrphan } from './orphans.ts'
import type { Intent, RegistrationRecord } from './record.ts'
import { renewalPoint } from './renewal-point.ts'

/** What is stored of an answer. */
export interface Kept {
  registration: RegistrationResponse
  raw: unknown
}

/** The record after a registration, update or read brought the client into the declared form. */
export function adopted(k: Keeping, record: RegistrationRecord, { registration, raw }: Kept): RegistrationRecord {
  const receivedAt = k.clock.now(record)
  const next: RegistrationRecord = {
    ...record,
    state: 'registered',
    registration,
    raw,
    declaration: k.declared,
    superseded: supersededNow(k, record),
    receivedAt,
    clockOffset: k.clock.offset(record),
    suspicion: undefined,
    attempts: undefined,
    refusal: undefined,
  }
  return { ...next, renewAt: renewalPoint(next) }
}

/** The declaration that ends now is remembered, and the one that begins is no longer superseded. */
function supersededNow(k: Keeping, record: RegistrationRecord): RegistrationRecord['superseded'] {
  const { hash } = k.declared
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
