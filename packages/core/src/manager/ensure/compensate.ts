import { failedByCors } from '../../client/network-error.ts'
import type { Context } from '../context.ts'
import { isAccountedFor, isShared, orphanOf, toOrphan, withGone, withHandedOut, withOrphan } from '../record/clients.ts'
import type { Announced } from '../record/lease.ts'
import type { RegistrationRecord, StoredAnswer, StoredOrphan } from '../record/record.ts'
import { ofPage, withAttempt, withOutage, withoutAttempt, withPause, withSetback } from '../record/setbacks.ts'
import { leftOpen, withUnknownDeclaration } from '../record/declarations.ts'
import { withCredentials } from '../record/transitions.ts'
import { deleteListed, withoutDeletion } from './delete-client.ts'
import {
  clientIn,
  isFinal,
  isInvalid,
  isOutage,
  isOwnFault,
  mayHaveMade,
  meaningOfRegistration,
  refusesToken,
  saidOf,
  unusableIn,
  waitOf,
  withLostAttempt,
} from './outcomes.ts'

/**
 * Gets rid of a client that this process made and nobody may use: it is listed, and then deleted where `client` holds what that
 * takes. If even the list can't be saved, the client is remembered, and an event tells of it.
 */
export async function compensate(
  context: Context,
  { found, intent: { id, declaration } }: Announced,
  orphan: StoredOrphan,
  client: StoredAnswer['registration'] | undefined,
): Promise<void> {
  const { client_id } = orphan
  let isKnown = false
  const list = (record: RegistrationRecord): RegistrationRecord => {
    const orphans = record.orphans?.filter((it) => it.intent !== id)
    isKnown = client_id !== undefined && isAccountedFor({ ...record, orphans }, client_id, found.record)
    const known = isKnown ? withHandedOut(record, client_id, declaration) : withOrphan(record, orphan)
    const next = withCount(context, known, id)
    return { ...next, intent: next.intent?.id === id ? undefined : next.intent }
  }
  try {
    await context.leases.saveWithRetries((tries) => context.records.modify(list, undefined, tries))
  } catch {
    context.memory.unsaved.add(list)
    context.tellOrphans([orphan], false)
    return
  }
  // A server may hand the same client to several starters; the one that is in use, or known, stays.
  if (!isKnown && !(await discard(context, orphan, client))) context.tellOrphans([orphan])
}

/**
 * Counts the attempt from now on, since its starter may have slept after it was noted, and from when it was noted, too, since the
 * clock may have been set meanwhile.
 */
function withCount({ clock }: Context, record: RegistrationRecord, intent: string): RegistrationRecord {
  const noted = record.attempts?.find((it) => it.intent === intent)
  return withAttempt(withoutAttempt(record, intent), { intent, at: clock.now(), own: noted?.at })
}

/** Deletes a listed client at the server, unless it may be somebody else's too, and takes it off the list; whether that went well. */
async function discard(
  context: Context,
  orphan: StoredOrphan,
  client: StoredAnswer['registration'] | undefined,
): Promise<boolean> {
  if (client === undefined || orphan.shared) return false
  const { client_id } = client
  const outcome = await deleteListed(context, client).catch(() => undefined)
  if (!outcome?.deleted) {
    const error = outcome?.error
    if (error) await context.records.modify(withoutDeletion(context, client_id, error)).catch(() => undefined)
    return false
  }
  await context.records.modify((record) => withGone(record, client_id, context.clock.now())).catch(() => undefined)
  context.tell({ type: 'compensated', orphan: toOrphan(orphan) })
  return true
}

/**
 * Writes down what a failed registration left behind, and throws; `again` when another starter has taken over meanwhile,
 * whose record counts.
 */
export async function recordFailure(context: Context, announced: Announced, failed: unknown): Promise<'again'> {
  const { intent, found } = announced
  const error = withLostAttempt(failed, found.record)
  const isMade = mayHaveMade(error)
  const made = clientIn(error)
  const said = saidOf(error)
  // A client that the server hands out again is known already, and stays where it is.
  const isKnown = made.client_id !== undefined && isAccountedFor(found.record, made.client_id, found.record)
  const shared = isShared(found.record, made, context.clock.now())
  const orphan =
    intent.sent && isMade && !isKnown ? { ...orphanOf(context.moment(), intent.id, said, made), shared } : undefined
  const fail = context.met((record) => withFailure(context, record, error, said))
  const note = (record: RegistrationRecord): RegistrationRecord => {
    if (failedByCors(error)) return withoutAttempt(record, intent.id, true)
    const next = isMade && intent.sent ? withOrphan(record, orphan) : withoutAttempt(record, intent.id)
    // A server that answers with the client in use has changed it (RFC 7591 section 3.2.1).
    const isInUse = made.client_id !== undefined && made.client_id === record.registration?.client_id
    if (isInUse) return fail(withUnknownDeclaration(withCredentials(context.moment(), next, unusableIn(error))))
    return fail(isMade && made.client_id === undefined ? leftOpen(context.moment(), next, intent) : next)
  }
  const noted = await context.leases.complete(announced, note).catch(() => 'failed' as const)
  // If the store fails, the intent stays in the record, and says all but which client it made.
  const isNoted = noted === 'failed' ? orphan?.client_id === undefined : noted !== undefined
  const client = unusableIn(error)
  if (orphan && !isNoted) await compensate(context, announced, orphan, client)
  if (isNoted) {
    context.tellOrphans([orphan])
    if (orphan) await discard(context, orphan, client)
  }
  // What happened at the server matters more to the caller than what happened to the store.
  if (noted === undefined) return 'again'
  throw error
}

/** Notes for how long a registration is not tried again after this failure. */
function withFailure(context: Context, record: RegistrationRecord, error: unknown, said: string): RegistrationRecord {
  const moment = context.moment()
  const meaning = meaningOfRegistration(error)
  if (meaning === 'later') return withPause(record, 'register', moment, waitOf(error), said)
  if (isOutage(error)) return withOutage(record, 'register', moment, context.owner, said)
  const { hash } = context.declared
  // The server is not left alone for what says nothing about it; but where a client is in use, an invalid declaration is noted,
  // so that it is thrown once and the client goes on.
  if (isOwnFault(error) && !(isInvalid(error) && record.registration)) return record
  const final = isFinal(error) ? true : undefined
  return withSetback(record, 'register', moment, {
    said,
    final,
    hash: meaning === 'refused' || final ? hash : undefined,
    token: refusesToken(error) ? context.memory.token : undefined,
    ...(meaning === 'page' ? ofPage : {}),
  })
}
