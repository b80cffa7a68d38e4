import type { RegistrationResponse } from '../model/registration.ts'
import { load as late } from '../load.ts'
import { good } from './good.ts'
import { load } from './home.ts'
import { mayAct } from './intent.ts'
import type { Keeping } from './keeping.ts'
import type { Found } from './record.ts'
import { registerAnew } from './registering.ts'
import { save } from './saving.ts'
import type { Step } from './step.ts'

/** What a caller wants besides a registration. */
export interface Aim {
  /** The client that the server is proven to have forgotten. */
  forgotten?: string | undefined
  /** How often this call has renewed secret or keys. A server whose answers are due at once must not keep it for ever. */
  renewals?: number
}

/** The state machine: loads the record and does the one thing that its state calls for. */
export async function next(k: Keeping, aim: Aim, inside: boolean): Promise<Step> {
  const found = await load(k)
  const lost = k.memory.lost(found)
  if (lost) {
    // The store has lost what it had acknowledged; whoever still holds the credentials gives them back.
    await save(k, lost, found)
    return 'again'
  }
  if (found === undefined && k.options.expectExisting === true) throw (await late(import('./stopped.ts'))).missing()
  if (found === undefined) return register(k, undefined, inside)
  k.memory.note(found)
  if (k.memory.unsaved) {
    const { storeLate } = await late(import('./storing.ts'))
    if (await storeLate(k, found)) return 'again'
  }
  const { state, registration } = found.record
  if (state === 'deleting' || state === 'deleted') throw (await late(import('./stopped.ts'))).deleted()
  if (!mayAct(k, found, inside)) return { wait: found }
  if (registration === undefined || state === 'absent' || state === 'registering') return register(k, found, inside)
  if (good(found.record, k)) return { registration }
  switch (state) {
    case 'updating':
    case 'rotating': {
      const { look } = await late(import('./tending.ts'))
      return look(k, { found, registration }, inside)
    }
    case 'suspect': {
      const { isConfirmed } = await late(import('./suspicion.ts'))
      const isForgotten = aim.forgotten === registration.client_id && isConfirmed(k, found.record)
      return isForgotten ? register(k, found, inside) : { registration }
    }
    case 'registered': {
      const { tend } = await late(import('./tending.ts'))
      return tend(k, { found, registration }, aim, inside)
    }
    default:
      throw (await late(import('./stopped.ts'))).unheardOf()
  }
}

const register = async (k: Keeping, found: Found | undefined, inside: boolean): Promise<Step> =>
  done(await registerAnew(k, found, { operation: 'register', state: 'registering', inside }))

const done = (registration: RegistrationResponse | undefined): Step => (registration ? { registration } : 'again')
