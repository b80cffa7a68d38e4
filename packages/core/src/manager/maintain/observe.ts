import { bounded } from '../../client/deadline.ts'
import { StateError } from '../../errors.ts'
import { withMembers } from '../../model/members.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context, Rejected } from '../context.ts'
import { isOutage, meaningOf, saidOf, waitOf } from '../ensure/outcomes.ts'
import { busy } from '../errors.ts'
import { hasManagement } from '../record/credentials.ts'
import { backOff } from '../record/timeline.ts'
import { binds } from '../record/mark.ts'
import type { Current, Found, RegistrationRecord } from '../record/record.ts'
import { withPause } from '../record/setbacks.ts'
import { isNews, isOfClient, withDoubt, withProof } from './denials.ts'
import { swap } from './apply-answer.ts'
import { isDenied, lookAt } from './look.ts'
import type { TokenWitness } from './witnesses.ts'
import { askTokenEndpoint, mostQuestions } from './witnesses.ts'

/**
 * Asks the witnesses, and notes what they say: the registration if the client lives; `undefined` after one more denial, or
 * when the record changed.
 */
export async function bearWitness(
  context: Context,
  current: Current,
  signal: AbortSignal,
): Promise<RegistrationResponse | undefined> {
  const { found, registration } = current
  const pause = context.memory.pauseIn(found.record, context.clock.now())
  if (pause) throw inDoubt(pause.said, pause.wait)
  const rest = context.restFor(mostQuestions, 'question')
  if (rest > 0) throw inDoubt(busy, rest)
  // An endpoint that does not answer must leave time for the other witness.
  const half = context.timeout / 2
  const asked = bounded(
    half,
    signal,
    (own) => askTokenEndpoint(context, found.record, registration, own),
    tokenNotInTime,
  )
  const token = await asked.catch((error: unknown) => withoutAnswer(error, signal))
  const named = context.memory.pauseIn(found.record, context.clock.now())
  if (named && token.witness !== 'denied') return putOff(context, named)
  if (token.witness === 'alive') return alive(context, registration, 'credentials')
  if (!hasManagement(registration, context.options)) return unlessDenied(context, found, token)
  const look = await lookUnderLease(context, current, signal)
  if (look === undefined) return undefined
  if (look.shown) return shown(context, look.found, token, signal)
  const denies = look.isDenied && isOfClient(look.found.record, context.clock.now())
  if (token.witness === 'nothing' && denies) return denied(context, look.found, 'client')
  return unlessDenied(context, look.found, token, look.retryAfter)
}

const noTokenAnswer = 'the token endpoint did not answer in time'
const tokenNotInTime = (): StateError => inDoubt(noTokenAnswer, 1000)

function withoutAnswer(error: unknown, signal: AbortSignal): TokenWitness {
  if (signal.aborted || !(error instanceof StateError)) throw error
  return { witness: 'nothing', unable: noTokenAnswer, isDown: true }
}

/** The server asks to be left alone: that holds for all replicas, and for whatever they want of it. */
async function putOff(context: Context, { said, wait }: { said: string; wait: number }): Promise<never> {
  await context.records
    .modify(context.met((record) => withPause(record, 'look', context.moment(), wait, said)))
    .catch(() => undefined)
  throw inDoubt(said, wait)
}

interface Looked {
  found: Found
  shown: boolean
  isDenied: boolean
  retryAfter?: number | undefined
}

/** A look at the management address, announced like any other; `undefined` when somebody else was faster. */
async function lookUnderLease(context: Context, current: Current, signal: AbortSignal): Promise<Looked | undefined> {
  const { found, registration } = current
  const announced = await context.leases.announce(found, { operation: 'look', inside: false, signal })
  if (announced === undefined) return undefined
  const { answer, seen, error } = await lookAt(context, announced, registration, {})
  const isLost = answer === undefined && (isOutage(error) || seen === 'nothing')
  const later = context.met((it) => withPause(it, 'look', context.moment(), waitOf(error), saidOf(error)))
  const rests = await context.leases.complete(announced, (record) => {
    if (meaningOf(error) === 'later') return later(record)
    return isLost && isOutage(error) ? { ...record, unanswered: true } : record
  })
  // Others were saved meanwhile: what the token endpoint said is not about those.
  if (rests === undefined || !isOf(rests.record, registration)) return undefined
  const denies = isDenied({ seen, error }, rests.record)
  return { found: rests, shown: answer !== undefined, isDenied: denies, retryAfter: waitOf(error) }
}

/** The server knows the client: do its credentials still serve? Another secret may stand beside the stored one. */
async function shown(
  context: Context,
  { record }: Found,
  token: TokenWitness,
  signal: AbortSignal,
): Promise<RegistrationResponse | undefined> {
  const { registration, candidate } = record
  if (registration === undefined) return undefined
  const denies = token.witness === 'denied'
  const stays = (): Promise<RegistrationResponse | undefined> =>
    denies ? denied(context, { record }, 'credentials') : alive(context, registration, 'client')
  // Whoever did not answer has not shown that it can't tell.
  if (candidate === undefined || token.isDown) return stays()
  const rest = context.restFor(mostQuestions, 'question')
  if (rest > 0) throw inDoubt(busy, rest)
  const { client_secret, client_secret_expires_at, swapped } = candidate
  const other = withMembers(registration, { client_secret, client_secret_expires_at })
  const { witness, isDown } = await askTokenEndpoint(context, record, other, signal)
  if (witness === 'alive') return swap(context, record)
  // Where nobody can tell of either, each report takes the other one, once in a while.
  const length = Math.max(context.forgetDelay, 1000)
  const isSwapped = swapped !== undefined && binds({ at: swapped, length }, context.clock.now())
  return denies || witness === 'denied' || isDown || isSwapped ? stays() : swap(context, record)
}

/** The client lives: the doubt is over, and the caller goes on with it. Of its secret the token endpoint alone can tell. */
async function alive(
  context: Context,
  registration: RegistrationResponse,
  of: 'client' | 'credentials',
): Promise<RegistrationResponse> {
  const { memory } = context
  const before = memory.alive && isSame(registration, memory.alive) ? memory.alive.count : 0
  memory.alive = { ...registration, count: before + 1, at: platform.monotonic(), wall: platform.now() }
  memory.unable = undefined
  await context.records
    .modify((record) => (isOf(record, registration) && isNews(record, 'alive') ? withProof(record, of) : undefined))
    .catch(() => undefined)
  const witness = of === 'client' ? 'the management address shows it' : 'the token endpoint knows it'
  const message = `A refusal was reported, and the client lives, since ${witness}: it stays in use.`
  context.tell({ type: 'deviation', deviation: { rule: 'rejection-not-confirmed', message } })
  return registration
}

/** One more denial, where the token endpoint told one; else nobody can tell, and the caller hears of that. */
async function unlessDenied(
  context: Context,
  found: Found,
  { witness, unable, isDown }: TokenWitness,
  retryAfter?: number,
): Promise<undefined> {
  const { options, memory, forgetDelay } = context
  const trusts = options.trustRejections ?? options.profile?.trustRejections ?? false
  if (witness === 'denied' || (trusts && retryAfter === undefined)) return denied(context, found, 'client')
  const count = (memory.unable?.count ?? 0) + 1
  const wait = retryAfter ?? backOff(count, platform.random())
  const why = unable ?? 'nobody could be asked'
  memory.unable = { count, why, isDown, until: platform.monotonic() + wait }
  throw inDoubt(why, Math.max(wait, forgetDelay / 2), isDown)
}

/** Notes a denial; another replica that asked at the same time made one look of it, not two. */
async function denied(
  context: Context,
  { record: before }: Pick<Found, 'record'>,
  of: 'client' | 'credentials',
): Promise<undefined> {
  const { registration, suspicion } = before
  const saved = await context.records.modify((record) => {
    const isSeen = record.suspicion?.last !== suspicion?.last
    return registration === undefined || !isOf(record, registration) || isSeen
      ? undefined
      : withDoubt(record, context.moment(), of)
  })
  context.memory.alive = undefined
  if (saved?.record.suspicion?.count === 1) context.tell({ type: 'suspect', client_id: registration?.client_id })
}

const isOf = ({ registration }: RegistrationRecord, { client_id, client_secret }: RegistrationResponse): boolean =>
  registration?.client_id === client_id && registration.client_secret === client_secret

/** Whether these are the stored credentials; a report without a secret is about the client. */
export const isSame = (stored: RegistrationResponse, { client_id, client_secret }: Rejected): boolean =>
  stored.client_id === client_id && (client_secret === undefined || stored.client_secret === client_secret)

export const inDoubt = (why: string, retryAfter: number, isDown = false): StateError =>
  new StateError(
    'suspect',
    isDown
      ? `The server could not be reached, so whether it has forgotten this client is not known: ${ended(why)} The client stays in use. Report it again when the server answers; forget() starts over.`
      : `The server refuses this client, and whether it has forgotten it could not be proven: ${ended(why)} Nothing was registered; forget() starts over, and trustRejections takes the application's word.`,
    { retryAfter },
  )

const ended = (text: string): string => (text.endsWith('.') ? text : `${text}.`)
