import type { RegistrationResponse } from '../model/registration.ts'
import { InvalidRequestError, StateError } from '../errors.ts'
import { platform } from '../platform.ts'
import { storeFailure } from './home.ts'
import type { Keeping } from './keeping.ts'
import { lostAttempt, orphanOf, shown, withOrphan } from './orphans.ts'
import type { Found, RegistrationRecord, StoredOrphan } from './record.ts'
import { parseRecord } from './record.ts'
import { blank, change, save } from './saving.ts'
import { keptOf } from './secrecy.ts'
import { adopted } from './transitions.ts'

/** A record without a registration; every client that it knew is listed as an orphan. */
export function emptied(k: Keeping, record: RegistrationRecord, reason: string): RegistrationRecord {
  return orphansOf(k, record, reason).reduce(withOrphan, { ...blank(k), orphans: record.orphans })
}

function orphansOf(
  k: Keeping,
  { registration, intent, previous = [] }: RegistrationRecord,
  reason: string,
): StoredOrphan[] {
  const dead = intent && lostAttempt(k, intent)
  const current = registration && orphanOf(k, platform.randomId(), reason, registration)
  const replaced = previous.map((it) => orphanOf(k, it.intent, reason, it.registration))
  return [dead, ...replaced, current].filter((orphan) => orphan !== undefined)
}

/** Starts over: the next `ensure()` registers. The client, if there was one, is listed as an orphan. */
export async function forgetting(k: Keeping): Promise<void> {
  await instead(k, (record) => (record.writeId === '' ? undefined : emptied(k, record, 'It was forgotten on purpose.')))
}

/** Takes a client that somebody knows from elsewhere for the registration. */
export async function recovering(k: Keeping, known: RegistrationResponse): Promise<void> {
  if (typeof known.client_id !== 'string' || known.client_id === '') {
    const finding = { member: 'client_id', rule: 'recover', level: 'MUST' as const, source: 'recover' }
    throw new InvalidRequestError([{ ...finding, message: 'There is no client without it' }])
  }
  const kept = keptOf(k, { value: known, raw: known })
  await instead(k, (record) => {
    const isAnother = record.registration?.client_id !== known.client_id
    const before = emptied(
      k,
      { ...record, ...(isAnother ? {} : { registration: undefined }) },
      'It was superseded by recover().',
    )
    return adopted(k, { ...before, previous: undefined }, kept, k.declared)
  })
  k.tell({ type: 'registered', client_id: known.client_id })
}

/** Puts another record in place of whatever is stored, even of a text that can't be read: a person has decided so. */
async function instead(
  k: Keeping,
  next: (record: RegistrationRecord) => RegistrationRecord | undefined,
): Promise<void> {
  const known = new Set<string>()
  const told = (record: RegistrationRecord): RegistrationRecord | undefined => {
    for (const { intent } of record.orphans ?? []) known.add(intent)
    return next(record)
  }
  const saved = (await overUnreadable(k, next)) ?? (await change(k, told))
  for (const orphan of saved?.record.orphans ?? [])
    if (!known.has(orphan.intent)) k.tell({ type: 'orphan', orphan: shown(orphan) })
}

/** Keeps what could not be read inside the record that takes its place. */
async function overUnreadable(
  k: Keeping,
  next: (record: RegistrationRecord) => RegistrationRecord | undefined,
): Promise<Found | undefined> {
  const stored = await k.store.load(k.key).catch((error: unknown) => {
    throw storeFailure(error)
  })
  if (stored === undefined || isReadable(k, stored.value)) return undefined
  const unreadable = stored.value.slice(0, 16_384)
  return save(k, { ...blank(k), ...next(blank(k)), unreadable }, { record: blank(k), version: stored.version })
}

/** A record of a newer release is readable, and not ours to replace. */
function isReadable({ identity }: Keeping, text: string): boolean {
  try {
    parseRecord(text, identity)
    return true
  } catch (error) {
    if (error instanceof StateError) throw error
    return false
  }
}
