import type { Answered } from '../client/conversation.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { requireBudget } from './budget.ts'
import { compensate, giveBack } from './compensation.ts'
import { failRegistration } from './failing.ts'
import type { Begun, Plan } from './intent.ts'
import { begin, conclude, noteSending, overtaken } from './intent.ts'
import type { Declaration } from './declaration.ts'
import type { Keeping } from './keeping.ts'
import { wanted } from './wanted.ts'
import { keptOf } from './secrecy.ts'
import { patiently } from './patience.ts'
import type { Found } from './record.ts'
import { adopted, replaced } from './transitions.ts'

/**
 * Registers a client: the intent, the request, the record - in this order. `undefined` when somebody else was faster or
 * took over; the record then says more.
 */
export async function registerAnew(
  k: Keeping,
  before: Found | undefined,
  plan: Plan,
): Promise<RegistrationResponse | undefined> {
  requireBudget(k, before?.record)
  const { declaration, keys } = await wanted(k, before?.record, 'new')
  const begun = await begin(k, before, { ...plan, keys })
  if (begun === undefined) return undefined
  let answered: Answered
  try {
    answered = await k.conversation.register(declaration.metadata, { beforeSend: () => noteSending(k, begun) })
    keptOf(k, answered)
  } catch (error) {
    if (error === overtaken) return undefined
    return failRegistration(k, begun, error)
  }
  return adopt(k, begun, answered, declaration)
}

/** From here on a client exists that only this process can name, until the record does. */
async function adopt(
  k: Keeping,
  begun: Begun,
  answered: Answered,
  declaration: Declaration,
): Promise<RegistrationResponse | undefined> {
  k.clock.hear(answered.date)
  const old = begun.found.record.registration
  const kept = keptOf(k, answered)
  let saved: Found | undefined
  try {
    saved = await patiently(() =>
      conclude(k, begun, (record) => adopted(k, replaced(k, record, begun.intent), kept, declaration)),
    )
  } catch (error) {
    throw await giveBack(k, begun, answered.value, error)
  }
  if (saved === undefined) {
    await compensate(k, begun.intent, answered.value, 'Another starter had taken over.')
    return undefined
  }
  const { client_id } = kept.registration
  k.tell({ type: 'registered', client_id })
  if (old !== undefined && old.client_id !== client_id) k.tell({ type: 'replaced', old: old.client_id, client_id })
  return kept.registration
}
