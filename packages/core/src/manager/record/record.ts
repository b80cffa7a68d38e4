import type { Orphan } from '../../events.ts'
import type { PreferredRoute } from '../../identity/choose-registration.ts'
import type { RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Jwk } from '../../model/jwk.ts'
import type { Claim, Mark, Outage, Row, Said, Setback, Suspicion } from './mark.ts'

/** Whose registration it is: issuer as configured, application, and the instance where each has its own. */
export type Identity = readonly [issuer: string, application: string, ...instance: string[]]

/** What the program declares: its metadata, and the number that orders declarations where it has one. */
export interface Declaration {
  /** A hash of the metadata as they would be sent: equal where nothing that travels differs. */
  hash: string
  generation?: number | undefined
  metadata: RegistrationRequest
}

/**
 * What is stored of one identity: all of it, in one value, saved by compare-and-swap. Instants are milliseconds of the
 * server's clock; whatever stops or delays something is a `Mark`, so it ends by itself.
 */
export interface RegistrationRecord {
  schema: number
  identity: Identity
  /** Drawn where nothing readable was stored; within one epoch revisions only grow. */
  epoch: string
  /** How often a person has decided its fate, by `delete()`, `forget()` or `recover()`: counts for more than `revision`. */
  decisions?: number | undefined
  /** One higher with each save. */
  revision: number
  /** Fresh with each save, and with each try of one: tells one's own save from another's. */
  writeId: string
  /** The client was deleted on purpose. */
  deleted?: true | undefined
  /** The client in use, in normal form. It stays until another is durable: what a failed operation falls back to. */
  registration?: RegistrationResponse | undefined
  /** How the client in use came to be, where nobody registered it here; absent: it was registered. */
  route?: UnregisteredRoute | undefined
  /** What the server offered when its metadata were looked at for the choice of a route; looked at again when the mark ends. */
  offers?: (Mark & { documents?: true | undefined; registers?: true | undefined }) | undefined
  /** The server's answer as it came. */
  raw?: unknown
  /** The declaration that the registration was made from; a later update takes out what it had and the next one lacks. */
  declaration?: Declaration | undefined
  /** The declaration that a request was to bring, where nobody knows whether that request changed the client in use. */
  doubt?: Declaration | undefined
  /** When a process of the declaration in force last noted itself; kept only while something is superseded. */
  inForceSeen?: number | undefined
  /** Declarations that another one replaced, and how often each came back. */
  superseded?: { hash: string; at: number; returns: number }[] | undefined
  /** When the life of the secret began. */
  secretSince?: number | undefined
  /** When the secret is to be renewed; absent means never. Chosen once, so that all replicas agree on it. */
  renewAt?: number | undefined
  /** Another secret that a read showed, or that an answer replaced: taken when it is proven, see `maintain/observe.ts`. */
  candidate?: Candidate | undefined
  /** The server denied this client, or its credentials. It stays in use until that is confirmed. */
  suspicion?: Suspicion | undefined
  /** The server has been seen to know this client by its credentials. */
  proven?: true | undefined
  /** How many clients in a row were given up before they were ever seen alive. */
  unproven?: number | undefined
  /** The management address has shown this client: to a read (`read`), or only in the answer to an update (`true`). */
  shown?: 'read' | true | undefined
  /** A management request since the token was issued got no answer: it may have brought another token. */
  unanswered?: true | undefined
  /** The server gave this client out before, or the options name it as registered by hand: another program may use it too. */
  shared?: true | undefined
  intent?: Intent | undefined
  /** Clients that were replaced, kept for `overlap` and then deleted. */
  previous?: Previous[] | undefined
  orphans?: StoredOrphan[] | undefined
  /** Clients that were deleted, or told of when they fell out of a list: short hashes, so that no list brings one back. */
  gone?: { hash: string; at: number }[] | undefined
  /** Registration requests of the last day that may have made a client. */
  attempts?: Attempt[] | undefined
  /** How long the server asked to be left alone. */
  pause?: Said | undefined
  /** The server could not be reached. */
  outage?: Outage | undefined
  /** Operations that failed, and until when each is left alone; for one declaration or token, under a name of its own. */
  setbacks?: Partial<Record<Operation | `${Operation} ${string}`, Setback | undefined>> | undefined
  /** How often in a row each operation failed. */
  failures?: Partial<Record<Operation, number | undefined>> | undefined
  /** The management token was denied: how often, and from when to when. */
  denials?: Row | undefined
  /** The management token is lost; the client works. Looked at again when the mark ends. */
  unmanageable?: Mark | undefined
  /** The server can't update the client. */
  cannotUpdate?: Mark | undefined
  /** An update did not renew the secret, so only a new registration will. */
  renewsNothing?: Mark | undefined
  /** Deletions whose outcome nobody could find out. */
  deletions?: Row | undefined
  /** Keys that the manager keeps for the client; their layout has a version of its own. */
  keys?: ManagedKeys | undefined
  /** A text that could not be read and was replaced on purpose. */
  unreadable?: string | undefined
}

/** What a record keeps of the keys that a manager made. Times are server milliseconds. */
export interface ManagedKeys {
  version: number
  /** The algorithm that was asked for. */
  alg: string
  /** Another algorithm that is asked for by now, until the server has it. */
  wish?: string | undefined
  /** The server chose another algorithm, and a key for that was made. */
  followed?: true | undefined
  /** The key that signs. */
  current: ManagedKey
  /** The next key, made and about to be published; signs as soon as the server is known to have it. */
  coming?: ComingKey | undefined
  /** The key that signed before: still published for replicas that sign with it until they look again. */
  retired?: (ManagedKey & { until: number }) | undefined
}

export interface ManagedKey {
  kid: string
  madeAt: number
  publicJwk: Jwk
  /** Absent where the store has a home for keys that can't be exported. */
  privateJwk?: Jwk | undefined
}

export interface ComingKey extends ManagedKey {
  /** Where the server fetches the keys itself: since when this one is published, and for how long it does not sign. */
  published?: Mark | undefined
  /** For another client: the key that signs until then has leaked or is lost, and is published no longer. */
  alone?: true | undefined
}

/** Routes to a client that is not registered here. */
export type UnregisteredRoute = Exclude<PreferredRoute, 'dynamic'>

/** The operations that are left alone for a while after they failed. */
export type Operation = 'register' | 'update' | 'renew' | 'look' | 'choose' | 'delete'

/** What is announced before it is done, so that two replicas never do it at once. */
export interface Intent {
  id: string
  operation: 'register' | 'replace' | 'update' | 'renew' | 'look' | 'delete'
  /** Who does it: a name for people, and unique to one manager object. */
  owner: string
  /** Milliseconds for which the others wait, each by its own monotonic clock. 0: nobody is at it any more. */
  lease: number
  attempt: number
  started: number
  /** The registration request may have left. */
  sent?: boolean | undefined
  /** Written while the store's `exclusive` was held: a process that gets in and finds it knows that its owner is gone. */
  exclusive?: boolean | undefined
  /** The declaration that it is to bring into force. */
  declaration?: Declaration | undefined
}

/** A registration request that may have made a client; `own`: when, by the clock of the machine that sent it. */
export interface Attempt {
  intent: string
  at: number
  own?: number | undefined
  /** A client came of it. */
  made?: true | undefined
  /** Asked for by `rotate()`. */
  asked?: true | undefined
  /** The browser kept it back (CORS), as far as a page can tell. */
  keptBack?: true | undefined
}

export interface Candidate {
  client_secret: string
  client_secret_expires_at?: number | undefined
  /** When it was last swapped with the stored one, or replaced by it. */
  swapped?: number | undefined
}

/** The members of a client that it takes to delete it. */
export type Managed = Pick<RegistrationResponse, 'client_id' | 'registration_access_token' | 'registration_client_uri'>

export interface Previous {
  intent: string
  /** What it can be deleted by. */
  registration: Managed
  at: number
  /** When its deletion is tried again, and how often it was. */
  retry?: (Mark & { count: number }) | undefined
  claim?: Claim | undefined
}

export type StoredOrphan = Orphan & {
  registration_access_token?: string | undefined
  /** Another program may use it too, so only a person's word deletes it. */
  shared?: true | undefined
  /** The server denied it when it was given up. */
  forgotten?: true | undefined
  claim?: Claim | undefined
}

/** A record, and the version to save against. */
export interface Found {
  record: RegistrationRecord
  version: string
}

/** A record that names a client in use. */
export interface Current {
  found: Found
  registration: RegistrationResponse
}

/** What is stored of an answer. */
export interface StoredAnswer {
  registration: RegistrationResponse
  raw: unknown
  /** Another secret that a read showed. */
  candidate?: Candidate | undefined
  /** The registration that it was asked with, where the client was registered before. */
  from?: RegistrationResponse | undefined
}
