import { notKnown, readKnown, withKnown } from '../../exchange/management.ts'
import type { KnownClient, RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { storableAnswer } from '../ensure/answers.ts'
import { Wait } from '../ensure/wait.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { isAccountedFor, isShared, managed } from '../record/clients.ts'
import type { RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { adopted, settled } from '../record/transitions.ts'
import { cleared, putInPlace } from './clear-record.ts'

/** Makes a client that somebody knows from elsewhere the registration. */
export async function recover(
  context: Context,
  given: RegistrationResponse | KnownClient,
  dropped: AbortSignal,
): Promise<void> {
  const { options, declared } = context
  // A client that plainly differs from the declaration is brought into that form by the next `ensure()`.
  const { value: known, deviations, differs } = readKnown(given, declared.metadata, options.profile)
  refuseStruck(known)
  for (const deviation of deviations) context.tell({ type: 'deviation', deviation })
  const stored = storableKnown(context, known)
  const { metadataDocument, preRegistered } = options
  const isNamed = (metadataDocument ?? preRegistered) !== undefined
  const keeps = { secret: options.keepSecret ?? true, token: options.keepManagementToken ?? true }
  const identity = isNamed ? await loadIdentity() : undefined
  const route = identity?.routeOf(context, known.client_id)
  await settledDeletions(context, known.client_id, dropped)
  await putInPlace(context, dropped, (record, id) => {
    const isSame = record.registration?.client_id === known.client_id
    const from = isSame ? { ...record, registration: undefined } : record
    const before = cleared(context, from, 'It was superseded by recover().', id)
    const { client_id } = known
    const entries = knownOf(record, client_id)
    // A credential that was not given may have no other copy than the record's.
    const registration = entries.reduce((told, it) => withKnown(told, it, keeps), stored.registration)
    const next = adopted(context.moment(), before, { ...stored, registration }, declared, { id })
    const { registration_access_token: token } = isSame ? registration : known
    const tokens = entries.flatMap((it) => it.registration_access_token ?? [])
    const isTold = known.registration_access_token !== undefined
    // The record may know of updates that the person who recovers has not heard of; without a token there were none.
    const rest = record.intent ? settled(context.moment(), record).record : record
    const { doubt, declaration: inForce } = rest
    const isOther = isSame
      ? doubt !== undefined || inForce?.hash !== declared.hash
      : isAccountedFor(record, client_id) && [token, ...tokens].some((it) => it !== undefined)
    const declaration = !differs && !isOther ? next.declaration : undefined
    // If it is the same client, the key that signs for it still does.
    const keys = isSame ? record.keys : next.keys
    // Nobody knows which of two tokens is newer, nor whether there is another: a denial of one says nothing of the client.
    const unanswered = (isSame && rest.unanswered) || tokens.some((it) => it !== token) || undefined
    return {
      ...next,
      keys,
      route,
      shared: route ? identity?.sharedHere(record, client_id) : isShared(record, { client_id }, context.clock.now()),
      declaration,
      unanswered,
      // A token that was lost stays lost, until somebody gives another.
      unmanageable: isSame && !isTold ? record.unmanageable : undefined,
      attempts: undefined,
      // What the server asked for does not end because a person knows the client.
      pause: context.memory.withPause(record, context.clock.now()).pause,
      renewAt: route ? undefined : next.renewAt,
    }
  })
  context.tell({ type: 'registered', client_id: known.client_id })
}

/**
 * Refuses `[redacted]`, which our outputs show in the place of a secret: it would take the place of the one that is stored.
 *
 * @throws {InvalidRequestError}
 */
function refuseStruck(known: RegistrationResponse): void {
  const found = Object.entries(known).find((entry) => JSON.stringify(entry).includes('[redacted]'))
  if (found)
    throw notKnown(found[0], 'It has [redacted] in the place of a secret. Tell that secret, or leave the member out')
}

/** @throws {InvalidRequestError} the client is of no use without a secret, and none is kept */
function storableKnown(context: Context, known: RegistrationResponse): StoredAnswer {
  try {
    return storableAnswer(context, { value: known, raw: known, date: undefined }, { operation: 'recover' })
  } catch (cause) {
    throw notKnown('client_secret', 'The client authenticates with a secret, and secrets are not kept here', cause)
  }
}

/** What a record knows of a client. */
function knownOf(record: RegistrationRecord, client_id: string): RegistrationResponse[] {
  const { registration, previous = [], orphans = [] } = record
  const listed = [...previous.map((it) => it.registration), ...orphans].filter((it) => it.client_id === client_id)
  const inUse = registration?.client_id === client_id ? [registration] : []
  return [...inUse, ...listed.map((it) => managed({ ...it, client_id }))]
}

/** Waits for an announced deletion to come to its end: it may be about this very client. */
async function settledDeletions(context: Context, clientId: string, dropped: AbortSignal): Promise<void> {
  const { clock, records, timeout } = context
  const waiting = new Wait(context)
  const end = clock.monotonic() + timeout
  for (let rest = timeout; rest > 0; rest = end - clock.monotonic()) {
    const found = await records.load(dropped).catch(() => undefined)
    if (found === undefined || !isBeingDeleted(context, found.record, clientId)) return
    await waiting.pause(found, rest, dropped)
  }
}

/** Whether somebody deletes the client in use, or has announced the deletion of that client. */
function isBeingDeleted({ clock }: Context, record: RegistrationRecord, clientId: string): boolean {
  const { intent, previous = [], orphans = [] } = record
  const listed = [...previous.map(({ registration, claim }) => ({ ...registration, claim })), ...orphans]
  const isAnnounced = listed.some(({ client_id, claim }) => client_id === clientId && clock.binds(claim?.mark))
  return isAnnounced || (intent?.operation === 'delete' && intent.lease > 0)
}
