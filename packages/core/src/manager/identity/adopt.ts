import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context, Step } from '../context.ts'
import { supersede } from '../record/declarations.ts'
import type { Moment } from '../record/timeline.ts'
import { managed, registeredHere } from '../record/clients.ts'
import { emptyRecord } from '../record/read.ts'
import type { Declaration, Found, Intent, Managed, RegistrationRecord, UnregisteredRoute } from '../record/record.ts'
import { adopted, settled } from '../record/transitions.ts'
import { clientOf, tellChoice } from './chosen-route.ts'

/** Takes a client into use that needs no request, or another declaration that asks nothing of the server. */
export async function adoptUnregistered(
  context: Context,
  found: Found | undefined,
  route: UnregisteredRoute | 'dynamic',
): Promise<Step> {
  const { declared, identity, tell } = context
  const moment = context.moment()
  const { record, orphan } = settled(moment, found?.record ?? emptyRecord(identity))
  const old = record.registration
  if (route === 'dynamic') {
    // What the client was registered with stays as it was sent, its keys included.
    const metadata = record.declaration?.metadata ?? declared.metadata
    if (await context.records.save(redeclared(moment, record, { ...declared, metadata }), found))
      context.tellOrphans([orphan])
    return 'again'
  }
  const registration = clientOf(context, route)
  const id = platform.randomId()
  const next = withUnregistered(moment, record, { registration, route }, declared, { id })
  if (!(await context.records.save(next, found))) return 'again'
  context.tellOrphans([orphan, ...(next.orphans ?? []).filter(({ intent }) => intent === id)])
  if (old?.client_id === registration.client_id) return 'again'
  if (route === 'pre-registered') tellChoice(context, record)
  if (old) tell({ type: 'replaced', old: old.client_id, client_id: registration.client_id })
  return 'again'
}

/** What manages a client that was registered here, in use or listed. */
function ownOf(record: RegistrationRecord, clientId: string): Managed | undefined {
  const { previous = [], orphans = [] } = record
  const known = [registeredHere(record), ...previous.map((it) => it.registration), ...orphans]
  const own = known.find((it) => it?.client_id === clientId)
  return own && managed({ ...own, client_id: clientId })
}

/** Whether a client that the options name was registered here: it is listed when another takes its place. */
export const sharedHere = (record: RegistrationRecord, clientId: string): true | undefined =>
  ownOf(record, clientId) && true

/** The record with a client in use that the options name: it is never renewed, and nothing can be asked about it. */
function withUnregistered(
  moment: Moment,
  record: RegistrationRecord,
  client: { registration: RegistrationResponse; route: UnregisteredRoute },
  declaration: Declaration,
  intent: Pick<Intent, 'id'>,
): RegistrationRecord {
  const { route } = client
  const { client_id } = client.registration
  // It may be one that was registered here: what manages it has no other copy.
  const registration = { ...client.registration, ...ownOf(record, client_id) }
  const next = adopted(moment, record, { registration, raw: undefined }, declaration, intent)
  const shared = sharedHere(record, client_id)
  const isAskedAgain = route === 'metadata-document' || moment.options.prefer === 'metadata-document'
  const offers = isAskedAgain ? record.offers : undefined
  return { ...next, route, offers, shared, secretSince: undefined, renewAt: undefined }
}

/** The record under another declaration that asks nothing of the server. */
function redeclared({ now }: Moment, record: RegistrationRecord, declaration: Declaration): RegistrationRecord {
  const { superseded } = supersede(record, declaration, now)
  const inForceSeen = superseded?.some(({ hash }) => hash !== declaration.hash) ? now : undefined
  return { ...record, declaration, superseded, inForceSeen }
}
