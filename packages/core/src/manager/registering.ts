import type { Answered } from '../client/context.ts'
import { ifSoon } from './if-soon.ts'
import { load as late } from '../load.ts'
import { StoreError } from '../errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Begun, Plan } from './intent.ts'
import { storeFailure } from './home.ts'
import { begin, conclude, leaveOpen, noteSending, overtaken } from './intent.ts'
import type { Declaration } from './declaration.ts'
import type { Keeping } from './keeping.ts'
import { wanted } from './wanted.ts'
import { keptOf } from './secrecy.ts'
import { listOrphan, orphanOf, shown } from './orphans.ts'
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
    const failing = await ifSoon(import('./failing.ts'))
    if (failing) return failing.failRegistration(k, begun, error)
    // The intent says enough for whoever comes next, and nobody has to wait for it.
    await leaveOpen(k, begun).catch(() => undefined)
    throw error
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
    const compensation = await ifSoon(import('./compensation.ts'))
    throw compensation
      ? await compensation.giveBack(k, begun, answered.value, error)
      : unsaved(k, begun, answered, error)
  }
  if (saved === undefined) {
    const why = 'Another starter had taken over.'
    const compensation = await ifSoon(import('./compensation.ts'))
    if (compensation) await compensation.compensate(k, begun.intent, answered.value, why)
    else await listOrphan(k, orphanOf(k, begun.intent.id, why, answered.value))
    return undefined
  }
  const { client_id } = kept.registration
  k.tell({ type: 'registered', client_id })
  if (old !== undefined && old.client_id !== client_id) k.tell({ type: 'replaced', old: old.client_id, client_id })
  return kept.registration
}

/** The error for a client that neither the store takes nor, without more code, anybody can delete. */
function unsaved(k: Keeping, { intent }: Begun, { value }: Answered, cause: unknown): StoreError {
  k.tell({ type: 'orphan', orphan: shown(orphanOf(k, intent.id, 'It could not be stored.', value)) })
  const message = `A client was registered and could not be stored (${value.client_id}).`
  return new StoreError('store-unavailable', message, { outcome: 'accepted', cause: storeFailure(cause) })
}
