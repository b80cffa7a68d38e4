import type { Declaration, Found, RegistrationRecord, StoredAnswer, StoredOrphan } from '../record/record.ts'
import type { Context, Goal, Step } from '../context.ts'
import type { Announced } from '../record/lease.ts'
import { hasSameSecret, isExpired } from '../record/credentials.ts'
import { isAccountedFor, isShared, isTooLarge, orphanOf, withHandedOut, withOrphan } from '../record/clients.ts'
import { adopted, broughtTheSame, notRenewed } from '../record/transitions.ts'
import { isTheSame, notStored, sameSecret, storeFailure } from '../errors.ts'
import type { Because } from './actions.ts'
import { compensate } from './compensate.ts'
import { tellReturn } from './request.ts'

/** A registration that was answered. */
export interface Made {
  /** When it was answered, by the server's clock. */
  date: number | undefined
  /** The registration as answered, with a management token that is not to be kept. */
  answered: StoredAnswer['registration']
  stored: StoredAnswer
  declaration: Declaration
  because: Because | undefined
}

/**
 * Takes a client into use that was just registered: until the record names it, only this process knows that it exists.
 */
export async function adopt(context: Context, announced: Announced, made: Made, goal: Goal): Promise<Step> {
  const { date, answered, stored, declaration, because } = made
  const { registration } = stored
  const old = announced.found.record
  const answeredAt = context.clock.now()
  // For a renewal another end of the same secret will do; a caller of `rotate()` may know that this secret has leaked.
  const isSame = context.options.keys === undefined && hasSameSecret(old.registration, registration)
  const isMissed = goal.goal === 'rotate' && !goal.isDone && isSame
  const isAgain = (because === 'renew' || because === 'credentials') && broughtTheSame(old, stored)
  const isInVain = isAgain || (isMissed && because === 'rotate')
  const end = (record: RegistrationRecord): RegistrationRecord => {
    const moment = context.moment()
    const shared = isShared(record, registration, answeredAt)
    const next = adopted(moment, record, stored, declaration, announced.intent)
    return { ...(isAgain ? notRenewed(moment, record, next) : next), shared }
  }
  const orphan = (reason: string): StoredOrphan => ({
    ...orphanOf(context.moment(), announced.intent.id, reason, registration),
    shared: isShared(old, registration, answeredAt),
  })
  let saved: Found | undefined
  // While a store that hangs has not said whether this client is saved, the next call need not register another.
  const remember = (): void =>
    keepUnsaved(context, announced, end, made, orphan('The store did not answer in time who it is.'))
  announced.signal.addEventListener('abort', remember)
  try {
    saved = await context.leases.saveWithRetries((tries) => context.leases.complete(announced, end, tries))
  } catch (error) {
    const failure = storeFailure(error, registration)
    const unsaved = orphan(`It could not be stored: ${failure.message}`)
    // Trying again later would not make it smaller.
    if (isTooLarge(registration)) await compensate(context, announced, unsaved, answered)
    else keepUnsaved(context, announced, end, made, unsaved)
    throw notStored(failure, registration.client_id)
  } finally {
    announced.signal.removeEventListener('abort', remember)
  }
  if (saved === undefined) {
    await compensate(context, announced, orphan('Another starter had taken over.'), answered)
    return 'again'
  }
  goal.isDone = !isMissed
  if (because === 'renew' || because === 'rotate') goal.renewals++
  context.memory.satOut = false
  if (!isAgain) context.memory.succeed('register')
  if (isInVain) context.tellDrift(saved.record, 'failed', isTheSame, 'renewal-failed')
  else tellAdopted(context, old, made)
  // The client before, where nothing can delete it, or not without somebody's word.
  context.tellOrphans((saved.record.orphans ?? []).filter(({ intent }) => intent === announced.intent.id))
  const served = { registration, until: context.clock.now(), found: saved }
  if (isMissed) return isInVain ? { ...served, because: sameSecret() } : 'again'
  // The store may have acknowledged that so late that another call has seen a newer record.
  if (context.memory.latest?.record.writeId !== saved.record.writeId) return 'again'
  // A secret that has ended by the server's own clock serves nobody.
  if (isAgain && isExpired(saved.record, date ?? 0)) return 'again'
  return served
}

function tellAdopted(context: Context, old: RegistrationRecord, { stored, declaration, because }: Made): void {
  const { tell } = context
  const { client_id } = stored.registration
  tell({ type: 'registered', client_id })
  const before = old.registration?.client_id
  if (before !== undefined && before !== client_id) tell({ type: 'replaced', old: before, client_id })
  if (because === 'renew' || because === 'rotate') tell({ type: 'renewed', client_id })
  if (because === 'key-lost')
    tell({
      type: 'warning',
      rule: 'key-lost',
      message: 'The key home had lost the key of the client, so it was replaced.',
    })
  tellReturn(context, old, declaration)
}

/** A client whose record can't be saved is remembered, and saved later: nothing may be deleted that can't be announced. */
function keepUnsaved(
  context: Context,
  announced: Announced,
  end: (record: RegistrationRecord) => RegistrationRecord,
  { stored: { registration }, declaration }: Made,
  orphan: StoredOrphan,
): void {
  const { intent, found } = announced
  const { id } = intent
  context.memory.unsaved.add((record) => {
    if (record.intent?.id === id) return { ...end(record), intent: undefined }
    const changed = withHandedOut(record, registration.client_id, declaration)
    if (changed !== record) return changed
    if (isAccountedFor(record, registration.client_id, found.record)) return 'drop'
    const isVacant = record.registration === undefined && record.intent === undefined && !record.deleted
    return isVacant ? end(record) : withOrphan(record, orphan)
  })
  context.tellOrphans([orphan], false)
}
