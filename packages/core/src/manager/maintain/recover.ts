import { readKnown } from '../../exchange/management.ts'
import type { KnownClient, RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { storableAnswer } from '../ensure/answers.ts'
import { changeOrTime } from '../ensure/wait.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { isAccountedFor } from '../record/clients.ts'
import type { RegistrationRecord } from '../record/record.ts'
import { adopted, settled } from '../record/transitions.ts'
import { cleared, putInPlace } from './clear-record.ts'

/** Takes a client that somebody knows from elsewhere for the registration. */
export async function recover(
  context: Context,
  given: RegistrationResponse | KnownClient,
  dropped: AbortSignal,
): Promise<void> {
  const { options, declared } = context
  // What is plainly something else than what is declared is brought into that form by the next `ensure()`.
  const { value: known, deviations, differs } = readKnown(given, declared.metadata, options.profile)
  for (const deviation of deviations) context.tell({ type: 'deviation', deviation })
  const stored = storableAnswer(context, { value: known, raw: known, date: undefined }, { operation: 'register' })
  const { metadataDocument, preRegistered } = options
  const isNamed = (metadataDocument ?? preRegistered) !== undefined
  const route = isNamed ? (await loadIdentity()).routeOf(context, known.client_id) : undefined
  await settledDeletions(context)
  await putInPlace(context, dropped, (record, id) => {
    const isSame = record.registration?.client_id === known.client_id
    const from = isSame ? { ...record, registration: undefined } : record
    const before = cleared(context, from, 'It was superseded by recover().', id)
    const next = adopted(context.moment(), before, stored, declared, { id })
    const { client_id, registration_access_token: token } = known
    const tokens = tokensOf(record, client_id)
    // The record knows of updates that whoever recovers may not have heard of; without a token there were none.
    const rest = record.intent ? settled(context.moment(), record).record : record
    const { doubt, declaration: inForce } = rest
    const isOther = isSame
      ? doubt !== undefined || inForce?.hash !== declared.hash
      : isAccountedFor(record, client_id) && [token, ...tokens].some((it) => it !== undefined)
    const declaration = !differs && !isOther ? next.declaration : undefined
    // What signs for the client still does.
    const keys = isSame ? record.keys : next.keys
    // Which of two tokens is the newer one is not known, nor whether there is another: that one is denied says nothing of the client.
    const unanswered = (isSame && rest.unanswered) || tokens.some((it) => it !== token) || undefined
    return {
      ...next,
      keys,
      route,
      declaration,
      unanswered,
      attempts: undefined,
      renewAt: route ? undefined : next.renewAt,
    }
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
  const isAnnounced = [...previous, ...orphans].some(({ claim }) => context.clock.binds(claim?.mark))
  const isDeleting = found?.record.intent?.operation === 'delete' && found.record.intent.lease > 0
  if (found && (isAnnounced || isDeleting))
    await changeOrTime(context, found.version, context.timeout, new AbortController().signal)
}
