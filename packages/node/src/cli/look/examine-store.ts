import { RegistrationManager, StoreError } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'

import type { Configured } from '../../environment/configuration.ts'
import { optionsFor } from '../configured.ts'
import { exitCodes } from '../exit-code.ts'
import type { Diagnosis } from './doctor.ts'

/** A record of its own: there is at most one in a store, however often somebody looks. */
const key = 'registrant-doctor'

/** Whether the store keeps what it must promise: it is read, written by compare-and-swap, and read again. */
export async function examineStore(store: RegistrationStore, signal: AbortSignal): Promise<Diagnosis[]> {
  return [...(await compareAndSwap(store, signal)), ...(await risksOf(store, signal))]
}

/** How the registration stands. */
export async function examineRegistration(configured: Configured, signal: AbortSignal): Promise<Diagnosis[]> {
  const { store, members, metadata } = configured
  if (store === undefined || members.application === undefined || metadata === undefined) return []
  const manager = new RegistrationManager(optionsFor(configured, signal))
  try {
    const { state, client_id } = await manager.status({ signal })
    const which = client_id === undefined ? '' : `, client ${client_id}`
    return [{ about: 'registration', is: 'good', says: `${state}${which}` }]
  } finally {
    await manager.close()
  }
}

async function compareAndSwap(store: RegistrationStore, signal: AbortSignal): Promise<Diagnosis[]> {
  const value = `looked at ${new Date().toISOString()}`
  const before = await store.load(key, signal).catch(unreadable)
  const saved = await store.save(key, value, before?.version, signal)
  if (saved === false)
    return [{ about: 'store', is: 'doubtful', says: 'somebody else examines it at this moment. Call again.' }]
  const found = await store.load(key, signal)
  if (found?.value !== value || found.version !== saved)
    return [bad('does not show what it acknowledged. It can not be used: replicas would register a client each.')]
  if ((await store.save(key, 'a second writer', undefined, signal)) !== false)
    return [bad('lets one writer overwrite another. It can not be used: replicas would register a client each.')]
  return [{ about: 'store', is: 'good', says: 'can be read and written, by compare-and-swap' }]
}

/**
 * What can not be read and can be saved over: nothing but an examination writes this record, so it may be damaged, or sealed
 * by a key that was taken away since.
 */
function unreadable(error: unknown): { version: string } {
  if (error instanceof StoreError && error.version !== undefined) return { version: error.version }
  throw error
}

const bad = (says: string): Diagnosis => ({ about: 'store', is: 'bad', says, exitCode: exitCodes.store })

async function risksOf(store: RegistrationStore, signal: AbortSignal): Promise<Diagnosis[]> {
  const risks = (await store.risks?.(signal)) ?? []
  return risks.map(({ rule, message }) => ({ about: 'store', is: 'doubtful', says: `${message} (${rule})` }))
}
