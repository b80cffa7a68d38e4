import type { RegistrationManager, RegistrationResponse, RegistrationStatus } from '@registrant/core'

import type { OpenStore } from '../managed.ts'

/** How things stand: what anybody is told, and what only the record says. */
export interface Look extends RegistrationStatus {
  registration: RegistrationResponse | undefined
  previous: { registration: RegistrationResponse; at: number }[]
  /** Orphans with what they could be deleted by. */
  listed: { client_id?: string; registration_access_token?: string }[]
  intent: { operation: string; owner: string; sent?: boolean } | undefined
}

export async function look(bystander: RegistrationManager, store: OpenStore): Promise<Look> {
  const status = await bystander.status()
  const { value } = await store.peek().catch(() => ({ value: '{}' }))
  const { registration, previous = [], orphans = [], intent } = JSON.parse(value)
  return { ...status, registration, previous, listed: orphans, intent }
}

/** The registration was ended on purpose. */
export const isEnded = ({ state }: Look): boolean => state === 'deleting' || state === 'deleted'

/** The clients that the record tells of. */
export const known = ({ registration, previous, listed }: Look): Set<string | undefined> =>
  new Set([registration, ...previous.map((it) => it.registration), ...listed].map((it) => it?.client_id))
