import { StateError, StoreError } from '../errors.ts'
import type { Orphan } from '../events.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Declaration } from './declaration.ts'
import type { Identity } from './identity.ts'
import type { ManagedKeys } from './keys.ts'
import { isOurs, schema } from './layout.ts'
import type { RegistrationStatus } from './status.ts'

/** What is stored of one identity: all of it, in one value, saved by compare-and-swap. Times are server milliseconds. */
export interface RegistrationRecord {
  schema: number
  identity: Identity
  state: State
  /** Fresh with each save: tells one's own save from another's when its outcome is unknown. */
  writeId: string
  /** The client in use, in normal form. It stays until another is durable: what a failed operation falls back to. */
  registration?: RegistrationResponse | undefined
  /** The server's answer as it came. */
  raw?: unknown
  /** What the registration was made from; a later update takes out what it had and the next one lacks. */
  declaration?: Declaration | undefined
  /** Declarations that a newer one replaced. */
  superseded?: { hash: string; at: number }[] | undefined
  /** When the life of the secret began. */
  secretSince?: number | undefined
  /** When it is to be renewed; absent means never. Chosen once, so that all replicas agree on it. */
  renewAt?: number | undefined
  /** An update did not move the expiry of the secret, so only a new registration will. */
  updateRenewsNothing?: boolean | undefined
  /** How far the server's clock is ahead of ours, in milliseconds. */
  clockOffset?: number | undefined
  /** `false`: there was a management token, and it is lost. The client works. */
  manageable?: false | undefined
  intent?: Intent | undefined
  /** Clients that were replaced, kept for `overlap` and then deleted. */
  previous?: Previous[] | undefined
  suspicion?: Suspicion | undefined
  orphans?: StoredOrphan[] | undefined
  /** When registrations were attempted that ended in nothing. */
  attempts?: number[] | undefined
  refusal?: StoredRefusal | undefined
  /** Keys that the manager keeps for the client; their layout has a version of its own. */
  keys?: ManagedKeys | undefined
  /** A text that could not be read and was replaced on purpose. */
  unreadable?: string | undefined
}

/** The states of a record; `expired` is a `registered` whose secret has ended. */
type State = Exclude<RegistrationStatus['state'], 'expired'>

/** What somebody is about to do, written before it is done. */
export interface Intent {
  id: string
  operation: 'register' | 'replace' | 'update' | 'renew' | 'delete'
  /** Who does it: a name for people, and unique to one manager object. */
  owner: string
  /** Milliseconds for which the others wait, each by its own monotonic clock. 0: nobody is at it any more. */
  lease: number
  attempt: number
  /** When it was written. */
  started: number
  /** The registration request may have left. */
  sent?: boolean | undefined
  /** Written while the store's `exclusive` was held: whoever gets in and finds it knows that its owner is gone. */
  exclusive?: boolean | undefined
  /** What an update is to bring. */
  declaration?: Declaration | undefined
}

export interface Previous {
  intent: string
  registration: RegistrationResponse
  at: number
}

interface Suspicion {
  since: number
  /** When the server said `invalid_client` to a probe. */
  first?: number | undefined
  last?: number | undefined
  observations: number
}

export type StoredOrphan = Orphan & { registration_access_token?: string | undefined }

/** What a server said when it refused, and for how long it is left alone. */
export interface StoredRefusal {
  at: number
  wait: number
  count: number
  /** The declaration that was refused. */
  hash: string
  said: string
  /** The declaration is wrong; otherwise the server could not do it now. */
  final: boolean
}

/** A record, and the version to save against. */
export interface Found {
  record: RegistrationRecord
  version: string
}

/** Reads what a store holds. Checks what is relied on; whoever writes the record saw to the rest. */
export function parseRecord(text: string, identity: Identity): RegistrationRecord {
  const record = parse(text)
  if (Math.max(record?.schema ?? 0, record?.keys?.version ?? 0) > schema)
    throw new StateError('newer-schema', 'A newer release wrote this record. Use that release.')
  if (!isOurs(record, identity) || !(withoutClient.test(record.state) || record.registration?.client_id))
    throw new StoreError('store-corrupt', "What is stored can't be used. Restore it, or see recover() and forget().")
  return record
}

const withoutClient = /^(?:absent|registering|deleting|deleted)$/

function parse(text: string): RegistrationRecord | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
