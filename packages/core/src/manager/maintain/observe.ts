import { bounded } from '../../client/deadline.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { hasManagement, inForce, isExpired, methodOf, needsSecret } from '../record/credentials.ts'
import type { Current, RegistrationRecord } from '../record/record.ts'
import { withAnswer, withCandidate } from './apply-answer.ts'
import { isOfClient } from './denials.ts'
import type { Reported } from './evidence.ts'
import { endDoubt, inDoubt, isOf, noteDenial, putOff, requireRest, unlessDenied } from './evidence.ts'
import { lacksProof, lookUnderLease } from './look.ts'
import type { TokenWitness } from './witnesses.ts'
import { askTokenEndpoint } from './witnesses.ts'

/**
 * Asks the witnesses, and notes what they say: the registration if the client lives; `undefined` after one more denial, or
 * when the record changed.
 */
export async function bearWitness(
  context: Context,
  reported: Reported,
  signal: AbortSignal,
): Promise<RegistrationResponse | undefined> {
  const { found, registration } = reported
  const pause = context.memory.pauseIn(found.record, context.clock.now())
  if (pause) throw inDoubt(pause.said, pause.wait)
  requireRest(context)
  const token = await askInTime(context, reported, signal)
  const named = context.memory.pauseIn(found.record, context.clock.now())
  if (named && token.witness !== 'denied') return putOff(context, named)
  if (token.witness === 'alive') return endDoubt(context, reported, 'credentials')
  if (!hasManagement(registration, context.options)) return unlessDenied(context, found, token)
  const look = await lookUnderLease(context, reported, signal)
  // Other credentials were saved meanwhile: what the token endpoint said is not about those.
  if (look === undefined || !isOf(look.found.record, registration)) return undefined
  if (look.shown) return shown(context, { ...reported, found: look.found }, token, signal)
  const denies = look.isDenied && isOfClient(look.found.record, context.moment())
  if (token.witness === 'nothing' && denies) return noteDenial(context, look.found, 'client')
  const said = look.isDown && !token.isDown ? { ...token, isDown: true, unable: addressTroubled } : token
  return unlessDenied(context, look.found, said, look.retryAfter)
}

/** An endpoint that does not answer must leave time for the other witness. */
async function askInTime(
  context: Context,
  { found: { record }, registration }: Current,
  signal: AbortSignal,
): Promise<TokenWitness> {
  const late = inDoubt(noTokenAnswer, 1000)
  const ask = (own: AbortSignal): Promise<TokenWitness> => askTokenEndpoint(context, record, registration, own)
  try {
    return await bounded(context.timeout / 2, signal, ask, () => late)
  } catch (error) {
    if (signal.aborted || error !== late) throw error
    return { witness: 'nothing', unable: noTokenAnswer, isDown: true }
  }
}

const addressTroubled = 'the management address did not answer, or is in trouble'
const noTokenAnswer = 'the token endpoint did not answer in time'

/** The server knows the client: do its credentials still work? Another secret may stand beside the stored one. */
async function shown(
  context: Context,
  reported: Reported,
  token: TokenWitness,
  signal: AbortSignal,
): Promise<RegistrationResponse | undefined> {
  const { record } = reported.found
  const { registration, candidate } = record
  if (registration === undefined) return undefined
  // Where nobody has the secret or the key that it needs, there is nothing to ask with, and nothing that could serve.
  const declared = inForce(record, context.declared)
  const denies = token.witness === 'denied' || lacksProof(registration, declared)
  const stays = (): Promise<RegistrationResponse | undefined> =>
    denies
      ? noteDenial(context, { record }, 'credentials')
      : endDoubt(context, { ...reported, registration }, 'client', token.isDown)
  // A token endpoint that did not answer has not shown that it can't tell; a method that needs no secret is proven by none.
  if (candidate === undefined || token.isDown || !needsSecret(methodOf(registration, declared))) return stays()
  requireRest(context)
  const other = withCandidate(registration, candidate)
  if (isExpired({ registration: other }, context.clock.now())) return stays()
  const { witness, isDown } = await askTokenEndpoint(context, record, other, signal)
  if (witness === 'alive') return swap(context, record)
  // Where the token endpoint can tell of neither secret, a report swaps the two, once in `forgetDelay` at most.
  const { swapped } = candidate
  const length = Math.max(context.forgetDelay, 1000)
  const isSwapped = swapped !== undefined && context.clock.binds({ at: swapped, length })
  return denies || witness === 'denied' || isDown || isSwapped ? stays() : swap(context, record)
}

/** Takes the other secret, and keeps the one that was stored beside it. */
async function swap(
  context: Context,
  { registration: of }: RegistrationRecord,
): Promise<RegistrationResponse | undefined> {
  const saved = await context.records.modify((record) => {
    const { registration, candidate } = record
    if (!registration || !candidate || registration.client_secret !== of?.client_secret) return undefined
    const moment = context.moment()
    const next = withAnswer(moment, record, {
      registration: withCandidate(registration, candidate),
      raw: record.raw,
    })
    return {
      ...next,
      suspicion: undefined,
      candidate: {
        client_secret: registration.client_secret ?? '',
        client_secret_expires_at: registration.client_secret_expires_at,
        swapped: moment.now,
      },
    }
  })
  if (saved) context.tell({ type: 'renewed', client_id: saved.record.registration?.client_id })
  return saved?.record.registration
}
