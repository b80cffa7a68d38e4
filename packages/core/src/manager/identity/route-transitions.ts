import type { RegistrationResponse } from '../../model/registration.ts'
import { supersede } from '../record/declarations.ts'
import type { Moment } from '../record/moment.ts'
import type { Declaration, Intent, RegistrationRecord, UnregisteredRoute } from '../record/record.ts'
import { adopted } from '../record/transitions.ts'

/** The record that names a client which nobody registered here: it has no end, and nothing can be asked about it. */
export function withUnregistered(
  moment: Moment,
  record: RegistrationRecord,
  client: { registration: RegistrationResponse; route: UnregisteredRoute },
  declaration: Declaration,
  intent: Pick<Intent, 'id'>,
): RegistrationRecord {
  const { registration, route } = client
  const next = adopted(moment, record, { registration, raw: undefined }, declaration, intent)
  const isAskedAgain = route === 'metadata-document' || moment.options.prefer === 'metadata-document'
  const offers = isAskedAgain ? record.offers : undefined
  return { ...next, route, offers, secretSince: undefined, renewAt: undefined }
}

/** The record under another declaration that asks nothing of the server. */
export function redeclared({ now }: Moment, record: RegistrationRecord, declaration: Declaration): RegistrationRecord {
  const { superseded } = supersede(record, declaration, now)
  const inForceSeen = superseded?.some(({ hash }) => hash !== declaration.hash) ? now : undefined
  return { ...record, declaration, superseded, inForceSeen }
}
