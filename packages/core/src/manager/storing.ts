import type { Answered } from '../client/context.ts'
import type { Begun } from './intent.ts'
import { conclude } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { patiently } from './patience.ts'
import type { Found, RegistrationRecord } from './record.ts'
import { change } from './saving.ts'
import { keptOf } from './secrecy.ts'
import type { Kept } from './transitions.ts'
import { adopted, refreshed, resting } from './transitions.ts'

/**
 * Saves what a management request brought, before it is used: a token in it may be the only one that still works. What
 * can't be saved is remembered, and saved when the store is back.
 */
export async function store(
  k: Keeping,
  begun: Begun,
  answered: Answered,
  end: (record: RegistrationRecord, kept: Kept) => RegistrationRecord,
): Promise<Found | undefined> {
  k.clock.hear(answered.date)
  const kept = keptOf(k, answered)
  k.memory.unsaved = { intent: begun.intent.id, kept }
  const saved = await patiently(() => conclude(k, begun, (record) => end(record, kept)))
  if (saved) k.memory.unsaved = undefined
  return saved
}

/**
 * Brings what could not be saved into the record, where that still names the client: into our own leftover, or where
 * somebody else found the management token dead because we had brought a new one.
 */
export async function storeLate(k: Keeping, found: Found): Promise<Found | undefined> {
  const { unsaved } = k.memory
  if (unsaved === undefined) return undefined
  const { intent, kept } = unsaved
  const ours = (record: RegistrationRecord): boolean => record.intent?.id === intent
  const isClient = ({ registration }: RegistrationRecord): boolean =>
    registration?.client_id === kept.registration.client_id
  if (!ours(found.record) && isClient(found.record) && found.record.manageable !== false) return undefined
  const saved = await change(
    k,
    (record) => {
      if (!isClient(record)) return undefined
      if (ours(record)) {
        const declaration = record.intent?.operation === 'update' ? record.intent.declaration : undefined
        const next = declaration ? adopted(k, record, kept, declaration) : refreshed(k, record, kept)
        return { ...next, intent: undefined }
      }
      if (record.manageable !== false || record.intent !== undefined) return undefined
      return { ...resting(refreshed(k, record, kept)), manageable: undefined }
    },
    found,
  )
  if (saved || !isClient(found.record)) k.memory.unsaved = undefined
  return saved
}
