import type { RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { KeeperOptions } from '../options.ts'
import type { Start } from '../start.ts'
import type { Moment } from './timeline.ts'
import { day } from './mark.ts'
import type { Candidate, Declaration, Found, RegistrationRecord } from './record.ts'

type Profiled = Pick<KeeperOptions, 'profile'>

/** There is a token and an address to manage this client with, and the token is not known to be dead. */
export const isManageable = (record: RegistrationRecord, options: Profiled): boolean =>
  record.unmanageable === undefined && record.route === undefined && hasManagement(record.registration, options)

/** There is a token and an address to manage this client with. */
export const hasManagement = (
  registration: Partial<RegistrationResponse> | undefined,
  { profile }: Profiled,
): boolean =>
  registration !== undefined &&
  (registration.registration_access_token !== undefined || profile?.managementAuthorization === 'access-token') &&
  (registration.registration_client_uri !== undefined || profile?.managementUri !== undefined)

/** Whether the options name the client as registered by hand at this issuer: whoever registers clients by hand changes and deletes it. */
export const isByHand = (
  { options: { preRegistered = [] }, identity: [issuer] }: Pick<Start, 'options' | 'identity'>,
  clientId: string,
): boolean => [preRegistered].flat().some((it) => it.issuer === issuer && it.client_id === clientId)

/** The end of the year 9999: an instant that is later was not stated in seconds. */
export const lastSecond = 253_402_300_799

/** When the secret ends, in milliseconds; `undefined`: never, or it is not stated. */
export function secretEnd(registration: Partial<RegistrationResponse> | undefined): number | undefined {
  const seconds = registration?.client_secret_expires_at ?? 0
  return seconds === 0 ? undefined : seconds * 1000
}

/** The secret has ended, so the registration proves nothing any more. */
export const isExpired = ({ registration }: Pick<RegistrationRecord, 'registration'>, now: number): boolean =>
  (secretEnd(registration) ?? Infinity) <= now

/** Whether it is the same client with the same secret, or with none: whoever knew the old credentials knows these. */
export const hasSameSecret = (old: RegistrationResponse | undefined, fresh: RegistrationResponse): boolean =>
  old?.client_id === fresh.client_id && old.client_secret === fresh.client_secret

/** Whether it is another client, another secret, or another end of the same secret. */
export const secretMoved = (old: RegistrationResponse | undefined, fresh: RegistrationResponse): boolean =>
  !hasSameSecret(old, fresh) || secretEnd(old) !== secretEnd(fresh)

/**
 * What is kept beside the secret of an answer that was saved: the one that it replaces, since what a server shows need not be what
 * works. One that has ended or was denied is not kept.
 */
export function secretBeside(
  { now }: Pick<Moment, 'now'>,
  record: RegistrationRecord,
  fresh: RegistrationResponse,
): Candidate | undefined {
  const { registration, candidate, suspicion } = record
  if (hasSameSecret(registration, fresh)) return candidate
  const { client_id, client_secret, client_secret_expires_at } = registration ?? {}
  const isReplaced = client_id === fresh.client_id && client_secret !== undefined && fresh.client_secret !== undefined
  const isDead = isExpired(record, now) || suspicion?.of === 'credentials'
  return isReplaced && !isDead ? { client_secret, client_secret_expires_at, swapped: now } : undefined
}

/** What the client in use is declared as: the record says, also for another release, unless its hash is not known any more. */
export const inForce = (record: RegistrationRecord | undefined, own: Declaration): RegistrationRequest =>
  (record?.declaration?.hash ? record.declaration : own).metadata

type Declared = { token_endpoint_auth_method?: string | undefined } | undefined

/**
 * How a client authenticates by what the server said, else by what was declared. `undefined`: nobody said, also where a
 * secret came for a client that asked to have none.
 */
export function statedMethod(
  { token_endpoint_auth_method, client_secret }: Partial<RegistrationResponse>,
  declared: Declared,
): string | undefined {
  const asked = declared?.token_endpoint_auth_method
  return token_endpoint_auth_method ?? (asked === 'none' && client_secret !== undefined ? undefined : asked)
}

/** How a client authenticates: as stated, else what RFC 7591 section 2 defaults to. */
export const methodOf = (registration: Partial<RegistrationResponse>, declared: Declared): string =>
  statedMethod(registration, declared) ?? (registration.client_secret === undefined ? 'none' : 'client_secret_basic')

/** Whether a client asks for tokens at the server's aliases for mutual TLS, whatever proves it there: as stated, else as declared. */
export const usesAliases = ({ options, declared, memory }: Aliased, registration: RegistrationResponse): boolean =>
  options.useMtlsEndpointAliases ??
  { ...inForce(memory.latest?.record, declared), ...registration }.use_mtls_endpoint_aliases === true

interface Aliased {
  options: Pick<KeeperOptions, 'useMtlsEndpointAliases'>
  declared: Declaration
  memory: { latest: Found | undefined }
}

/** Methods that prove a client by its secret. */
export const needsSecret = (method: string): boolean => method.startsWith('client_secret_')

/** Whether a secret proves the client in use, as where a server has made that of a client that was to have keys. */
export const isProvenBySecret = ({ registration, declaration }: RegistrationRecord): boolean =>
  needsSecret(statedMethod(registration ?? {}, declaration?.metadata) ?? '')

/** Grants of users: they would have to consent to a new client once more. */
const ofUsers = new Set([
  'authorization_code',
  'implicit',
  'password',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
])

/** Absent `grant_types` mean `authorization_code` (RFC 7591 section 2). */
const grantsOf = ({ registration, declaration }: RegistrationRecord): readonly string[] =>
  registration?.grant_types ?? declaration?.metadata.grant_types ?? ['authorization_code']

const hasUsers = (record: RegistrationRecord): boolean => grantsOf(record).some((grant) => ofUsers.has(grant))

export const hasCodeGrant = (record: RegistrationRecord): boolean => grantsOf(record).includes('authorization_code')

/** The record with the times when the secret's life began and its renewal is due, where the secret or its end has changed. */
export function withSecretLife(
  moment: Moment,
  before: RegistrationRecord,
  next: RegistrationRecord,
): RegistrationRecord {
  const { registration } = next
  if (registration === undefined || !secretMoved(before.registration, registration)) return next
  const isNew = before.registration?.client_id !== registration.client_id
  // When the client was issued is no measure: some servers state it in local time, and an old client may have a fresh secret.
  const secretSince = moment.now
  // That updates renew nothing holds for this server, whichever client they are about.
  const fresh = { ...next, secretSince, renewsNothing: isNew ? next.renewsNothing : undefined }
  return { ...fresh, renewAt: renewalPoint(moment, fresh) }
}

/**
 * When a secret is to be renewed, in server milliseconds: at 2/3 of its life; at 90 % where only a new registration would renew
 * it and `waits` is true: users have granted something to the client, or the server may recover. ±10 %, chosen once for all
 * replicas. `undefined`: never.
 */
function renewalPoint(
  { chance, options }: Moment,
  record: RegistrationRecord,
  waits = hasUsers(record),
): number | undefined {
  const end = secretEnd(record.registration)
  if (end === undefined) return undefined
  const byUpdate = isManageable(record, options) && !options.profile?.cannot?.update && !record.renewsNothing
  const share = waits && !byUpdate ? 0.9 : 2 / 3
  const begin = Math.min(record.secretSince ?? end, end)
  return begin + (end - begin) * Math.min(share * (0.9 + chance * 0.2), 0.95)
}

/** The record after an update that did not renew the secret: only a registration will, later where it has users or `waits`. */
export const renewsNothing = (moment: Moment, record: RegistrationRecord, waits?: true): RegistrationRecord =>
  postponed(moment, { ...record, renewsNothing: { at: moment.now, length: day } }, waits)

/** The record after the management token was lost; the client works. */
export const unmanageable = (moment: Moment, record: RegistrationRecord): RegistrationRecord =>
  postponed(moment, { ...record, unmanageable: { at: moment.now, length: day } })

function postponed(moment: Moment, record: RegistrationRecord, waits = hasUsers(record)): RegistrationRecord {
  return waits && record.renewAt !== undefined ? { ...record, renewAt: renewalPoint(moment, record, waits) } : record
}
