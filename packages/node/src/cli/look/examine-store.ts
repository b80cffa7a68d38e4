import { RegistrationManager, StoreError } from '@registrant/core'
import type { RegistrationStatus, RegistrationStore } from '@registrant/core'

import type { Configured } from '../../environment/configuration.ts'
import { optionsFor, withoutEffect } from '../configured.ts'
import { exitCodes } from '../exit-code.ts'
import { printable, waitingLine } from '../show.ts'
import { unsaid } from '../unsaid.ts'
import type { Diagnosis, Judged } from './doctor.ts'

/** The key of the record that examinations write: one in a store, however many examinations there are. */
const key = 'registrant-doctor'

/** Whether the store keeps what it must promise: it is read, written by compare-and-swap, and read again. */
export async function examineStore(store: RegistrationStore, signal: AbortSignal): Promise<Diagnosis[]> {
  return [...(await compareAndSwap(store, signal)), ...(await risksOf(store, signal))]
}

/** How the registration stands. */
export async function examineRegistration(configured: Configured, signal: AbortSignal): Promise<Diagnosis[]> {
  const { store, members, metadata } = configured
  if (store === undefined || members.application === undefined || metadata === undefined) return []
  const manager = new RegistrationManager(withoutEffect(optionsFor(configured, signal)))
  try {
    const status = await manager.status({ signal })
    if (status.state === 'absent' && members.expectExisting) await requireExpected(manager, signal)
    const { state, client_id } = status
    const which = client_id === undefined ? '' : `, client ${printable(client_id)}`
    const { why = '', ...rest } = judged(status)
    return [
      { about: 'registration', ...rest, says: `${state}${which}${why}` },
      ...unsaid(status, members).map(({ member, message }): Diagnosis => ({
        about: 'registration',
        is: 'doubtful',
        says: `${member}: ${message}`,
      })),
      ...status.waiting.map((it): Diagnosis => ({ about: 'registration', is: 'doubtful', says: waitingLine(it) })),
    ]
  } finally {
    await manager.close()
  }
}

/**
 * After forget() the application registers in any case: the manager itself knows.
 *
 * @throws {StateError} `missing`: the store is empty, and a registration is expected there
 */
async function requireExpected(manager: RegistrationManager, signal: AbortSignal): Promise<void> {
  await manager.ensure({ signal }).catch((error: unknown) => {
    if (Object(error).code === 'missing') throw error
  })
}

/** Whether the application can start with this registration, and what to do where it can't. */
function judged(status: RegistrationStatus): Judged & { why?: string } {
  const { state, client_id, suspect, manageable } = status
  switch (state) {
    case 'deleted':
      return { is: 'bad', exitCode: exitCodes.policy, why: '. No other is registered: registrant forget starts over.' }
    case 'deleting':
      return {
        is: 'bad',
        exitCode: exitCodes.policy,
        why: '. No other is registered: registrant delete goes on with it.',
      }
    case 'expired':
      return {
        is: 'bad',
        exitCode: exitCodes.policy,
        why: '. Its secret has ended: registrant ensure renews it, or says why it can not.',
      }
    default:
      if (suspect) return { is: 'doubtful', why: '. The server denied it; it stays in use until that is confirmed.' }
      if (client_id === undefined || manageable) return { is: 'good' }
      return { is: 'doubtful', why: '. It can be used and not changed: the management token is missing.' }
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
 * The version of a record that can't be read and can be saved over. Nothing but an examination writes this record: it may be
 * damaged, or sealed by a key that was taken away since.
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
