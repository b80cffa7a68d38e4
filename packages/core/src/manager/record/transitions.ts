import type { Declaration, Intent, RegistrationRecord, StoredAnswer, StoredOrphan } from './record.ts'
import { inVain, suspicionIn, withSetback } from './setbacks.ts'
import { managed, orphanOf, registeredHere, withClientInUse, withOrphan } from './clients.ts'
import { hasManagement, secretBeside, secretEnd, secretMoved, withSecretLife } from './credentials.ts'
import { leftOpen, setbacksOfOthers, supersede } from './declarations.ts'
import type { Moment } from './timeline.ts'
import { day, minute } from './mark.ts'
import { settledKeys } from './managed-keys.ts'

// From record to record, and nothing else.

/** The record with a new client in use; the client that it named before is deleted later, or listed. */
export function adopted(
  moment: Moment,
  record: RegistrationRecord,
  stored: StoredAnswer,
  declaration: Declaration,
  intent: Pick<Intent, 'id'>,
): RegistrationRecord {
  const { registration, raw } = stored
  const isSame = record.registration?.client_id === registration.client_id
  const before = isSame ? record : retired(moment, record, intent.id)
  const token = record.registration?.registration_access_token
  const { superseded } = supersede(record, declaration, moment.now)
  return withSecretLife(moment, isSame ? record : { ...record, registration: undefined }, {
    ...withClientInUse(before, registration.client_id),
    registration,
    route: undefined,
    // Whether another route is open is asked again only where one is preferred to this.
    offers: moment.options.prefer === 'metadata-document' ? record.offers : undefined,
    raw,
    declaration,
    superseded,
    inForceSeen: superseded?.some(({ hash }) => hash !== declaration.hash) ? moment.now : undefined,
    keys: settledKeys(moment, record.keys, declaration, !isSame),
    deleted: undefined,
    candidate: secretBeside(moment, record, registration),
    suspicion: undefined,
    proven: undefined,
    shown: undefined,
    shared: undefined,
    unanswered: undefined,
    // A server that gives out the same token again has not taken its denial back.
    denials: isSame && token === registration.registration_access_token ? record.denials : undefined,
    unmanageable: undefined,
    deletions: undefined,
    doubt: undefined,
    setbacks: setbacksOfOthers(record, declaration),
    failures: undefined,
    outage: undefined,
    attempts: before.attempts?.map((it) => (it.intent === intent.id ? { ...it, made: true } : it)),
  })
}

/** Whether a registration that was to bring another secret brought the same. */
export const broughtTheSame = (before: RegistrationRecord, { registration }: StoredAnswer): boolean =>
  !secretMoved(before.registration, registration)

/** The record after a registration that was to bring another secret and brought the same: it ended in nothing. */
export function notRenewed(moment: Moment, before: RegistrationRecord, next: RegistrationRecord): RegistrationRecord {
  const { attempts, cannotUpdate, failures, renewsNothing } = before
  const setbacks = { ...next.setbacks, register: before.setbacks?.register }
  const left = (secretEnd(next.registration) ?? Infinity) - moment.now
  return withSetback({ ...next, attempts, cannotUpdate, failures, renewsNothing, setbacks }, 'register', moment, {
    said: 'The server gives out the same secret again.',
    first: minute,
    most: left > 0 ? Math.min(left, day) : day,
  })
}

/** The record after its client was replaced: that client waits for its deletion, or is listed. */
function retired(moment: Moment, record: RegistrationRecord, intent: string): RegistrationRecord {
  const { proven, shared } = record
  const registration = registeredHere(record)
  const suspicion = suspicionIn(record, moment.now, moment.forgetDelay)
  // A client that nobody registered here is not ours to delete, nor to list.
  if (registration === undefined) return record
  const isForgotten = suspicion?.of === 'client'
  // A client that was never seen alive was of no use: its registration ended in nothing, and the next is watched for longer.
  const given = suspicion !== undefined && !proven
  const last = inVain(record, moment.now, moment.forgetDelay)
  const next: RegistrationRecord = {
    ...record,
    unproven: given ? (record.unproven ?? 0) + 1 : undefined,
    attempts: last ? record.attempts?.map((it) => (it === last ? { ...it, made: undefined } : it)) : record.attempts,
  }
  if (isForgotten || shared || !hasManagement(registration, moment.options)) {
    const reason = isForgotten
      ? 'The server no longer knew it.'
      : shared
        ? 'It was replaced, and another program may use it too.'
        : 'It was replaced, and nothing can delete it.'
    const orphan = orphanOf(moment, intent, reason, registration)
    return withOrphan(next, { ...orphan, shared, forgotten: isForgotten || undefined })
  }
  return {
    ...next,
    previous: [...(record.previous ?? []), { intent, registration: managed(registration), at: moment.now }],
  }
}

/** The orphan that a registration attempt leaves whose starter is gone: if it had sent the request, a client may exist. */
export function lostAttempt(moment: Moment, { id, operation, sent, started }: Intent): StoredOrphan | undefined {
  if (!sent || (operation !== 'register' && operation !== 'replace')) return undefined
  const reason = 'Its starter died after the request was sent and before an answer was saved.'
  return orphanOf({ ...moment, now: started }, id, reason)
}

/** A record without an intent that has no owner any more; what that intent may have left behind is written down. */
export function settled(
  moment: Moment,
  record: RegistrationRecord,
): { record: RegistrationRecord; orphan: StoredOrphan | undefined } {
  const { intent } = record
  if (intent === undefined) return { record, orphan: undefined }
  const orphan = lostAttempt(moment, intent)
  const asksTheServer = intent.operation !== 'register' && intent.operation !== 'replace'
  const unanswered = asksTheServer ? true : record.unanswered
  return { record: { ...withOrphan(leftOpen(moment, record, intent), orphan), unanswered, intent: undefined }, orphan }
}

/** The record with the credentials of an answer about the same client, of which nothing else may be used. */
export function withCredentials(
  moment: Moment,
  record: RegistrationRecord,
  answered: StoredAnswer['registration'] | undefined,
): RegistrationRecord {
  const { registration } = record
  if (registration === undefined || registration.client_id !== answered?.client_id) return record
  const next = { ...registration }
  for (const member of ['registration_access_token', 'client_secret'] as const) {
    if (answered[member] !== undefined && registration[member] !== undefined) next[member] = answered[member]
  }
  const end = answered.client_secret_expires_at ?? registration.client_secret_expires_at
  if (next.client_secret !== undefined && end !== undefined) next.client_secret_expires_at = end
  const isRotated = next.registration_access_token !== registration.registration_access_token
  const candidate = secretBeside(moment, record, next)
  const fresh = withSecretLife(moment, record, { ...record, registration: next, candidate })
  return isRotated ? { ...fresh, unanswered: undefined, denials: undefined } : fresh
}
