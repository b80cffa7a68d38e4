import type { Answered } from '../client/answered.ts'
import { late } from '../client/late.ts'
import type { RegistrationResponse } from '../model/registration.ts'
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
  const { attempts, refusal, intent } = before?.record ?? {}
  if (before && (attempts ?? refusal ?? intent)) {
    const { requireAllowance } = await late(import('./allowance.ts'))
    await requireAllowance(k, before)
  }
  const { declaration, keys } = await wanted(k, before?.record, 'new')
  const begun = await begin(k, before, { ...plan, keys })
  if (begun === undefined) return undefined
  let answered: Answered
  try {
    answered = await k.conversation.register(declaration.metadata, { beforeSend: () => noteSending(k, begun) })
    keptOf(k, answered)
  } catch (error) {
    if (error === overtaken) return undefined
    const { failRegistration } = await orElse(import('./failing.ts'), error)
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
    const { giveBack } = await orElse(import('./compensation.ts'), error)
    throw await giveBack(k, begun, answered.value, error)
  }
  if (saved === undefined) {
    const { compensate } = await late(import('./compensation.ts'))
    await compensate(k, begun.intent, answered.value, 'Another starter had taken over.')
    return undefined
  }
  const { client_id } = kept.registration
  k.tell({ type: 'registered', client_id })
  if (old !== undefined && old.client_id !== client_id) k.tell({ type: 'replaced', old: old.client_id, client_id })
  return kept.registration
}

/**
 * Code for what went wrong. Where it can't be loaded, what went wrong is thrown all the same: the intent in the record says
 * enough for whoever comes next.
 */
const orElse = <Module>(loading: Promise<Module>, error: unknown): Promise<Module> =>
  loading.catch(() => {
    throw error
  })
