import { PolicyError } from '../../server-errors.ts'
import type { Answered } from '../../client/context.ts'
import { isObject } from '../../exchange/json.ts'
import type { Deviation } from '../../model/http.ts'
import { isLater, showsSecret, withMembers } from '../../model/members.ts'
import type { RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { holdsToken } from '../record/clients.ts'
import { inForce, lastSecond, methodOf, needsSecret, secretEnd } from '../record/credentials.ts'
import type { Candidate, RegistrationRecord, StoredAnswer } from '../record/record.ts'

/**
 * The part of an answer that is stored and returned.
 *
 * An impossible end of a new secret counts as not stated (RFC 7591 section 3.2.1). A secret in the answer to a read is only a
 * candidate: some servers show the hash of the one in use. A read changes nothing, so a secret for which the shown method has no
 * use is kept beside. Secrets and management tokens that are not to be kept are left out.
 *
 * @throws {PolicyError} `secret-not-kept`, carrying the registration: the client can't be used without its secret
 */
export function storableAnswer(
  context: Context,
  answered: Pick<Answered, 'value' | 'raw' | 'date'> & Partial<Pick<Answered, 'deviations'>>,
  how: {
    /** `recover`: no request was made, a person gave the client. */
    operation: 'register' | 'update' | 'read' | 'recover'
    /** What was sent; where nothing was sent, what is in force counts. */
    declared?: RegistrationRequest | undefined
    record?: RegistrationRecord | undefined
    /** The client in use, also where a registration gives it out once more. */
    current?: RegistrationResponse | undefined
    /** What was declared before an update. */
    before?: RegistrationRequest | undefined
  },
): StoredAnswer {
  const { keepSecret = true, keepManagementToken = true } = context.options
  const { current, operation, before, declared = inForce(how.record, context.declared) } = how
  const { value, raw } = answered
  let registration = withPossibleEnd(context, answered, how)
  let candidate: Candidate | undefined
  const stored = current?.client_secret
  if (operation === 'read' && stored !== undefined && registration.client_secret !== stored) {
    const { client_secret = '', client_secret_expires_at } = registration
    candidate = { client_secret, client_secret_expires_at }
    registration = withMembers(registration, {
      client_secret: stored,
      client_secret_expires_at: current?.client_secret_expires_at,
    })
  }
  const dropped: string[] = []
  // The old secret is not carried over to a method that needs none; a read that names no method takes nothing away.
  const isUnsaid = operation === 'read' && value.token_endpoint_auth_method === undefined
  const isLeftOver = stored !== undefined && registration.client_secret === stored && !showsSecret(raw)
  const becomesPublic =
    declared.token_endpoint_auth_method === 'none' && (before?.token_endpoint_auth_method ?? '') !== 'none'
  const isGone = isLeftOver && before !== undefined && becomesPublic
  const method = methodOf(isGone ? without(registration, ['client_secret']) : registration, declared)
  // A read changes nothing, and the client that it shows lives.
  if (!keepSecret && operation !== 'read') {
    const { token_endpoint_auth_method: stated = declared.token_endpoint_auth_method } = registration
    if (stated === undefined ? value.client_secret !== undefined : needsSecret(stated)) throw needsASecret(value)
  }
  const isUnused = isLeftOver && !isUnsaid && !needsSecret(method)
  if (isUnused && operation === 'read')
    candidate = { client_secret: stored, client_secret_expires_at: registration.client_secret_expires_at }
  if (!keepSecret || isUnused) dropped.push('client_secret', 'client_secret_expires_at')
  if (!keepManagementToken) dropped.push('registration_access_token')
  // The raw answer keeps the address, and it is taken from there once the options name its origin.
  const address = 'registration_client_uri'
  const isSecret = (url: unknown): boolean =>
    !keepManagementToken && typeof url === 'string' && holdsToken(url, value.registration_access_token)
  const unusable = isForeign(answered) || isSecret(registration[address]) ? [address] : []
  return {
    registration: without(registration, [...dropped, ...unusable]),
    raw: isObject(raw) ? without(raw, isSecret(raw[address]) ? [...dropped, address] : dropped) : raw,
    candidate: keepSecret && (isUnused || needsSecret(method)) ? candidate : undefined,
    from: current,
  }
}

/** Whether the management address is one that must not be contacted, and was kept as it came all the same. */
const isForeign = ({ value, raw, deviations = [] }: Pick<Answered, 'value' | 'raw'> & Partial<Answered>): boolean =>
  isObject(raw) &&
  raw['registration_client_uri'] === value.registration_client_uri &&
  deviations.some(({ rule, member }) => rule === 'management-address' && member === 'registration_client_uri')

/** The end of a secret is what the answer says, where that can be; an answer that repeats a secret leaves it as it was. */
function withPossibleEnd(
  { tell, clock }: Context,
  { value, raw, date }: Parameters<typeof storableAnswer>[1],
  { operation, current }: Parameters<typeof storableAnswer>[2],
): RegistrationResponse {
  const { client_secret_expires_at: end = 0, client_id_issued_at: issued, client_secret } = value
  const isRepeated = current && client_secret === current.client_secret
  if (isRepeated && !showsSecret(raw) && !isLater(end, current.client_secret_expires_at))
    return withMembers(value, { client_secret_expires_at: current.client_secret_expires_at })
  if (end === 0 || client_secret === undefined) return value
  const answered = Math.floor((date ?? (issued === undefined ? clock.now() : issued * 1000)) / 1000)
  if (end > answered && end <= lastSecond) return value
  if (isRepeated) return withMembers(value, { client_secret_expires_at: current.client_secret_expires_at })
  // A server that stated a possible end before means this one too: it made another secret, which is over by now. `recover()`
  // issues no secret, so a past end stays there too; so it does for the first secret that a read shows, if the method needs one.
  const isFirst = operation === 'read' && current?.client_secret === undefined
  const isTold = operation === 'recover' || (isFirst && needsSecret(value.token_endpoint_auth_method ?? ''))
  if (end <= answered && (isTold || (operation !== 'register' && secretEnd(current) !== undefined))) return value
  tell({ type: 'deviation', deviation: end > lastSecond ? tooLate : endedAlready })
  return without(value, ['client_secret_expires_at'])
}

const endedAlready: Deviation = {
  member: 'client_secret_expires_at',
  rule: 'expiry-in-the-past',
  message: 'A secret was issued whose stated end has passed. It is taken as "not stated".',
}
const tooLate: Deviation = {
  member: 'client_secret_expires_at',
  rule: 'expiry-out-of-range',
  message:
    'The stated end lies beyond the year 9999; it counts seconds, not milliseconds. It is taken as "not stated".',
}

const needsASecret = (registration: RegistrationResponse): PolicyError =>
  new PolicyError(
    'The server registered a client that authenticates with a secret, and secrets are not kept here. Declare token_endpoint_auth_method none or private_key_jwt.',
    { rule: 'secret-not-kept', outcome: 'accepted', registration },
  )

function without<T extends object>(object: T, members: readonly string[]): T {
  const rest = { ...object }
  for (const member of members) Reflect.deleteProperty(rest, member)
  return rest
}
