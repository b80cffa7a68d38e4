import type { RegistrationManager, RegistrationResponse, RegistrationStatus } from '@registrant/core'

import type { OpenStore } from '../managed.ts'

/** Somebody has announced its deletion, or had when he died. */
interface Claimed {
  claim?: { owner: string }
}

/** How things stand: what anybody is told, and what only the record says. */
export interface Look extends RegistrationStatus {
  registration: RegistrationResponse | undefined
  previous: (Claimed & { registration: Pick<RegistrationResponse, 'client_id'>; at: number })[]
  /** Orphans with what they could be deleted by. */
  listed: (Claimed & { client_id?: string; registration_access_token?: string })[]
  epoch: string
  revision: number
  intent: { operation: string; owner: string; sent?: boolean } | undefined
}

export async function look(bystander: RegistrationManager, store: OpenStore): Promise<Look> {
  const status = await bystander.status()
  const { value } = await store.peek().catch(() => ({ value: '{}' }))
  const { registration, previous = [], orphans = [], intent, epoch = '', revision = 0 } = JSON.parse(value)
  return { ...status, registration, previous, listed: orphans, intent, epoch, revision }
}

/** The registration was ended on purpose. */
export const isEnded = ({ state }: Look): boolean => state === 'deleting' || state === 'deleted'

/** The clients that the record tells of. */
export const known = ({ registration, previous, listed }: Look): Set<string | undefined> =>
  new Set([registration, ...previous.map((it) => it.registration), ...listed].map((it) => it?.client_id))
