import { showsSecret, withMembers } from '../../model/members.ts'
import type { Context } from '../context.ts'
import { isAccountedFor, managed, orphanOf, withOrphan } from '../record/clients.ts'
import {
  methodOf,
  needsSecret,
  renewsNothing,
  secretBeside,
  statedMethod,
  withSecretLife,
} from '../record/credentials.ts'
import { setbacksOfOthers, supersede, withUnknownDeclaration } from '../record/declarations.ts'
import type { Announced } from '../record/lease.ts'
import { withUnheard } from '../record/lease.ts'
import type { Moment } from '../record/timeline.ts'
import type { Candidate, Declaration, Found, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { withSuccess } from '../record/setbacks.ts'
import { withSettledKeys } from './denials.ts'

// What an answer at the management address makes of the record.

type Stored = StoredAnswer['registration']

/** The record after the server brought the client into the declared form: nothing is left to be done. */
export function applied(
  moment: Moment,
  record: RegistrationRecord,
  stored: StoredAnswer,
  declaration: Declaration,
): RegistrationRecord {
  const { superseded } = supersede(record, declaration, moment.now)
  const registration = withoutLeftOver(record, stored, declaration)
  return withSettledKeys(moment, record, stored, {
    ...withAnswer(moment, record, { ...stored, registration }, declaration),
    declaration,
    superseded,
    inForceSeen: superseded?.some(({ hash }) => hash !== declaration.hash) ? moment.now : undefined,
    doubt: undefined,
    setbacks: setbacksOfOthers(record, declaration),
    failures: undefined,
    outage: undefined,
    cannotUpdate: undefined,
  })
}

/** The client without its old secret, where it is declared to have none by now and no answer to the update showed one. */
function withoutLeftOver(
  record: RegistrationRecord,
  { registration, raw }: StoredAnswer,
  { metadata }: Declaration,
): Stored {
  const isNews = registration.client_secret !== record.registration?.client_secret
  const isShown = raw !== record.raw && showsSecret(raw)
  const isPublic = (declared: Declaration['metadata'] | undefined): boolean =>
    declared?.token_endpoint_auth_method === 'none'
  const stays = isNews || isShown || !isPublic(metadata) || isPublic(record.declaration?.metadata)
  const none = { client_secret: undefined, client_secret_expires_at: undefined }
  return stays ? registration : withMembers(registration, none)
}

/** The record after the server told, at the management address, how things stand with the client; it is declared so by now. */
export function withAnswer(
  moment: Moment,
  record: RegistrationRecord,
  answer: StoredAnswer,
  declaration: Declaration | undefined = record.declaration,
): RegistrationRecord {
  const { raw, candidate } = answer
  const registration = withKnownProof(record, withStored(record.registration, answer), declaration)
  const { client_secret, token_endpoint_auth_method } = record.registration ?? {}
  const known = secretBeside(moment, record, registration)
  const isOtherProof =
    registration.client_secret !== client_secret ||
    registration.token_endpoint_auth_method !== token_endpoint_auth_method
  const isOther = candidate !== undefined && candidate.client_secret !== registration.client_secret
  const swapped = isOther && known?.client_secret === candidate.client_secret ? known.swapped : undefined
  return withSecretLife(moment, record, {
    ...withSuccess(record, 'look'),
    registration,
    raw,
    candidate: isOther ? { ...candidate, swapped } : known,
    shown: record.shown ?? true,
    unanswered: undefined,
    denials: undefined,
    unmanageable: undefined,
    deletions: undefined,
    outage: undefined,
    // That a secret was denied says nothing of another one, nor of another method.
    suspicion: record.suspicion?.of === 'client' || isOtherProof ? undefined : record.suspicion,
  })
}

/** Credentials that an answer only repeats are no news: others that were saved since the request was made stay. */
export function withStored(stored: Stored | undefined, { registration, from }: StoredAnswer): Stored {
  if (stored === undefined || stored.client_id !== from?.client_id) return registration
  const { client_secret, client_secret_expires_at, registration_access_token } = stored
  const repeats = (member: 'client_secret' | 'registration_access_token'): boolean =>
    registration[member] === from[member] && stored[member] !== from[member]
  return withMembers(registration, {
    ...(repeats('client_secret') && { client_secret, client_secret_expires_at }),
    ...(repeats('registration_access_token') && { registration_access_token }),
  })
}

/** How the client proves itself stays as the server said it, where an answer does not say it and nothing else was declared. */
function withKnownProof(
  { registration: stored, declaration: old }: RegistrationRecord,
  registration: Stored,
  declaration: Declaration | undefined,
): Stored {
  if (stored?.client_id !== registration.client_id) return registration
  const known = { ...registration }
  for (const member of ['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg'] as const) {
    const declared = declaration?.metadata[member]
    const isOther = declared !== old?.metadata[member] && declared !== stored[member]
    if (known[member] === undefined && stored[member] !== undefined && !isOther) known[member] = stored[member]
    // An algorithm belongs to its method.
    if (statedMethod(known, declaration?.metadata) !== statedMethod(stored, old?.metadata)) break
  }
  return known
}

/** The record after an update that was to renew the secret; `moved`: whether it did. */
export function renewed(
  moment: Moment,
  record: RegistrationRecord,
  stored: StoredAnswer,
  moved: boolean,
): RegistrationRecord {
  const next = withAnswer(moment, record, stored)
  const rest = { ...next, setbacks: setbacksOfOthers(record), failures: undefined, suspicion: undefined }
  return moved ? rest : renewsNothing(moment, withSuccess(next, 'renew'))
}

/** A method that needs a secret which nobody has: the client can't be used like that. */
export const lacksSecret = (registration: Stored, declared: Declaration['metadata']): boolean =>
  needsSecret(methodOf(registration, declared)) && registration.client_secret === undefined

/**
 * Saves what a management request brought, before it is used: a token in it may be the only one that still works. An answer that
 * can't be saved is remembered, and what credentials it brought are saved as long as the record holds those that the request was
 * made with. `isMade`: the client has another declaration now. `goesOn`: the operation does not end with it.
 */
export async function saveAnswer(
  context: Context,
  announced: Announced,
  stored: StoredAnswer,
  end: (record: RegistrationRecord) => RegistrationRecord,
  { isMade = false, goesOn = false }: { isMade?: boolean; goesOn?: boolean } = {},
): Promise<Found | undefined> {
  // If another process took the announcement away, nobody knows which of two updates was made last.
  const besides = (record: RegistrationRecord): RegistrationRecord =>
    isMade && record.declaration?.hash !== announced.intent.declaration?.hash ? withUnknownDeclaration(record) : record
  const asked = announced.found.record.registration
  const unsaved = (record: RegistrationRecord): RegistrationRecord | 'drop' => {
    if (record.intent?.id === announced.intent.id)
      return { ...withUnheard(end(record), announced), intent: goesOn ? record.intent : undefined }
    const { registration } = record
    const isFrom =
      registration?.client_id === asked?.client_id &&
      registration?.registration_access_token === asked?.registration_access_token &&
      registration?.client_secret === asked?.client_secret
    const isInUse = registration?.client_id === stored.registration.client_id
    const isNews = stored.registration.registration_access_token !== asked?.registration_access_token
    if (!isFrom || registration === undefined) {
      if (isInUse) return isMade ? besides(record) : 'drop'
      return isNews ? withRetired(context, record, announced, stored) : 'drop'
    }
    const { registration_access_token, registration_client_uri, client_secret: brought } = stored.registration
    const { client_secret, client_secret_expires_at } = brought ? stored.registration : registration
    const credentials = { registration_access_token, registration_client_uri, client_secret, client_secret_expires_at }
    return withAnswer(context.moment(), besides(record), {
      registration: withMembers(registration, credentials),
      raw: record.raw,
      candidate: stored.candidate,
    })
  }
  context.memory.unsaved.add(unsaved)
  const { leases } = context
  const saved = await leases.saveWithRetries((tries) =>
    goesOn ? leases.ifStillMine(announced, end, tries) : leases.complete(announced, end, tries),
  )
  if (saved) context.memory.unsaved.delete(unsaved)
  return saved
}

/** The record after somebody else has given the client up meanwhile: its entry gets the only token that works. */
function withRetired(
  context: Context,
  record: RegistrationRecord,
  { intent }: Announced,
  { registration }: StoredAnswer,
): RegistrationRecord {
  const { client_id } = registration
  const isOf = (it: { registration: { client_id: string } }): boolean => it.registration.client_id === client_id
  const reason = 'It was changed while somebody else gave it up, and lived then.'
  return record.previous?.some(isOf)
    ? {
        ...record,
        previous: record.previous.map((it) => (isOf(it) ? { ...it, registration: managed(registration) } : it)),
      }
    : withOrphan(record, orphanOf(context.moment(), intent.id, reason, registration))
}

/** The record with a client that an update was answered with in place of its own: whose that is, nobody knows. */
export function withOther(
  context: Context,
  record: RegistrationRecord,
  { intent }: Announced,
  made: Stored | undefined,
): RegistrationRecord {
  if (made === undefined || isAccountedFor(record, made.client_id)) return record
  const orphan = orphanOf(context.moment(), intent.id, 'An update of another client was answered with it.', made)
  return withOrphan(record, { ...orphan, shared: true })
}

/** The client with the candidate for its secret. */
export const withCandidate = (registration: Stored, { client_secret, client_secret_expires_at }: Candidate): Stored =>
  withMembers(registration, { client_secret, client_secret_expires_at })
