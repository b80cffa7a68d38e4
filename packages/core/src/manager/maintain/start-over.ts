import { InvalidRequestError, StoreError } from '../../errors.ts'
import { changes as differences } from '../../exchange/deviations.ts'
import { namesClient } from '../../exchange/interpret.ts'
import { isObject } from '../../exchange/json.ts'
import { normalize } from '../../exchange/normalize.ts'
import type { KnownClient, RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { storableAnswer } from '../ensure/answers.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { changeOrTime } from '../ensure/wait.ts'
import { isAccountedFor } from '../record/clients.ts'
import { leftOpen } from '../record/declarations.ts'
import { binds } from '../record/mark.ts'
import type { Found, RegistrationRecord } from '../record/record.ts'
import { emptyRecord, isEmpty } from '../record/read.ts'
import { adopted } from '../record/transitions.ts'
import { cleared } from './tombstone.ts'

/** Starts over: the next `ensure()` registers. The client, if there was one, is listed as an orphan. */
export async function forget(context: Context): Promise<void> {
  await putInPlace(context, (record, id) =>
    isEmpty(record)
      ? undefined
      : { ...cleared(context.moment(), record, 'It was forgotten on purpose.', id), attempts: undefined },
  )
}

/** Takes a client that somebody knows from elsewhere for the registration. */
export async function recover(context: Context, given: RegistrationResponse | KnownClient): Promise<void> {
  const { object: known, deviations } = normalize(isObject(given) ? given : {}, context.options.profile)
  if (!namesClient(known))
    throw new InvalidRequestError([
      {
        member: 'client_id',
        rule: 'recover',
        level: 'MUST',
        source: 'recover',
        message: 'There is no client without it',
      },
    ])
  for (const deviation of deviations) context.tell({ type: 'deviation', deviation })
  const stored = storableAnswer(context, { value: known, raw: known, date: undefined }, { operation: 'register' })
  // What is plainly something else than what is declared is brought into that form by the next `ensure()`.
  const isDeclared = !differences({ ...context.declared.metadata }, known).some(({ rule }) => rule === 'changed')
  const { metadataDocument, preRegistered } = context.options
  const isNamed = (metadataDocument ?? preRegistered) !== undefined
  const route = isNamed ? (await loadIdentity()).routeOf(context, known.client_id) : undefined
  await settledDeletions(context)
  await putInPlace(context, (record, id) => {
    const isSame = record.registration?.client_id === known.client_id
    const from = isSame ? { ...record, registration: undefined } : record
    const before = cleared(context.moment(), from, 'It was superseded by recover().', id)
    const next = adopted(context.moment(), before, stored, context.declared, { id })
    const { client_id, registration_access_token: token } = known
    const tokens = tokensOf(record, client_id)
    // The record knows of updates that whoever recovers may not have heard of; without a token there were none.
    const { doubt, declaration: inForce } = record.intent ? leftOpen(context.moment(), record, record.intent) : record
    const isOther = isSame
      ? doubt !== undefined || inForce?.hash !== context.declared.hash
      : isAccountedFor(record, client_id) && [token, ...tokens].some((it) => it !== undefined)
    const declaration = isDeclared && !isOther ? next.declaration : undefined
    // Which of two tokens is the newer one is not known: that one of them is denied says nothing of the client.
    const unanswered = tokens.some((it) => it !== token) || undefined
    return { ...next, route, declaration, unanswered, attempts: undefined, renewAt: route ? undefined : next.renewAt }
  })
  context.tell({ type: 'registered', client_id: known.client_id })
}

/** The management tokens that a record knows for a client. */
function tokensOf({ registration, previous = [], orphans = [] }: RegistrationRecord, clientId: string): string[] {
  return [registration, ...previous.map((it) => it.registration), ...orphans].flatMap((it) =>
    it?.client_id === clientId ? (it.registration_access_token ?? []) : [],
  )
}

/** An announced deletion comes to its end first: it may be about the very client. */
async function settledDeletions(context: Context): Promise<void> {
  const found = await context.records.load().catch(() => undefined)
  const { previous = [], orphans = [] } = found?.record ?? {}
  const isAnnounced = [...previous, ...orphans].some(({ claim }) => binds(claim?.mark, context.clock.now()))
  const isDeleting = found?.record.intent?.operation === 'delete' && found.record.intent.lease > 0
  if (found && (isAnnounced || isDeleting))
    await changeOrTime(context, found.version, context.timeout, new AbortController().signal)
}

type Instead = (record: RegistrationRecord, id: string) => RegistrationRecord | undefined

/** Puts another record in place of whatever is stored, even of what can't be read: a person has decided so. */
async function putInPlace(context: Context, next: Instead): Promise<void> {
  const id = platform.randomId()
  const known = new Set<string>()
  const remembered = (record: RegistrationRecord): RegistrationRecord | undefined => {
    for (const { intent } of record.orphans ?? []) known.add(intent)
    return next(record, id)
  }
  const saved = await context.records
    .modify(remembered)
    .catch((error: unknown) => overUnreadable(context, next, id, error))
  context.memory.unsaved.clear()
  context.memory.own = {}
  context.tellOrphans((saved?.record.orphans ?? []).filter(({ intent }) => !known.has(intent)))
}

/** Saves over what can't be read, where the store says which version that is. */
async function overUnreadable(context: Context, next: Instead, id: string, error: unknown): Promise<Found | undefined> {
  if (!(error instanceof StoreError) || error.version === undefined) throw error
  const empty = emptyRecord(context.identity)
  const unreadable = await textOf(context)
  const saved = await context.records.save({ ...(next(empty, id) ?? empty), unreadable }, { version: error.version })
  if (saved === undefined) throw error
  return saved
}

/** What can't be read is kept inside the record that takes its place, as far as it can be had. */
async function textOf(context: Context): Promise<string | undefined> {
  const stored = await context.records.loadText().catch(() => undefined)
  return stored?.value.slice(0, 16_384)
}
