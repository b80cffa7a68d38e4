import { failedByCors } from '../../client/network-error.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { isAccountedFor, orphanOf, toOrphan, withGone, withOrphan } from '../record/clients.ts'
import type { Announced } from '../record/lease.ts'
import type { RegistrationRecord, StoredOrphan } from '../record/record.ts'
import { ofPage, withAttempt, withOutage, withoutAttempt, withPause, withSetback } from '../record/setbacks.ts'
import { leftOpen, withUnknownDeclaration } from '../record/declarations.ts'
import { deleteListed, withoutDeletion } from './delete-client.ts'
import {
  clientIn,
  isFinal,
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
 * Gets rid of a client that this process made and nobody may use: it is listed, and then deleted. Where even the list can't
 * be saved it is remembered and told.
 */
export async function compensate(
  context: Context,
  intent: string,
  registration: RegistrationResponse,
  reason: string,
  shared?: true,
): Promise<void> {
  const { client_id } = registration
  const orphan = { ...orphanOf(context.moment(), intent, reason, registration), shared }
  let isKnown = false
  const list = (record: RegistrationRecord): RegistrationRecord | undefined => {
    isKnown = isAccountedFor(record, client_id)
    return isKnown ? withCount(context, record, intent) : withLeftover(context, record, orphan)
  }
  let listed
  try {
    listed = await context.records.modify(list)
  } catch {
    context.memory.unsaved.add((record) => list(record) ?? 'drop')
    context.tellOrphans([orphan], false)
    return
  }
  // A server may hand the same client to several starters; the one that is in use, or known, stays.
  if (listed === undefined || isKnown) return
  if (shared || !(await discard(context, orphan, registration))) context.tellOrphans([orphan])
}

/** It is listed, and its attempt counts: whoever has started over meanwhile knows of neither. */
const withLeftover = (context: Context, record: RegistrationRecord, orphan: StoredOrphan): RegistrationRecord =>
  withCount(context, withOrphan(record, orphan), orphan.intent)

/** Its attempt counts from now on: its starter may have slept after it was noted. */
const withCount = ({ clock }: Context, record: RegistrationRecord, intent: string): RegistrationRecord =>
  withAttempt(withoutAttempt(record, intent), { intent, at: clock.now() })

/** Deletes a listed client at the server, and takes it off the list; whether that went well. */
async function discard(context: Context, orphan: StoredOrphan, registration: RegistrationResponse): Promise<boolean> {
  const { client_id } = registration
  const outcome = await deleteListed(context, registration).catch(() => undefined)
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
  const { intent } = announced
  const error = withLostAttempt(failed, announced.found.record)
  const meaning = meaningOfRegistration(error)
  const made = clientIn(error)
  const said = saidOf(error)
  // Whatever a server hands out again is known already, and stays where it is.
  const isKnown = made.client_id !== undefined && isAccountedFor(announced.found.record, made.client_id)
  const orphan =
    intent.sent && mayHaveMade(meaning) && !isKnown ? orphanOf(context.moment(), intent.id, said, made) : undefined
  const fail = context.met((record) => withFailure(context, record, error, said))
  const note = (record: RegistrationRecord): RegistrationRecord => {
    if (failedByCors(error)) return withoutAttempt(record, intent.id, true)
    const next = mayHaveMade(meaning) && intent.sent ? withOrphan(record, orphan) : withoutAttempt(record, intent.id)
    // A server that answers with the client in use has changed it (RFC 7591 section 3.2.1).
    const isInUse = made.client_id !== undefined && made.client_id === record.registration?.client_id
    if (isInUse) return fail(withUnknownDeclaration(next))
    return fail(mayHaveMade(meaning) && made.client_id === undefined ? leftOpen(context.moment(), next, intent) : next)
  }
  // If the store fails too, the intent stays and says enough; what happened at the server matters more to the caller.
  const noted = await context.leases.complete(announced, note).then(
    (saved) => saved !== undefined,
    () => true,
  )
  if (orphan) {
    if (!noted) await context.records.modify((record) => withLeftover(context, record, orphan)).catch(() => undefined)
    context.tellOrphans([orphan])
    const registration = unusableIn(error)
    if (registration) await discard(context, orphan, registration)
  }
  if (!noted) return 'again'
  throw error
}

/** For how long a registration is not tried again after this. */
function withFailure(context: Context, record: RegistrationRecord, error: unknown, said: string): RegistrationRecord {
  const moment = context.moment()
  const meaning = meaningOfRegistration(error)
  if (meaning === 'later') return withPause(record, 'register', moment, waitOf(error), said)
  if (isOutage(error)) return withOutage(record, 'register', moment, context.owner, said)
  const { hash } = context.declared
  // The server is not left alone for what says nothing about it.
  if (isOwnFault(error)) return record
  const final = isFinal(error) ? true : undefined
  return withSetback(record, 'register', moment, {
    said,
    final,
    hash: meaning === 'refused' || final ? hash : undefined,
    token: refusesToken(error) ? context.memory.token : undefined,
    ...(meaning === 'page' ? ofPage : {}),
  })
}
