import { NotSupportedError } from '../../server-errors.ts'
import type { Context } from '../context.ts'
import { Wait } from '../ensure/wait.ts'
import { busy, leftAlone, missing, notManaged } from '../errors.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { hasManagement, isByHand } from '../record/credentials.ts'
import type { Found, RegistrationRecord } from '../record/record.ts'
import { deleteAndConfirm } from './confirm-deletion.ts'
import { bury, requireUndecided, tombstone } from './clear-record.ts'
import { holdOfDeletion } from './waiting.ts'

/** Deletes the client at the server and leaves a tombstone: what was deleted on purpose is not registered again. */
export async function deleteRegistration(context: Context, signal: AbortSignal, left: AbortSignal): Promise<void> {
  const waiting = new Wait(context)
  for (let round = 0; ; round++) {
    left.throwIfAborted()
    const found = await context.records.load(left)
    if (found && (await context.records.saveRemembered(found))) continue
    if (found !== undefined && !context.leases.isFree(found, false))
      await waiting.pause(found, context.leases.left(found.record), left)
    else if (await isDeleted(context, found, signal)) return
    // Somebody else was faster, or the store shows what is past.
    else await context.records.pause(round, left)
  }
}

/** Deletes the client that the record names; resolves to whether that came to its end. */
async function isDeleted(context: Context, found: Found | undefined, signal: AbortSignal): Promise<boolean> {
  if (found?.record.deleted) return true
  if (found === undefined && context.options.expectExisting) throw missing()
  const registration = found?.record.registration
  if (found === undefined || registration === undefined) {
    const dead = found?.record.intent?.id
    const end = (record: RegistrationRecord): RegistrationRecord | undefined =>
      record.intent?.id === dead && record.registration === undefined ? tombstone(context, record) : undefined
    return (await context.records.modify(end, found)) !== undefined
  }
  const route = isByHand(context, registration.client_id) ? 'pre-registered' : found.record.route
  if (route !== undefined) throw (await loadIdentity()).notRegistered(route)
  requireDeletable(context, found.record)
  requirePatience(context, found.record)
  const announced = await context.leases.announce(found, { operation: 'delete', inside: false, signal })
  if (announced === undefined) return false
  const deleted = await deleteAndConfirm(context, announced, registration)
  if (deleted === 'overtaken') await requireUndecided(context, found.record)
  return deleted !== 'overtaken' && (await bury(context, announced, registration, deleted === 'gone'))
}

/** What is known to be impossible is refused before the record is touched. */
function requireDeletable({ options, clock }: Context, { registration, unmanageable }: RegistrationRecord): void {
  const cannot = options.profile?.cannot?.delete
  if (cannot !== undefined) throw new NotSupportedError('unsupported', cannot)
  if (!hasManagement(registration, options) || clock.binds(unmanageable)) throw notManaged()
}

/** A wait that the server named, or that follows a failure, holds for a deletion too, and so does the limit of requests a minute. */
function requirePatience(context: Context, record: RegistrationRecord): void {
  const now = context.clock.now()
  const hold = holdOfDeletion(context, record, now)
  if (hold) throw leftAlone(hold.said, hold.until - now)
  const rest = context.restFor(1)
  if (rest > 0) throw leftAlone(busy, rest)
}
