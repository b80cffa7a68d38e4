import { StateError, StoreError } from '../../errors.ts'
import { isObject } from '../../exchange/json.ts'
import { managementAddress } from '../../exchange/addresses.ts'
import type { KeeperOptions } from '../options.ts'
import { isOurs, parse, schema } from './layout.ts'
import type { Identity, RegistrationRecord, StoredOrphan } from './record.ts'
import type { Moment } from './timeline.ts'
import { strays, withOrphan } from './clients.ts'
import { lostAttempt } from './transitions.ts'

/** What is known of an identity before anything is stored. */
export const emptyRecord = (identity: Identity): RegistrationRecord => ({
  schema,
  identity,
  epoch: '',
  revision: 0,
  writeId: '',
})

/** Whether nothing is stored: every stored record has the `writeId` of its save. */
export const isEmpty = ({ writeId }: RegistrationRecord): boolean => writeId === ''

/** Whether a client has an id, lists are lists of objects, and no member is `null`, as a tool may make of an absent one. */
function isShaped(record: RegistrationRecord): boolean {
  const { registration, previous = [], orphans = [], attempts = [], gone = [], superseded = [] } = record
  if (Object.values(record).includes(null)) return false
  return (
    (registration === undefined || Boolean(registration.client_id)) &&
    [previous, orphans, attempts, gone, superseded].every((it) => Array.isArray(it) && it.every(isObject))
  )
}

/**
 * Reads what a store holds. Checks only what the code relies on; the writer of the record saw to the rest.
 *
 * @throws {StateError} `newer-schema`
 * @throws {StoreError} `store-corrupt`; `store-denied`: it is sealed
 */
export function parseRecord(text: string, identity: Identity, version: string): RegistrationRecord {
  const record = parse(text)
  if (Math.max(record?.schema ?? 0, record?.keys?.version ?? 0) > schema)
    throw new StateError('newer-schema', 'A newer release wrote this record. Use that release.')
  if (!isOurs(record, identity) || !isShaped(record)) {
    // A JWE in compact form begins so.
    const isSealed = text.startsWith('eyJ')
    throw new StoreError(
      isSealed ? 'store-denied' : 'store-corrupt',
      `What is stored can't be used. ${isSealed ? 'It is sealed: give encryptedStore() its key' : 'Restore it, or see recover() and forget()'}.`,
      { version },
    )
  }
  return record
}

/**
 * Where a client has a management token and no address for it, because the server named an address on a foreign origin, and the
 * options allow that origin by now, the address is taken from the stored answer.
 */
export function withAllowedAddress(
  record: RegistrationRecord,
  { allowedOrigins, allowHttp, issuer = '', server = { issuer } }: KeeperOptions,
): RegistrationRecord {
  const { registration, raw } = record
  if (allowedOrigins === undefined || registration?.registration_access_token === undefined) return record
  const given =
    isObject(raw) && raw['client_id'] === registration.client_id ? raw['registration_client_uri'] : undefined
  if (registration.registration_client_uri !== undefined || typeof given !== 'string') return record
  const address = managementAddress(given, { server, allowedOrigins, allowHttp })
  return 'uri' in address
    ? { ...record, registration: { ...registration, registration_client_uri: address.uri } }
    : record
}

/**
 * Above 0: the first of two records of one epoch is the newer one. A person's decision counts for more than further saves, and of
 * two sides of a fork that were saved equally often the one with the younger secret counts: the older secret may be dead.
 */
export const lead = (one: RegistrationRecord, other: RegistrationRecord): number =>
  (one.decisions ?? 0) - (other.decisions ?? 0) ||
  one.revision - other.revision ||
  (one.secretSince ?? 0) - (other.secretSince ?? 0)

/**
 * Which of two records counts: the one that a process has seen acknowledged, or the one that the store shows now.
 *
 * `found`: what the store shows, since it is newer, or the same. `known`: the store went back in time, so what is known is
 * put back. `another`: somebody started over on an empty store, and what is known no longer counts.
 */
export type Order = 'found' | 'known' | 'another'

export function compareRecords(known: RegistrationRecord | undefined, found: RegistrationRecord | undefined): Order {
  if (known === undefined) return 'found'
  if (found === undefined) return 'known'
  if (known.epoch !== found.epoch) return 'another'
  if (known.writeId === found.writeId) return 'found'
  return lead(found, known) > 0 ? 'found' : 'known'
}

/** A record, with those clients listed that another record names and that this one does not account for. */
export function withStrays(
  moment: Moment,
  record: RegistrationRecord,
  other: RegistrationRecord | undefined,
): { record: RegistrationRecord; listed: StoredOrphan[] } {
  const listed = other === undefined ? [] : strays(moment, record, other)
  return { listed, record: listed.reduce(withOrphan, record) }
}

/** A registration that the other record announces and the one to be put back does not know: its starter may die. */
function openAttempt(
  moment: Moment,
  { intent, attempts = [], orphans = [] }: RegistrationRecord,
  other: RegistrationRecord | undefined,
): StoredOrphan | undefined {
  const open = other?.intent
  const isKnown = [...attempts, ...orphans].some((it) => it.intent === open?.id) || intent?.id === open?.id
  return open === undefined || isKnown ? undefined : lostAttempt(moment, open)
}

/**
 * The record that is put back: its revision lies above both. The owner of its intent may have sent a request since, and noted
 * that in the record that was lost, so the intent counts as sent.
 */
export function putBack(
  moment: Moment,
  known: RegistrationRecord,
  found: RegistrationRecord | undefined,
): { record: RegistrationRecord; listed: StoredOrphan[] } {
  const { record, listed } = withStrays(moment, known, found)
  const attempt = openAttempt(moment, known, found)
  const revision = Math.max(known.revision, found?.revision ?? 0)
  const intent = known.intent && { ...known.intent, sent: true }
  return {
    listed: attempt ? [...listed, attempt] : listed,
    record: { ...withOrphan(record, attempt), revision, intent },
  }
}
