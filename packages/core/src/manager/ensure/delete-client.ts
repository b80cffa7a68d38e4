import { RegistrationError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { isByHand } from '../record/credentials.ts'
import type { Announced } from '../record/lease.ts'
import type { Claim } from '../record/mark.ts'
import { binds } from '../record/mark.ts'
import type { Managed, RegistrationRecord } from '../record/record.ts'
import { withPause } from '../record/setbacks.ts'
import { meaningOf, saidOf, waitOf } from './outcomes.ts'

/** What became of a client that was to be deleted. */
export type Deletion = { deleted: true } | { deleted: false; error: RegistrationError } | undefined // not ours to delete now: it is in use, or somebody else is at it

/** The server was asked to delete it, and has not said that it did. */
export type NotDeleted = Extract<Deletion, { deleted: false }>

/**
 * Deletes a listed client. This file is the one hand that deletes: nothing else in the manager sends a DELETE.
 *
 * The client is claimed in its list first, so that neighbours see what is about to happen. Nothing is sent without that save, nor
 * if half of the claim is over by then, and the answer is waited for no longer than the claim lasts. The client that the record
 * names is left alone, and so is one that the options name as registered by hand; so is every client while somebody, this process
 * too, registers and may be given it again.
 */
export async function deleteListed(context: Context, client: Managed): Promise<Deletion> {
  const claim: Claim = { owner: context.owner, mark: { at: context.clock.now(), length: context.timeout } }
  const since = context.clock.monotonic()
  const claimed = await context.records.modify((record) =>
    mayDelete(context, record, client.client_id) ? withClaim(record, client.client_id, claim) : undefined,
  )
  // The monotonic clock stands still while the machine sleeps, and the wall clock may be set back.
  const spent = Math.max(context.clock.monotonic() - since, context.clock.now() - claim.mark.at)
  const timeout = Math.floor(context.timeout - spent)
  return claimed && timeout > context.timeout / 2 ? send(context, claimed.record, client, { timeout }) : undefined
}

/** Deletes the client in use: `delete()` alone, whose intent stands in the record still, as one more save shows. */
export async function deleteInUse(context: Context, announced: Announced, client: Managed): Promise<Deletion> {
  const found = await context.leases.ifStillMine(announced, (record) => record)
  if (found?.record.registration?.client_id !== client.client_id || context.leases.isOver(announced, context.timeout))
    return undefined
  announced.found = found
  return send(context, found.record, client, { signal: announced.signal })
}

async function send(
  context: Context,
  record: RegistrationRecord,
  client: Managed,
  call: Parameters<Context['session']['delete']>[1],
): Promise<Deletion> {
  try {
    await context.session.delete(client, call)
    return { deleted: true }
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    // The wait that the server named binds this process also where nothing can be read or saved any more.
    if (meaningOf(error) === 'later') context.memory.heed(paused(context, error)(record).pause, context.clock.now())
    return { deleted: false, error }
  }
}

/** The record after the server asked to be left alone. */
const paused =
  (context: Context, error: unknown) =>
  (record: RegistrationRecord): RegistrationRecord =>
    withPause(record, 'delete', context.moment(), waitOf(error), saidOf(error))

/** Whether anything can be sent for it, now or later: a client whose secret is not kept gets no token of its own. */
export const canBeDeleted = ({ code }: RegistrationError): boolean => code !== 'unsupported' && code !== 'not-managed'

/** Whether a client may be deleted, by the record as it stands now. */
export function mayDelete(context: Context, record: RegistrationRecord, clientId: string): boolean {
  const { clock, leases, memory } = context
  const { registration, intent } = record
  const isRegistering = (intent?.operation === 'register' || intent?.operation === 'replace') && leases.left(record) > 0
  if (registration?.client_id === clientId || isRegistering) return false
  if (isByHand(context, clientId)) return false
  // What the server asked for holds between the deletions of one sweep, too.
  if (memory.pauseIn(record, clock.now())) return false
  const claim = claimOf(record, clientId)
  return !(claim && binds(claim.mark, clock.now()))
}

/** The transition after a deletion that did not succeed: the claim ends, and a wait that the server named holds for all. */
export function withoutDeletion(
  context: Context,
  clientId: string,
  error: unknown,
): (record: RegistrationRecord) => RegistrationRecord {
  if (meaningOf(error) !== 'later') return (record) => withoutClaim(record, clientId)
  const later = context.met(paused(context, error))
  return (record) => later(withoutClaim(record, clientId))
}

/** Takes the announcement of a deletion back: no request is on its way any more. */
const withoutClaim = (record: RegistrationRecord, clientId: string): RegistrationRecord => ({
  ...record,
  previous: record.previous?.map((it) => (it.registration.client_id === clientId ? { ...it, claim: undefined } : it)),
  orphans: record.orphans?.map((it) => (it.client_id === clientId ? { ...it, claim: undefined } : it)),
})

function claimOf({ previous = [], orphans = [] }: RegistrationRecord, clientId: string): Claim | undefined {
  const listed = previous.find((it) => it.registration.client_id === clientId)
  return (listed ?? orphans.find((it) => it.client_id === clientId))?.claim
}

/** The record that announces the deletion; `undefined` where no list has the client any more. */
function withClaim(record: RegistrationRecord, clientId: string, claim: Claim): RegistrationRecord | undefined {
  const { previous = [], orphans = [] } = record
  const isIn =
    previous.some((it) => it.registration.client_id === clientId) || orphans.some((it) => it.client_id === clientId)
  if (!isIn) return undefined
  return {
    ...record,
    previous: previous.map((it) => (it.registration.client_id === clientId ? { ...it, claim } : it)),
    orphans: orphans.map((it) => (it.client_id === clientId ? { ...it, claim } : it)),
  }
}
