import type { Finding } from '../model/http.ts'
import { isCredential, isMetadata, kinds } from '../model/members.ts'
import type { Changes, RegistrationRequest, RegistrationResponse, RequestInput } from '../model/registration.ts'
import { takesSecret } from '../model/jwk.ts'
import { canonical } from '../model/values.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import type { JsonObject } from './json.ts'
import { isEmptyKeySet, standardName, wireName } from './json.ts'

/** What an update is made of. */
interface Update {
  /** What the server last said. */
  current: JsonObject
  changes: JsonObject
  /** The request that `current` answers, where it is known. */
  requested: JsonObject
  profile: ServerProfile | undefined
}

/** A reason why a member of a registration stays out of an update, and the members for which it holds. */
export interface Reason {
  readonly name: 'credential' | 'vendor' | 'no-keys' | 'other-keys' | 'follows-redirects' | 'belongs' | 'derived'
  /** The reason as a sentence in the docs. */
  readonly why: string
  /** Whether the reason can hold for a member, whatever its value; the table in the docs is made by this. */
  readonly mayHold: (member: string) => boolean
  readonly holds: (member: string, update: Update) => boolean
}

const isDeclared = (member: string, { changes, requested }: Update): boolean =>
  isSaid(changes[member]) || isSaid(requested[member])

const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

const isDerived = (member: string, profile: ServerProfile | undefined): boolean =>
  profile?.derived?.some((name) => standardName(name, profile) === member) === true

/** Whether a member names keys, or the address of keys. */
const holdsKeys = (said: JsonObject, name: string): boolean => isSaid(said[name]) && !isEmptyKeySet(said[name])

const twins: Readonly<Record<string, string>> = { jwks: 'jwks_uri', jwks_uri: 'jwks' }

/** The reasons, in the order in which they are asked. A member that none keeps back is sent (RFC 7592 section 2.2). */
export const reasonsToStay: readonly Reason[] = [
  {
    name: 'credential',
    why: "Never: it is the server's to give (RFC 7592 section 2.2). `client_id` stands beside the metadata.",
    mayHold: isCredential,
    holds: (member) => isCredential(member),
  },
  {
    name: 'vendor',
    why: "Where it was declared, or the server's profile `accepts` it: what a vendor adds to its answers is often for reading only.",
    mayHold: (member) => !isCredential(member) && !isMetadata(member),
    holds: (member, update) =>
      !isMetadata(member) &&
      update.profile?.accepts?.includes(wireName(member, update.profile)) !== true &&
      !isDeclared(member, update),
  },
  {
    name: 'no-keys',
    why: 'Unless it holds no keys: an empty set is none, and a declared one that was answered so was left out.',
    mayHold: (member) => member === 'jwks',
    holds: (member, { current, requested }) =>
      member === 'jwks' && isEmptyKeySet(current[member]) && !holdsKeys(requested, member),
  },
  {
    name: 'other-keys',
    why: 'Unless the client is registered by the other of `jwks` and `jwks_uri`: the declared one travels, and where nobody said which, `jwks_uri`.',
    mayHold: (member) => member in twins,
    holds: isOtherKeys,
  },
  {
    name: 'follows-redirects',
    why: 'Unless nobody declared it, it equals the `redirect_uris` and these change: then the server worked it out of them.',
    mayHold: (member) => member === 'post_logout_redirect_uris',
    holds: (member, update) =>
      member === 'post_logout_redirect_uris' &&
      !isDeclared(member, update) &&
      update.changes['redirect_uris'] !== undefined &&
      isAlike(update.current[member], update.current['redirect_uris']) &&
      !isAlike(update.changes['redirect_uris'], update.current['redirect_uris']),
  },
  {
    name: 'belongs',
    why: 'Unless nobody declared it, and what the server chose it for changes: the `token_endpoint_auth_method`, the `_alg`, the `grant_types`; or it takes its key from a secret that the method does without by now.',
    mayHold: (member) => ownerOf(member) !== member || member.endsWith('_alg'),
    holds: (member, update) =>
      !isDeclared(member, update) && (isReplaced(ownerOf(member), update) || losesKey(member, update)),
  },
  {
    name: 'derived',
    why: "Unless the server's profile calls it `derived` and nobody declared it.",
    mayHold: () => true,
    holds: (member, update) => isDerived(member, update.profile) && !isDeclared(member, update),
  },
]

/** What a server chose a member for. */
function ownerOf(member: string): string {
  if (member === 'response_types') return 'grant_types'
  return member === 'token_endpoint_auth_signing_alg' ? 'token_endpoint_auth_method' : member.replace(/_enc$/, '_alg')
}

/** Whether an algorithm takes its key from a client secret, and the method that is to be needs none. */
const losesKey = (member: string, { current, changes: { token_endpoint_auth_method: to } }: Update): boolean =>
  typeof to === 'string' && !to.startsWith('client_secret_') && member.endsWith('_alg') && takesSecret(current[member])

const isReplaced = (member: string, { current, changes, requested }: Update): boolean =>
  changes[member] !== undefined && !isAlike(changes[member], current[member] ?? requested[member])

/** Whether a member is the one of `jwks` and `jwks_uri` that this client does not use: only one of the two may be sent. */
function isOtherKeys(member: string, update: Update): boolean {
  const twin = twins[member]
  if (twin === undefined) return false
  const { current, changes, requested } = update
  if (holdsKeys(changes, twin)) return true
  if (holdsKeys(requested, twin) !== holdsKeys(requested, member)) return holdsKeys(requested, twin)
  return member === 'jwks' && holdsKeys(current, twin)
}

/** The same value, or the same items in whatever order. */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other || !Array.isArray(one) || !Array.isArray(other)) return one === other
  return one.length > 0 && [...one, ...other].every((item) => one.includes(item) && other.includes(item))
}

/**
 * The metadata that an update sends: the members of `changes`, and each member that the server last returned, or that was
 * `requested` and not returned, unless one of the reasons in `docs/updates.md` keeps it back. `null` takes a member out: it is
 * left out, or sent as its empty value where the profile says that the server clears so.
 *
 * @example
 * ```ts
 * import type { RegistrationResponse } from '@registrant/core'
 * import { updatedMetadata } from '@registrant/core/exchange'
 *
 * declare const current: RegistrationResponse
 * const metadata = updatedMetadata(current, { client_name: 'Orders', logo_uri: null })
 * ```
 * @see [RFC 7592 section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)
 */
export function updatedMetadata(
  current: RegistrationResponse,
  changes: Changes<RequestInput>,
  profile?: ServerProfile,
  requested: RequestInput = {},
): RegistrationRequest {
  const names = new Map<string, string>()
  const update: Update = {
    changes: byStandard(changes, profile, names),
    requested: byStandard(requested, profile, names),
    current: byStandard(current, profile, names),
    profile,
  }
  const metadata: JsonObject = {}
  const known: JsonObject = { ...update.requested, ...update.current }
  if (isEmptyKeySet(known['jwks'])) known['jwks'] = update.requested['jwks']
  for (const member of Object.keys({ ...known, ...update.changes })) {
    const change = update.changes[member]
    const isChanged = change !== undefined && !isCredential(member)
    if (!isChanged && reasonsToStay.some(({ holds }) => holds(member, update))) continue
    // Of a member that the server derives, the requested value counts, and not what the server made of it.
    const kept = isDerived(member, profile) ? (update.requested[member] ?? known[member]) : known[member]
    const value = isChanged ? (change ?? emptied(profile, member, known[member])) : kept
    if (value !== undefined && value !== null) metadata[member] = value
  }
  const typed: RegistrationRequest = {}
  return Object.assign(typed, metadata)
}

/** A member with its language tag in lower case: the case of a tag makes no difference (RFC 5646 section 2.1.1). */
const foldTag = (member: string): string => member.replace(/#.*/s, (tag) => tag.toLowerCase())

/** A registration with the redirect URIs that were asked for as well: a server that said little of them may have kept them. */
export const withRequested = (current: RegistrationResponse, requested: RequestInput = {}): RegistrationResponse => {
  const known = [current, requested].flatMap(({ redirect_uris }) => (Array.isArray(redirect_uris) ? redirect_uris : []))
  return { ...current, redirect_uris: [...new Set(known)] }
}

/**
 * Tells which findings in an update its changes are to blame for, by the rules that `judge` knows: a finding is about a member
 * that the changes name, or it is new, and a registration of what the client asks for, without what the server added, has it too.
 */
export function blamedOn(
  ...[current, changes, profile, requested]: Parameters<typeof updatedMetadata>
): (judge: (metadata: RegistrationRequest) => readonly Finding[]) => (finding: Finding) => boolean {
  const named = byStandard(changes, profile)
  const before = updatedMetadata(current, {}, profile, requested)
  const asked = updatedMetadata({ client_id: current.client_id }, changes, profile, requested)
  return (judge) => {
    const [old, own] = [before, asked].map((metadata) => judge(metadata).map(canonical))
    return (finding) =>
      (Object.hasOwn(named, finding.member) && named[finding.member] !== undefined) ||
      (own?.includes(canonical(finding)) === true && !old?.includes(canonical(finding)))
  }
}

/**
 * Members by their standard names: a server's own name for a member means the same, and an old answer may hold both. A language
 * tag keeps the spelling that came first, which `names` holds.
 */
function byStandard(
  said: object,
  profile: ServerProfile | undefined,
  names: Map<string, string> = new Map(),
): JsonObject {
  const all: JsonObject = { ...said }
  const spelled = Object.keys(all).map((member) => standardName(member, profile))
  for (const [folded, standard] of new Map(spelled.map((member) => [foldTag(member), member])))
    if (!names.has(folded)) names.set(folded, standard)
  const named = Object.entries(all).map(([member, value]): [string, unknown] => {
    const standard = standardName(member, profile)
    const name = names.get(foldTag(standard)) ?? standard
    return [name, all[name] === undefined ? value : all[name]]
  })
  return Object.fromEntries(named)
}

/** What takes a member out of a registration: `undefined` leaves it out, else its empty value is sent. */
function emptied(profile: ServerProfile | undefined, member: string, value: unknown): unknown {
  if (profile?.clears !== 'empty') return undefined
  const kind = kinds.get(member.split('#')[0] ?? '')
  if (Array.isArray(value) || kind === 'strings') return []
  if (typeof value === 'boolean' || kind === 'boolean') return false
  return typeof value === 'string' || kind === 'string' ? '' : undefined
}
