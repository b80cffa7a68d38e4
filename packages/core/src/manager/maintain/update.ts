import type { Context, Step, Work } from '../context.ts'
import { requested, requireRoom, tellReturn } from '../ensure/request.ts'
import type { Announced } from '../record/lease.ts'
import type { Current, Declaration, Found, Intent, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { applied, lacksSecret, saveAnswer } from './apply-answer.ts'
import type { AfterUpdate } from './verdicts.ts'
import { changesTo, keptBy } from './verdicts.ts'
import { lacksProof, lookAt, tryUpdate, withAside } from './look.ts'
import { keptKeys, settleLook, settleUpdate } from './settle.ts'
import { saveRenewed } from './renew.ts'
import type { Tried } from './failures.ts'
import { notShown, undecided, withoutDoubt, withoutLook } from './failures.ts'

/** Brings the client into the declared form by an update (RFC 7592 section 2.2), or publishes its keys. */
export async function update(
  context: Context,
  current: Current,
  why: 'update' | 'publish-keys',
  work: Work,
): Promise<Step> {
  const { found } = current
  const { declaration, keys } = await requested(context, found.record, { as: 'same' })
  const { inside, signal } = work
  const announced = await context.leases.announce(found, { operation: 'update', inside, signal, declaration, keys })
  if (announced === undefined) return 'again'
  const tried = await attempt(context, announced, current, declaration)
  const { verdict, answer } = tried
  if ((verdict === 'applied' || verdict === 'unconfirmed') && !isUseless(answer, declaration)) {
    await apply(context, announced, declaration, answer, verdict)
    work.goal.renewals++
    return 'again'
  }
  const isKeys = why === 'publish-keys'
  return settleUpdate(
    context,
    announced,
    current,
    { ...tried, verdict: lacking(verdict), isMade: lacking(verdict) !== verdict },
    'update',
    isKeys,
  )
}

/** Sends the update, unless what comes of it could not be kept. */
async function attempt(
  context: Context,
  announced: Announced,
  { found, registration }: Current,
  declaration: Declaration,
): Promise<Tried> {
  try {
    requireRoom(declaration)
  } catch (error) {
    return { verdict: 'refused', error }
  }
  return tryUpdate(context, announced, registration, changesTo(found.record, declaration.metadata))
}

/** What an update has made of the client can't be used. */
const isUseless = (answer: StoredAnswer | undefined, { metadata }: Declaration): boolean =>
  answer !== undefined && lacksProof(answer.registration, metadata)

/** An update that was made and leaves a client which nobody can use is none: another client is needed. */
const lacking = (verdict: AfterUpdate): AfterUpdate =>
  verdict === 'applied' || verdict === 'unconfirmed' ? 'cannot-update' : verdict

/** Saves the record of an update that was made, and tells of it. */
async function apply(
  context: Context,
  announced: Announced,
  declaration: Declaration,
  answer: StoredAnswer | undefined,
  verdict: AfterUpdate,
): Promise<void> {
  const { record } = announced.found
  const { registration, raw, candidate } = record
  const asked = registration && asAsked(registration, changesTo(record, declaration.metadata))
  const aside = asked && lacksSecret(asked, declaration.metadata) ? candidate : undefined
  const stored = answer ?? (asked && { registration: withAside(asked, aside), raw })
  if (stored === undefined) return
  const { client_id } = stored.registration
  const end = (next: RegistrationRecord): RegistrationRecord => applied(context.moment(), next, stored, declaration)
  const saved = await saveAnswer(context, announced, stored, end, { isMade: true })
  if (saved === undefined) return
  context.memory.succeed('update')
  if (verdict === 'unconfirmed')
    context.tell({
      type: 'deviation',
      deviation: {
        rule: 'update-unconfirmed',
        message: 'The update was sent, and no look can show whether it was made.',
      },
    })
  const said = keptKeys(saved.record, declaration)
  const kept = keptBy(record.declaration?.metadata, declaration.metadata, stored.registration)
  if (said) context.tellDrift(record, 'kept', said)
  if (kept.length > 0)
    context.tellDrift(
      record,
      'kept',
      `The update was made, and the server keeps what is no longer declared: ${kept.join(', ')}.`,
    )
  if (said === undefined && kept.length === 0) context.tell({ type: 'updated', client_id })
  tellOtherKey(context, record, saved)
  tellReturn(context, record, declaration)
}

/** Tells that another key signs from now on. */
function tellOtherKey({ tell }: Context, before: RegistrationRecord, { record: { keys, registration } }: Found): void {
  if (keys && keys.current.kid !== before.keys?.current.kid)
    tell({ type: 'renewed', client_id: registration?.client_id })
}

/**
 * Finds out what became of an update whose answer was lost, by one look: the client goes on living, and where the token is
 * dead it can't be managed any more.
 */
export async function reconcile(
  context: Context,
  current: Current,
  of: Pick<Intent, 'operation' | 'declaration'>,
  work: Work,
): Promise<Step> {
  const { found, registration } = current
  const { operation, declaration } = of
  const { inside, signal } = work
  const announced = await context.leases.announce(found, { operation, inside, signal, declaration })
  if (announced === undefined) return 'again'
  const isRenewal = operation === 'renew' || declaration === undefined
  const changes = isRenewal ? {} : changesTo(found.record, declaration.metadata)
  const open = (record: RegistrationRecord): RegistrationRecord => notShown(context.moment(), record)
  const { seen, answer, error } = await lookAt(context, announced, registration, changes)
  if (answer) {
    if (isRenewal) await saveRenewed(context, announced, answer, found.record)
    else if (seen === 'declared' && isUseless(answer, declaration))
      return settleUpdate(context, announced, current, { verdict: 'cannot-update', answer, isMade: true }, 'update')
    else if (seen === 'declared') {
      const end = (record: RegistrationRecord): RegistrationRecord =>
        applied(context.moment(), record, answer, declaration)
      const saved = await saveAnswer(context, announced, answer, end, { isMade: true })
      if (saved) {
        context.tell({ type: 'updated', client_id: registration.client_id })
        tellOtherKey(context, announced.found.record, saved)
      }
    } else await context.leases.complete(announced, seen === 'silent' ? open : withoutDoubt)
    return 'again'
  }
  if (seen === 'cannot') {
    // No look is possible at this server: each program whose generation allows it applies what it declares.
    await context.leases.complete(announced, (record) => ({ ...(isRenewal ? record : open(record)), unanswered: true }))
    return 'again'
  }
  const fail = context.met((record) => withoutLook(context.moment(), record, { seen, error }, context.owner))
  const note = (record: RegistrationRecord): RegistrationRecord =>
    isRenewal ? fail(record) : undecided(context.moment(), record, fail(record), declaration)
  return settleLook(context, announced, current, { note, error }, isRenewal ? 'renew' : 'update')
}

/** The client after an update that no answer and no look shows: as it was, with what was asked for. */
function asAsked(
  registration: StoredAnswer['registration'],
  changes: ReturnType<typeof changesTo>,
): StoredAnswer['registration'] {
  const { token_endpoint_auth_method: method = registration.token_endpoint_auth_method } = changes
  const known = { ...registration }
  // An algorithm that the server chose is not for another method.
  if (method !== known.token_endpoint_auth_method) delete known.token_endpoint_auth_signing_alg
  const asked = Object.assign(known, changes)
  for (const [member, value] of Object.entries(changes)) if (value === null) delete asked[member]
  return asked
}
