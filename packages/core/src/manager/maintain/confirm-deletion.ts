import type { RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import type { NotDeleted } from '../ensure/delete-client.ts'
import { deleteInUse } from '../ensure/delete-client.ts'
import { isAnswered, isOfCaller, unusableIn } from '../ensure/outcomes.ts'
import { busy, KeyLost, leftAlone, notManaged } from '../errors.ts'
import type { Announced } from '../record/lease.ts'
import { withUnheard } from '../record/lease.ts'
import type { Look } from './verdicts.ts'
import { afterDeletion, isOfPayer, meaningOfDeletion } from './verdicts.ts'
import { speakOfClient, withDeletion, withFailedDeletion, withoutDeletions } from './denials.ts'
import { isDenied, lookAt, notingLook } from './look.ts'
import type { TokenWitness } from './witnesses.ts'
import { askTokenEndpoint, mostQuestions } from './witnesses.ts'

/** What became of the client in use. */
export type Deleted =
  | 'gone'
  | 'untold' // it counts as deleted, and may live all the same
  | 'overtaken' // somebody else has changed the record meanwhile, or may have

/**
 * Deletes the client in use at the server, as announced. Where the answer does not say whether it is gone, a look and the token
 * endpoint find out. If the client stays, or nobody could be asked, that is written down.
 *
 * @throws {RegistrationError} the client stays, or nobody knows yet
 */
export async function deleteAndConfirm(
  context: Context,
  announced: Announced,
  known: RegistrationResponse,
): Promise<Deleted> {
  let registration = known
  if (context.options.profile?.cannot?.read === undefined) {
    const look = await lookOrStay(context, announced, known)
    const { answer, error } = look
    registration = answer?.registration ?? known
    if (isOfCaller(error)) return askInstead(context, announced, registration, error)
    if (error !== undefined && (!isAnswered(error) || showsAnother(error, known)))
      return stays(context, announced, error, notingLook(context, look, 'delete'))
  }
  if (context.leases.isOver(announced, context.timeout) && !(await announceAnew(context, announced))) return 'overtaken'
  const outcome = await deleteInUse(context, announced, registration).catch((error: unknown) =>
    stays(context, announced, error),
  )
  if (outcome === undefined) return 'overtaken'
  if (outcome.deleted) return 'gone'
  const { error } = outcome
  if (isOfCaller(error)) return askInstead(context, announced, registration, error)
  const after = afterDeletion[meaningOfDeletion(error)]
  if (after === 'impossible' || after === 'as-before' || isOfPayer(error, context.options))
    return stays(context, announced, error)
  const look = await lookOrStay(context, announced, registration)
  if (look.answer) return stays(context, announced, error)
  if (!isAnswered(look.error) || isOfPayer(look.error, context.options)) return leaveOpen(context, announced, error)
  return askWhetherGone(context, announced, registration, look, error)
}

/** Announces the deletion anew, where the look took so long that others could take over before a DELETE is answered. */
async function announceAnew(context: Context, announced: Announced): Promise<boolean> {
  const { found, signal } = announced
  const anew = await context.leases.announce(found, { operation: 'delete', inside: false, signal })
  Object.assign(announced, anew)
  return anew !== undefined && !context.leases.isOver(announced, context.timeout)
}

/** A look; where what it showed can't be saved, the state is as before. */
const lookOrStay = (context: Context, announced: Announced, registration: RegistrationResponse): Promise<Look> =>
  lookAt(context, announced, registration, {}).catch((error: unknown) => stays(context, announced, error))

/** Whether another client lives at the address by now: a deletion there would be of that one. */
const showsAnother = (error: unknown, { client_id }: RegistrationResponse): boolean =>
  (unusableIn(error)?.client_id ?? client_id) !== client_id

/** The token endpoint decides whether the client is gone. */
async function askWhetherGone(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  look: Look,
  error: NotDeleted['error'],
): Promise<Deleted> {
  const { record } = announced.found
  const { witness, isDown } = await askWitness(context, announced, registration, error)
  // An operator may have made another secret: where its address does not deny the client itself, nobody has shown that it is gone.
  const isOf = isDenied(look, record) && speakOfClient(withUnheard(record, announced), context.moment())
  if (witness === 'denied') return isOf ? 'gone' : 'untold'
  if (witness === 'alive') {
    const note = notingFailure(context, error)
    const end: Note = (it) => withoutDeletions(note(it))
    await context.leases.saveWithRetries((tries) => context.leases.complete(announced, end, tries))
    throw notManaged(error)
  }
  if (isDown) return leaveOpen(context, announced, error)
  if (isDenied(look, record) && record.shown) return isOf ? 'gone' : 'untold'
  return leaveOpen(context, announced, error, true)
}

/** Nothing authorizes a request about the client, perhaps because it is gone: the token endpoint decides. */
async function askInstead(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  error: unknown,
): Promise<Deleted> {
  const { witness } = await askWitness(context, announced, registration, error)
  return witness === 'denied' ? 'untold' : stays(context, announced, error)
}

/** What the token endpoint says, unless too much was asked in the last minute. */
async function askWitness(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  error: unknown,
): Promise<TokenWitness> {
  const rest = context.restFor(mostQuestions, 'question')
  if (rest > 0) return stays(context, announced, leftAlone(busy, rest), notingFailure(context, error))
  return askTokenEndpoint(context, announced.found.record, registration, announced.signal).catch(withoutKey)
}

/** A client whose key is lost can't be asked about. */
function withoutKey(error: unknown): TokenWitness {
  if (!(error instanceof KeyLost)) throw error
  return { witness: 'nothing' }
}

/** Nobody can tell whether the client is gone: that is noted and thrown, and the third time over `forgetDelay` ends it. */
async function leaveOpen(
  context: Context,
  announced: Announced,
  error: unknown,
  endsDeleted = false,
): Promise<'untold'> {
  const [, isOver] = withDeletion(context.moment(), announced.found.record)
  if (isOver && endsDeleted) return 'untold'
  const note = notingFailure(context, error)
  const end: Note = (it) => {
    const [noted] = withDeletion(context.moment(), note(it))
    return isOver ? withoutDeletions(noted) : noted
  }
  await (isOver || endsDeleted ? context.leases.complete(announced, end) : context.leases.abandon(announced, end))
  throw error
}

type Note = ReturnType<Context['met']>

/** The transition after a deletion that failed. */
const notingFailure = (context: Context, error: unknown): Note =>
  context.met((record) => withFailedDeletion(record, context.moment(), error))

/** Puts the state back as before, and throws; what is noted of it holds for all. */
async function stays(
  context: Context,
  announced: Announced,
  error: unknown,
  note: Note = notingFailure(context, error),
): Promise<never> {
  await context.leases.saveWithRetries((tries) => context.leases.complete(announced, note, tries))
  throw error
}
