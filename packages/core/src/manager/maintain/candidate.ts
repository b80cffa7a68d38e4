import { withMembers } from '../../model/members.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { momentOf } from '../context.ts'
import { modify } from '../record/record-store.ts'
import type { RegistrationRecord } from '../record/record.ts'
import { withAnswer } from '../record/transitions.ts'

/** Takes the other secret, and keeps the one that was stored beside it. */
export async function swap(
  context: Context,
  { registration: of }: RegistrationRecord,
): Promise<RegistrationResponse | undefined> {
  const saved = await modify(context, (record) => {
    const { registration, candidate } = record
    if (!registration || !candidate || registration.client_secret !== of?.client_secret) return undefined
    const { client_secret, client_secret_expires_at } = candidate
    const moment = momentOf(context)
    const next = withAnswer(moment, record, {
      registration: withMembers(registration, { client_secret, client_secret_expires_at }),
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
