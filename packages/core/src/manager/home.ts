import { RegistrationError, StoreError } from '../errors.ts'
import type { RegistrationEvent } from '../events.ts'
import type { RegistrationStore } from '../store.ts'
import type { Identity } from './identity.ts'
import type { Found } from './record.ts'
import { parseRecord } from './record.ts'

/** Where one registration is kept. */
export interface Home {
  store: RegistrationStore
  key: string
  identity: Identity
  tell: (event: Told) => void
}

type Told = OmitAt<RegistrationEvent>
type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at' | 'application'> : never

/** The record; `undefined` only where the store has proven that there is none. */
export async function load({ store, key, identity, tell }: Home, signal?: AbortSignal): Promise<Found | undefined> {
  try {
    const stored = await store.load(key, signal)
    return stored && { record: parseRecord(stored.value, identity), version: stored.version }
  } catch (error) {
    const failure = storeFailure(error)
    if (failure instanceof StoreError) tell({ type: 'store', code: failure.code })
    throw failure
  }
}

/** A store's own error may hold what it was told to save, so only its message is kept. */
export const storeFailure = (error: unknown): RegistrationError =>
  error instanceof RegistrationError
    ? error
    : new StoreError('store-unavailable', `The store failed: ${error instanceof Error ? error.message : 'no reason'}`)
