import { StateError } from '../../errors.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context, Rejected } from '../context.ts'
import { busy } from '../errors.ts'
import type { Current, Found, RegistrationRecord } from '../record/record.ts'
import { withPause } from '../record/setbacks.ts'
import { backOff } from '../record/timeline.ts'
import { isNews, withDoubt, withProof } from './denials.ts'
import type { TokenWitness } from './witnesses.ts'
import { mostQuestions } from './witnesses.ts'

// What the witnesses said of a client that was reported: noted in the record and remembered, and told to whoever reports it again.

/** A proof of life, from the second in a row on, serves all reports for so long. */
const lives = 60_000

/** A client that the server is asked about, and since when, by the monotonic clock and by the wall clock. */
export interface Reported extends Current {
  at: number
  wall: number
}

/** Whether what was heard of it still counts; the monotonic clock may stand still while a machine sleeps. */
export const isFresh = ({ at, wall }: Pick<Reported, 'at' | 'wall'>): boolean =>
  platform.monotonic() - at < lives && platform.now() - wall < lives

/** What was found out a moment ago serves further reports. */
export function knownAnswer({ memory }: Context, registration: RegistrationResponse): RegistrationResponse | undefined {
  const { alive, unable } = memory
  const now = platform.monotonic()
  if (alive && isFresh(alive) && alive.count > 1 && isSame(registration, alive)) return registration
  if (unable?.client_id === registration.client_id && now < unable.until)
    throw inDoubt(unable.why, unable.until - now, unable.isDown)
  return undefined
}

/** Throws while this process has asked too much in the last minute for another question. */
export function requireRest({ restFor }: Context): void {
  const rest = restFor(mostQuestions, 'question')
  if (rest > 0) throw inDoubt(busy, rest)
}

/** The server asks to be left alone: that holds for all replicas, and for whatever they want of it. */
export async function putOff(context: Context, { said, wait }: { said: string; wait: number }): Promise<never> {
  await context.records
    .modify(context.met((record) => withPause(record, 'look', context.moment(), wait, said)))
    .catch(() => undefined)
  throw inDoubt(said, wait)
}

/**
 * The client lives: the doubt is over, and the caller goes on with it. Only the token endpoint can tell whether its secret works;
 * while that did not answer (`isDown`), the next report asks it again.
 */
export async function endDoubt(
  context: Context,
  { registration, at, wall }: Reported,
  of: 'client' | 'credentials',
  isDown = false,
): Promise<RegistrationResponse> {
  const { memory } = context
  const before = memory.alive && isSame(registration, memory.alive) ? memory.alive.count : 0
  memory.alive = {
    ...registration,
    count: isDown ? before : before + 1,
    at,
    wall,
  }
  memory.unable = undefined
  await context.records
    .modify((record) => {
      context.closing.signal.throwIfAborted()
      const proven = withProof(record, of)
      const isOther = isNews(record, 'alive') || proven.candidate !== record.candidate
      return isOf(record, registration) && isOther ? proven : undefined
    })
    .catch(() => undefined)
  const witness = of === 'client' ? 'the management address shows it' : 'the token endpoint knows it'
  const message = `A refusal was reported, and the client lives, since ${witness}: it stays in use.`
  context.tell({ type: 'deviation', deviation: { rule: 'rejection-not-confirmed', message } })
  return registration
}

/** Notes one more denial, where the token endpoint or a trusted report is one; else throws that nobody can tell. */
export async function unlessDenied(
  context: Context,
  found: Found,
  { witness, unable, isDown }: TokenWitness,
  retryAfter?: number,
): Promise<undefined> {
  const { options, memory, forgetDelay } = context
  const trusts = options.trustRejections ?? options.profile?.trustRejections ?? false
  // While nobody answers, the application can't have been told of late that the client is refused.
  if (witness === 'denied' || (trusts && retryAfter === undefined && !isDown))
    return noteDenial(context, found, 'client')
  const { client_id = '' } = found.record.registration ?? {}
  const count = (memory.unable?.client_id === client_id ? memory.unable.count : 0) + 1
  const wait = retryAfter ?? backOff(count, platform.random())
  const why = unable ?? 'nobody could be asked'
  memory.unable = { client_id, count, why, isDown, until: platform.monotonic() + wait }
  throw inDoubt(why, Math.max(wait, forgetDelay / 2), isDown)
}

/** Notes a denial; if another replica noted one since the record was loaded, the two are one observation. */
export async function noteDenial(
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

/** Whether these credentials are the stored ones. */
export const isOf = (
  { registration }: RegistrationRecord,
  { client_id, client_secret }: RegistrationResponse,
): boolean => registration?.client_id === client_id && registration.client_secret === client_secret

/** Whether these are the stored credentials; a report without a secret, or with an empty one, is about the client. */
export const isSame = (stored: RegistrationResponse, { client_id, client_secret }: Rejected): boolean =>
  stored.client_id === client_id && (!client_secret || stored.client_secret === client_secret)

/** The error of a report that is proven: until when the server is left alone before the client is renewed or replaced. */
export function notYet(error: unknown): unknown {
  if (!(error instanceof StateError) || error.code !== 'attempts-spent') return error
  const { message, retryAfter = 1000 } = error
  const said = `It is proven that the server refuses this client, and it can't be renewed or replaced yet. ${message}`
  return new StateError('suspect', said, { retryAfter })
}

export const inDoubt = (why: string, retryAfter: number, isDown = false): StateError =>
  new StateError(
    'suspect',
    isDown
      ? `The server could not be asked, so whether it has forgotten this client is not known: ${ended(why)} The client stays in use. Report it again when the server answers; forget() starts over.`
      : `The server refuses this client, and whether it has forgotten it could not be proven: ${ended(why)} Nothing was registered; forget() starts over, and trustRejections takes the application's word.`,
    { retryAfter },
  )

const ended = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

export const forgotten = (of?: 'client' | 'credentials'): StateError =>
  new StateError(
    'forgotten',
    of === 'credentials'
      ? 'The server knows this client and denies its credentials, and reregister is false: nothing was registered. recover() takes others from the operator; forget() starts over.'
      : 'The server no longer knows this client, or an operator has switched it off, and reregister is false: nothing was registered. forget() starts over.',
  )
