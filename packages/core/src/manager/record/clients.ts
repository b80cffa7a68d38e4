import { printable } from '../../errors.ts'
import type { Orphan } from '../../events.ts'
import { displayEndpoint, redact } from '../../exchange/redact.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { withMembers } from '../../model/members.ts'
import type { Moment } from './timeline.ts'
import { lastSecond } from './credentials.ts'
import { withUnknownDeclaration } from './declarations.ts'
import { day, minute } from './mark.ts'
import type { Declaration, Managed, RegistrationRecord, StoredOrphan } from './record.ts'

const most = 64
const mostGone = 256
const kept = 30 * day

/** A client that nobody will use, with what it could be deleted by. */
export function orphanOf(
  { now, options }: Moment,
  intent: string,
  reason: string,
  client: Partial<RegistrationResponse> = {},
): StoredOrphan {
  const { client_id, registration_client_uri: url, registration_access_token: token } = client
  const isKept = options.keepManagementToken !== false
  return {
    intent,
    at: new Date(now).toISOString(),
    reason,
    client_id,
    registration_client_uri: isKept || !holdsToken(url, token) ? url : undefined,
    registration_access_token: isKept ? token : undefined,
  }
}

/** Whether a server has put the management token into an address: where the token is not to be kept, the address isn't either. */
export const holdsToken = (url: string | undefined, token = ''): boolean =>
  url !== undefined && redact(url, [token]) !== url

/** What it takes to delete a client. */
export const managed = ({
  client_id,
  registration_access_token,
  registration_client_uri,
}: Pick<StoredOrphan, 'registration_access_token' | 'registration_client_uri'> & Pick<Managed, 'client_id'>): Managed =>
  withMembers({ client_id }, { registration_access_token, registration_client_uri })

/** The part of an orphan that may be shown. */
export function toOrphan(orphan: StoredOrphan): Orphan {
  const { intent, at, client_id, registration_client_uri: url, registration_access_token: token = '', reason } = orphan
  // Some servers put the token into the address.
  const shown = url === undefined ? undefined : displayEndpoint({ url, headers: { authorization: token } })
  return { intent, at, client_id: client_id && printable(client_id), registration_client_uri: shown, reason }
}

/** Lists an orphan. An intent leaves at most one client behind, so a later entry replaces an earlier one of the same intent. */
export function withOrphan(record: RegistrationRecord, orphan: StoredOrphan | undefined): RegistrationRecord {
  if (orphan === undefined) return record
  const { intent, client_id } = orphan
  const others = (record.orphans ?? []).filter(
    (it) => it.intent !== intent && (client_id === undefined || it.client_id !== client_id),
  )
  return { ...record, orphans: [...others, orphan], gone: client_id ? notGone(record, client_id) : record.gone }
}

/** Takes a client off every list that it stands in. */
function withoutClient(record: RegistrationRecord, clientId: string): RegistrationRecord {
  const orphans = record.orphans?.filter((it) => it.client_id !== clientId)
  const previous = record.previous?.filter((it) => it.registration.client_id !== clientId)
  return { ...record, orphans, previous }
}

/** The record after a client was deleted, or after it fell out of a list and an event told of that. */
export function withGone(record: RegistrationRecord, clientId: string, now: number): RegistrationRecord {
  const hash = shortHash(clientId)
  const others = (record.gone ?? []).filter((it) => it.hash !== hash && now - it.at < kept)
  return { ...withoutClient(record, clientId), gone: [...others, { hash, at: now }].slice(-mostGone) }
}

/** The record that takes a client into use, whatever a list said of it. */
export const withClientInUse = (record: RegistrationRecord, clientId: string): RegistrationRecord => ({
  ...withoutClient(record, clientId),
  gone: notGone(record, clientId),
})

/** The hashes of clients that are gone, without the hash of a client that exists. */
const notGone = ({ gone }: RegistrationRecord, clientId: string): RegistrationRecord['gone'] =>
  gone?.filter((it) => it.hash !== shortHash(clientId))

/**
 * Whether a record accounts for a client: it is in use, waits for its deletion, is listed, or is gone. A server may give a new
 * client the id of one that is gone: `before`, the record when the new client was asked for, says which were gone by then.
 */
export function isAccountedFor(record: RegistrationRecord, clientId: string, before?: RegistrationRecord): boolean {
  const { registration, previous = [], orphans = [] } = record
  const gone = goneAt(record, clientId)
  return (
    registration?.client_id === clientId ||
    previous.some((it) => it.registration.client_id === clientId) ||
    orphans.some((it) => it.client_id === clientId) ||
    (gone !== undefined && gone !== (before && goneAt(before, clientId)))
  )
}

const goneAt = ({ gone }: RegistrationRecord, clientId: string): number | undefined =>
  gone?.find((it) => it.hash === shortHash(clientId))?.at

/**
 * The record after a registration whose client is not to be used. A server that hands out the client in use again has changed it
 * (RFC 7591 section 3.2.1), so if something else was declared, it is not known what is in force.
 */
export const withHandedOut = (
  record: RegistrationRecord,
  clientId: string | undefined,
  declaration: Declaration | undefined,
): RegistrationRecord =>
  clientId !== undefined &&
  clientId === record.registration?.client_id &&
  declaration?.hash !== record.declaration?.hash
    ? withUnknownDeclaration(record)
    : record

/** The client in use, if it was registered here: the options may name it all the same, and then another program may use it too. */
export const registeredHere = ({ registration, route, shared }: RegistrationRecord): RegistrationResponse | undefined =>
  route === undefined || shared ? registration : undefined

/** Clients that another record of this identity names and that this one does not account for: they are listed. */
export function strays(moment: Moment, record: RegistrationRecord, other: RegistrationRecord): StoredOrphan[] {
  const reason = 'The store went back in time, and what it holds now names another client.'
  const { epoch, revision, previous = [], orphans = [], shared } = other
  const own = registeredHere(other)
  const id = `${epoch}-${revision}-${shortHash(own?.client_id ?? '')}`
  const current = own && { ...orphanOf(moment, id, reason, own), shared }
  const replaced = previous.map((it) => orphanOf(moment, it.intent, reason, it.registration))
  return [current, ...replaced, ...orphans].filter(
    (it): it is StoredOrphan => it?.client_id !== undefined && !isAccountedFor(record, it.client_id),
  )
}

/** An older client that a server hands out again may be somebody else's. */
const sharedAfter = 5 * minute

/**
 * A server may hand out a client that it gave out before, and another program may use that too. A page may not see the server's
 * time, and by a clock that is off it can't tell, so a client that seems to be issued later than now counts as shared as well.
 */
export function isShared(
  record: RegistrationRecord,
  { client_id, client_id_issued_at: issued = 0 }: Partial<RegistrationResponse>,
  now: number,
): true | undefined {
  const { registration, route, shared, previous = [], orphans = [] } = record
  // Nobody registered it here, so somebody else did.
  if (registration?.client_id === client_id) return route ? true : shared
  const listed = orphans.find((it) => it.client_id === client_id)
  if (listed || previous.some((it) => it.registration.client_id === client_id)) return listed?.shared
  return (issued > 0 && issued <= lastSecond && Math.abs(now - issued * 1000) > sharedAfter) || undefined
}

/** The bytes that a store must take. Kubernetes would take 1 MiB, but a record that grows is a mistake of ours. */
const limit = 65_536

/** A record as it may be stored, its text, and the orphans that fell out of its lists: whoever saves it tells of those. */
export interface Fitting {
  record: RegistrationRecord
  text: string
  fallen: StoredOrphan[]
}

/** Whether a declaration, or an answer, is too large for a record: it has to hold both, and one repeats most of the other. */
export const isTooLarge = (half: object): boolean => 2 * bytes(JSON.stringify(half)) > limit

/** Keeps the lists within their bounds and the text within its limit: the raw answer goes first, then the oldest orphans; a named one by no clock. */
export function fit(moment: Moment, given: RegistrationRecord): Fitting {
  let record = withinBounds(moment, given)
  const old = (record.orphans ?? []).filter(({ at, client_id }) => !client_id && Date.parse(at) <= moment.now - kept)
  const fallen = [...old, ...(record.orphans ?? []).filter((it) => !old.includes(it)).slice(0, -most)]
  record = fallen.reduce((left, orphan) => dropped(left, orphan, moment.now), record)
  let text = JSON.stringify(record)
  if (bytes(text) > limit) {
    record = { ...record, raw: undefined, unreadable: undefined }
    text = JSON.stringify(record)
  }
  const whole = { record, text, fallen: [...fallen] }
  for (let [oldest] = record.orphans ?? []; oldest && bytes(text) > limit; [oldest] = record.orphans ?? []) {
    fallen.push(oldest)
    record = dropped(record, oldest, moment.now)
    text = JSON.stringify(record)
  }
  return bytes(text) > limit ? whole : { record, text, fallen }
}

/** Lists the replaced clients beyond the 64 that may wait for their deletion. */
function withinBounds(moment: Moment, record: RegistrationRecord): RegistrationRecord {
  const { previous = [] } = record
  const surplus = previous.slice(0, -most)
  if (surplus.length === 0) return record
  const reason = 'It was replaced, and too many others were too.'
  return surplus
    .map((it) => orphanOf(moment, it.intent, reason, it.registration))
    .reduce(withOrphan, { ...record, previous: previous.slice(-most) })
}

/** The record without one entry of its list. */
function dropped(record: RegistrationRecord, orphan: StoredOrphan, now: number): RegistrationRecord {
  const without = { ...record, orphans: record.orphans?.filter((it) => it.intent !== orphan.intent) }
  return orphan.client_id === undefined ? without : withGone(without, orphan.client_id, now)
}

const bytes = (text: string): number => new TextEncoder().encode(text).length

/** A text for comparing, not for secrecy: 53 bits (FNV-1a over two lanes). */
export function shortHash(text: string): string {
  let low = 0x811c9dc5
  let high = 0x01000193
  for (let n = 0; n < text.length; n++) {
    low = Math.imul(low ^ text.charCodeAt(n), 0x01000193)
    high = Math.imul(high ^ text.charCodeAt(n), 0x85ebca6b)
  }
  return ((high >>> 0) * 2 ** 21 + (low >>> 11)).toString(36)
}
