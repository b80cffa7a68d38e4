import { NotSupportedError } from '../../server-errors.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { deleteInUse } from '../ensure/delete-client.ts'
import { isOutage, meaningOf, waitOf } from '../ensure/outcomes.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { busy, KeyLost, leftAlone } from '../errors.ts'
import { Patience } from '../ensure/wait.ts'
import { orphanOf, withGone, withOrphan } from '../record/clients.ts'
import { hasManagement } from '../record/credentials.ts'
import type { Announced } from '../record/lease.ts'
import type { RegistrationRecord } from '../record/record.ts'
import { withPause } from '../record/setbacks.ts'
import type { Look } from './verdicts.ts'
import { afterDeletion, meaningOfDeletion } from './verdicts.ts'
import { isOfClient, withDeletion } from './denials.ts'
import { isDenied, lookAt } from './look.ts'
import { sweep } from './sweep.ts'
import type { TokenWitness } from './witnesses.ts'
import { askTokenEndpoint, mostQuestions } from './witnesses.ts'
import { cleared } from './start-over.ts'

/** Deletes the client at the server and leaves a tombstone: what was deleted on purpose is not registered again. */
export async function deleteRegistration(context: Context, signal: AbortSignal, left: AbortSignal): Promise<void> {
  const waiting = new Patience(context)
  for (;;) {
    left.throwIfAborted()
    const found = await context.records.load(left)
    if (found !== undefined && !context.leases.isFree(found, false)) {
      await waiting.pause(found, context.leases.left(found.record), left)
      continue
    }
    if (found?.record.deleted) return
    const registration = found?.record.registration
    if (found === undefined || registration === undefined) {
      const dead = found?.record.intent?.id
      const bury = (record: RegistrationRecord): RegistrationRecord | undefined =>
        record.intent?.id === dead && record.registration === undefined ? tombstone(context, record) : undefined
      if (await context.records.modify(bury, found)) return
      continue
    }
    if (found.record.route !== undefined) throw (await loadIdentity()).notRegistered(found.record.route)
    requireDeletable(context, found.record, registration)
    requirePatience(context, found.record)
    const announced = await context.leases.announce(found, { operation: 'delete', inside: false, signal })
    if (announced && (await deleteAtServer(context, announced, registration))) return
  }
}

/** What is known to be impossible is refused before the record is touched. */
function requireDeletable(
  { options }: Context,
  { unmanageable }: RegistrationRecord,
  registration: RegistrationResponse,
): void {
  const cannot = options.profile?.cannot?.delete
  if (cannot !== undefined) throw new NotSupportedError('unsupported', cannot)
  if (unmanageable || !hasManagement(registration, options)) throw notManaged()
}

/** What the server asked for holds for this too, and so does how much is sent in a minute. */
function requirePatience({ clock, memory, restFor }: Context, record: RegistrationRecord): void {
  const pause = memory.pauseIn(record, clock.now())
  if (pause) throw leftAlone(pause.said, pause.wait)
  const rest = restFor(1)
  if (rest > 0) throw leftAlone(busy, rest)
}

const notManaged = (): NotSupportedError =>
  new NotSupportedError(
    'not-managed',
    'There is no management token that works, so the client was not deleted and stays in use. forget() gives it up.',
  )

/** `false`: somebody else has changed the record meanwhile. */
async function deleteAtServer(context: Context, announced: Announced, known: RegistrationResponse): Promise<boolean> {
  let registration = known
  if (context.options.profile?.cannot?.read === undefined) {
    const { answer, error } = await lookAt(context, announced, known, {})
    registration = answer?.registration ?? known
    if (error !== undefined && isUnreachable(error)) return back(context, announced, error)
  }
  const outcome = await deleteInUse(context, announced.found, registration, announced.signal)
  if (outcome === undefined) return false
  if (outcome.deleted) return finish(context, announced, registration)
  const { error } = outcome
  const after = afterDeletion[meaningOfDeletion(error)]
  if (after === 'impossible' || after === 'as-before') return back(context, announced, error)
  const look = await lookAt(context, announced, registration, {})
  if (look.answer) return back(context, announced, error)
  if (isUnreachable(look.error)) return leaveOpen(context, announced, registration, error)
  return askWhetherGone(context, announced, registration, look, error)
}

/** A look that nobody answered, or that the server put off. */
const isUnreachable = (error: unknown): boolean => {
  const meaning = meaningOf(error)
  return isOutage(error) || meaning === 'unknown' || meaning === 'later' || meaning === 'not-sent'
}

/** The token endpoint decides whether the client is gone. */
async function askWhetherGone(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  look: Look,
  error: unknown,
): Promise<boolean> {
  const { record } = announced.found
  const rest = context.restFor(mostQuestions, 'question')
  if (rest > 0) return back(context, announced, leftAlone(busy, rest))
  const { witness, isDown } = await askTokenEndpoint(context, record, registration, announced.signal).catch(withoutKey)
  // An operator may have made another secret: where its address does not deny the client itself, nobody has shown that it is gone.
  const isOf = isDenied(look, record) && isOfClient(record, context.clock.now())
  if (witness === 'denied') return finish(context, announced, registration, isOf)
  if (witness === 'alive') return back(context, announced, notManaged())
  if (isDown) return leaveOpen(context, announced, registration, error)
  if (isDenied(look, record) && record.shown) return finish(context, announced, registration)
  return leaveOpen(context, announced, registration, error, true)
}

/** Whoever has lost the key can't ask. */
function withoutKey(error: unknown): TokenWitness {
  if (!(error instanceof KeyLost)) throw error
  return { witness: 'nothing' }
}

/** Nobody can tell: the third time over `forgetDelay` ends it. */
async function leaveOpen(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  error: unknown,
  endsDeleted = false,
): Promise<boolean> {
  const [, isOver] = withDeletion(context.moment(), announced.found.record)
  const note = (record: RegistrationRecord): RegistrationRecord => withDeletion(context.moment(), record)[0]
  if (isOver && endsDeleted) return finish(context, announced, registration, false)
  if (isOver || endsDeleted)
    await context.leases.complete(announced, (record) => ({ ...note(record), ...(isOver && { deletions: undefined }) }))
  else await context.leases.abandon(announced, note)
  throw error
}

/** The state as before, and the error. */
async function back(context: Context, announced: Announced, error: unknown): Promise<never> {
  const said = error instanceof Error ? error.message : ''
  const isLater = meaningOf(error) === 'later'
  const later = context.met((record) => withPause(record, 'delete', context.moment(), waitOf(error), said))
  await context.leases.saveWithRetries((tries) =>
    context.leases.complete(announced, (record) => (isLater ? later(record) : record), tries),
  )
  throw error
}

/** The client is deleted; one that may live all the same is listed. */
async function finish(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  isGone = true,
): Promise<boolean> {
  const { client_id } = registration
  const reason = 'Whether it was deleted can not be found out.'
  const orphan = orphanOf(context.moment(), platform.randomId(), reason, registration)
  const bury = (record: RegistrationRecord): RegistrationRecord => {
    const rest = tombstone(context, withoutRegistration(record))
    return isGone ? withGone(rest, client_id, context.clock.now()) : withOrphan(rest, orphan)
  }
  await context.leases.saveWithRetries((tries) => context.leases.complete(announced, bury, tries))
  if (!isGone) context.tellOrphans([orphan])
  context.tell({ type: 'deleted', client_id })
  context.inBackground(() => sweep(context, false))
  return true
}

const withoutRegistration = (record: RegistrationRecord): RegistrationRecord => ({
  ...record,
  registration: undefined,
  intent: undefined,
})

/** All that is left of a record: that it was deleted, and the clients that still have to be. */
const tombstone = (context: Context, record: RegistrationRecord): RegistrationRecord => ({
  ...cleared(
    context.moment(),
    record,
    'It was replaced, and not deleted before the registration was.',
    platform.randomId(),
  ),
  deleted: true,
})
