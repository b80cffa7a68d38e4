import type { Answered } from '../../client/context.ts'
import { RegistrationError, StoreError } from '../../errors.ts'
import { escape } from '../../exchange/redact.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { Context, Step, Work } from '../context.ts'
import { isAccountedFor, orphanOf } from '../record/clients.ts'
import { isExpired, secretMoved } from '../record/credentials.ts'
import { supersede } from '../record/declarations.ts'
import { minute } from '../record/mark.ts'
import type { Announced, Plan } from '../record/lease.ts'
import { LeaseLost } from '../record/lease.ts'
import { storeFailure } from '../errors.ts'
import type { Declaration, Found, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { wasRefused } from '../record/setbacks.ts'
import { adopted, notRenewed } from '../record/transitions.ts'
import { storableAnswer } from './answers.ts'
import { compensate, recordFailure } from './compensate.ts'
import type { Because } from './actions.ts'
import { isFinal } from './outcomes.ts'
import { requested, withListedAlgorithm } from './request.ts'

/** A registration, and why the client in use is replaced, where there is one. */
export interface Registering extends Work {
  operation: 'register' | 'replace'
  because?: Because
}

/** An older client that a server hands out again may be somebody else's. */
const sharedAfter = 5 * minute

/**
 * Registers a client: the intent, the request, the record - in this order. If that fails, a client that works stays in use,
 * unless its secret has ended, or the declaration is wrong, which must be seen.
 */
export async function register(context: Context, found: Found | undefined, registering: Registering): Promise<Step> {
  try {
    return await registerAnew(context, found, registering)
  } catch (error) {
    if (found === undefined || !(error instanceof RegistrationError)) throw error
    const { record } = found
    const { registration } = record
    const { because, goal } = registering
    const isDead =
      because === undefined || because === 'forgotten' || because === 'credentials' || because === 'key-lost'
    const isNew = !wasRefused(record, 'register', context.declared.hash)
    const mustBeSeen =
      goal.goal === 'rotate' || ((because === 'update' || because === 'route') && isFinal(error) && isNew)
    if (registration === undefined || isDead || mustBeSeen || isExpired(record, context.clock.now())) throw error
    if (error instanceof StoreError) throw error
    context.tellDrift(record, error.code, error.message, because === 'renew' ? 'renewal-failed' : 'drift')
    return { registration, until: context.clock.now(), because: error }
  }
}

async function registerAnew(context: Context, found: Found | undefined, registering: Registering): Promise<Step> {
  const { goal, operation, because } = registering
  const isFresh = because === 'key-lost' || because === 'rotate' || because === 'credentials'
  const wanted = await requested(context, found?.record, { as: 'new', fresh: isFresh })
  const plan: Plan = { operation, inside: registering.inside, signal: registering.signal, keys: wanted.keys }
  const announced = await context.leases.announce(found, plan)
  if (announced === undefined) return 'again'
  const asked = goal.goal === 'rotate' && !goal.isDone ? true : undefined
  let answered: Answered
  let stored: StoredAnswer
  let declaration: Declaration
  try {
    const listed = await withListedAlgorithm(context, announced, wanted)
    ;({ declaration } = listed)
    const { keys } = listed
    answered = await context.session.register(declaration.metadata, {
      signal: registering.signal,
      hasOwnKeys: keys !== undefined && context.declared.metadata.jwks === undefined,
      beforeSend: () => context.leases.noteSending(announced, { asked, keys }),
    })
    stored = storableAnswer(context, answered, { operation: 'register' })
  } catch (error) {
    if (error instanceof LeaseLost) return 'again'
    return recordFailure(context, announced, error)
  }
  return adopt(context, announced, { answered, stored, declaration, because }, registering)
}

const isTheSame = 'The server gave out the same secret again.'

interface Made {
  answered: Answered
  stored: StoredAnswer
  declaration: Declaration
  because: Because | undefined
}

/** From here on a client exists that only this process can name, until the record does. */
async function adopt(context: Context, announced: Announced, made: Made, { goal }: Registering): Promise<Step> {
  const { answered, stored, declaration, because } = made
  const { registration } = stored
  const old = announced.found.record
  const shared = isShared(old, registration, answered.date) || undefined
  const isAgain = (because === 'renew' || because === 'credentials') && !secretMoved(old.registration, registration)
  const end = (record: RegistrationRecord): RegistrationRecord => {
    const moment = context.moment()
    const isKnown = record.registration?.client_id === registration.client_id
    const next = adopted(moment, record, stored, declaration, announced.intent)
    return { ...(isAgain ? notRenewed(moment, record, next) : next), shared: isKnown ? record.shared : shared }
  }
  let saved: Found | undefined
  try {
    saved = await context.leases.saveWithRetries((tries) => context.leases.complete(announced, end, tries))
  } catch (error) {
    throw keepUnsaved(context, announced, end, registration, error)
  }
  if (saved === undefined) {
    await compensate(context, announced.intent.id, registration, 'Another starter had taken over.', shared)
    return 'again'
  }
  goal.isDone = true
  if (because === 'renew' || because === 'rotate') goal.renewals++
  context.memory.satOut = false
  if (!isAgain) context.memory.succeed('register')
  if (isAgain) context.tellDrift(saved.record, 'failed', isTheSame, 'renewal-failed')
  else tellAdopted(context, old, registration, declaration, because)
  return { registration, until: context.clock.now() }
}

function tellAdopted(
  { tell, clock }: Context,
  old: RegistrationRecord,
  { client_id }: RegistrationResponse,
  declaration: Declaration,
  because: Because | undefined,
): void {
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
  if (supersede(old, declaration, clock.now()).isReturn) tell(returned)
}

export const returned = {
  type: 'warning',
  rule: 'declaration-returned',
  message:
    'A superseded declaration was applied again, since the one in force had been silent. Number declarations by the option generation if that was not meant.',
} as const

/** A server may hand out a client that it gave out before: another program may use it too. */
function isShared(record: RegistrationRecord, registration: RegistrationResponse, date: number | undefined): boolean {
  const { client_id, client_id_issued_at: issued = 0 } = registration
  if (isAccountedFor(record, client_id) || issued <= 0 || date === undefined) return false
  return issued * 1000 < date - sharedAfter
}

/** A client whose record can't be saved is remembered, and saved later: nothing may be deleted that can't be announced. */
function keepUnsaved(
  context: Context,
  announced: Announced,
  end: (record: RegistrationRecord) => RegistrationRecord,
  registration: RegistrationResponse,
  cause: unknown,
): RegistrationError {
  const failure = storeFailure(cause, registration)
  const { id } = announced.intent
  const orphan = orphanOf(context.moment(), id, `It could not be stored: ${failure.message}`, registration)
  context.memory.unsaved.add((record) => {
    if (record.registration?.client_id === registration.client_id && record.intent?.id !== id) return 'drop'
    if (record.intent?.id === id) return { ...end(record), intent: undefined }
    if (isAccountedFor(record, registration.client_id)) return 'drop'
    const isVacant = record.registration === undefined && record.intent === undefined && !record.deleted
    if (isVacant) return end(record)
    const orphans = [...(record.orphans ?? []).filter((it) => it.intent !== id), orphan]
    return { ...record, orphans }
  })
  context.tellOrphans([orphan], false)
  return new StoreError(
    failure instanceof StoreError ? failure.code : 'store-unavailable',
    `A client was registered and could not be stored (${escape(registration.client_id)}): ${failure.message}`,
    { outcome: 'accepted', cause: failure },
  )
}
