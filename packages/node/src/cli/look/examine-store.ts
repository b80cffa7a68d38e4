import { RegistrationManager } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'

import { managerOptions } from '../../environment/configuration.ts'
import type { Configured } from '../../environment/configuration.ts'
import { exitCodes } from '../exit-code.ts'
import type { Diagnosis } from './doctor.ts'

/** A record of its own: there is at most one in a store, however often somebody looks. */
const key = 'registrant-doctor'

/** Whether the store keeps what it must promise: it is read, written by compare-and-swap, and read again. */
export async function examineStore(configured: Configured, signal: AbortSignal): Promise<Diagnosis[]> {
  const { store, members, metadata } = configured
  if (store === undefined) return []
  const found: Diagnosis[] = [...(await compareAndSwap(store, signal)), ...(await risksOf(store, signal))]
  if (members.application === undefined || metadata === undefined) return found
  const manager = new RegistrationManager(managerOptions(configured))
  const { state, client_id } = await manager.status({ signal })
  await manager.close()
  const which = client_id === undefined ? '' : `, client ${client_id}`
  return [...found, { about: 'registration', is: 'good', says: `${state}${which}` }]
}

async function compareAndSwap(store: RegistrationStore, signal: AbortSignal): Promise<Diagnosis[]> {
  const value = `looked at ${new Date().toISOString()}`
  const before = await store.load(key, signal)
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

const bad = (says: string): Diagnosis => ({ about: 'store', is: 'bad', says, exitCode: exitCodes.store })

async function risksOf(store: RegistrationStore, signal: AbortSignal): Promise<Diagnosis[]> {
  const risks = (await store.risks?.(signal)) ?? []
  return risks.map(({ rule, message }) => ({ about: 'store', is: 'doubtful', says: `${message} (${rule})` }))
}
