import { isObject } from '../exchange/json.ts'
import type { Finding } from '../model/http.ts'
import type { RegistrationResponse, RequestInput, UpdateRequest } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { addresses, logout, redirects, subjects } from './addresses.ts'
import { algorithms, authentication, keys, offered, purposes } from './authentication.ts'
import { backchannel, grants, languages, scope, statement } from './grants.ts'
import { checkProfile } from './profile.ts'
import { choices, effective, rfc7591, untagged } from './rule.ts'
import type { Check, Find } from './rule.ts'
import type { Given } from '../model/values.ts'
import { aliases, isMetadata, kinds } from '../model/members.ts'

const checks: readonly Check[] = [
  keys,
  purposes,
  redirects,
  grants,
  authentication,
  algorithms,
  offered,
  addresses,
  logout,
  subjects,
  backchannel,
  scope,
  languages,
  statement,
]

/**
 * Checks a request against the specifications, whatever the server says of itself: a `MUST` refuses it, a `SHOULD` is worth
 * knowing. Returns all findings at once, none twice. Pure, and it never throws.
 *
 * With the profile of a server the findings of `checkProfile` follow. An unknown member that looks like a standard one is a
 * `SHOULD` (`misspelt`), unless the profile says that the server takes it.
 *
 * The claims of a software statement are taken into account, since they count more than the members beside it.
 *
 * @example
 * ```ts
 * import { checkRequest } from '@registrant/core/checks'
 *
 * for (const { member, message } of checkRequest({ redirect_uris: ['/callback'] })) console.log(member, message)
 * ```
 * @param profile what is special about the server. Default: nothing
 * @see [RFC 7591 section 2](https://www.rfc-editor.org/rfc/rfc7591#section-2)
 * @see [OpenID Connect Dynamic Client Registration 1.0](https://openid.net/specs/openid-connect-registration-1_0.html)
 */
export function checkRequest(request: RequestInput, profile?: ServerProfile): Finding[] {
  const isGiven: boolean = isObject(request)
  if (!isGiven) return [noObject]
  const findings = new Map<string, Finding>()
  const find: Find = (rule, member, message, source, level = 'MUST') => {
    findings.set(`${rule} ${member} ${message}`, { member, rule, level, message, source })
  }
  given(request, find)
  misspelt(request, find, profile?.accepts)
  const asked = effective(request, find)
  for (const check of checks) check(asked, find)
  return [...findings.values(), ...checkProfile(request, profile)]
}

const noObject: Finding = {
  member: 'metadata',
  rule: 'not-json',
  level: 'MUST',
  message: 'It must be an object.',
  source: 'RFC 7591 section 3.1',
}

const once = 'client_id_issued_at client_secret_expires_at registration_access_token registration_client_uri'.split(' ')

/** R09, R19, R20: members that the server gives, and that a client must not send. */
function given(request: object, find: Find): void {
  for (const member of Object.keys(request))
    if (once.includes(member)) find('R09', member, 'The server gives it; leave it out.', 'RFC 7592 section 2.2')
  if (Object.hasOwn(request, 'client_secret'))
    find('R19', 'client_secret', 'A client never chooses its secret; leave it out.', 'RFC 7592 section 2.2')
  if (Object.hasOwn(request, 'client_id'))
    find('R20', 'client_id', 'The server gives it; leave it out of a registration.', 'RFC 7591 section 3.2.1')
}

/**
 * Checks an update (RFC 7592 section 2.2): as any request, and whether it is about `current` and complete. A member that is
 * left out is a `SHOULD`, since the server deletes it. Pure, and it never throws.
 *
 * `client.update` makes its request complete by itself; `checkUpdate` is for programs that send requests themselves.
 *
 * @example
 * ```ts
 * import { checkUpdate } from '@registrant/core/checks'
 *
 * const current = { client_id: 'c1', redirect_uris: ['https://app.example/callback'] }
 * const findings = checkUpdate({ client_id: 'c1', redirect_uris: ['https://app.example/other'] }, current)
 * ```
 * @see [RFC 7592 section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)
 */
export function checkUpdate(update: UpdateRequest, current: Given<RegistrationResponse>): Finding[] {
  const source = 'RFC 7592 section 2.2'
  const isGiven: boolean = isObject(update)
  if (!isGiven) return [noObject]
  const known: Given<RegistrationResponse> = Object(current)
  const { client_id, client_secret, ...metadata } = update
  const findings = checkRequest(metadata)
  if (client_id !== known.client_id)
    findings.push({ member: 'client_id', rule: 'R20', level: 'MUST', source, message: 'It must be the issued one.' })
  if (client_secret !== undefined && client_secret !== known.client_secret)
    findings.push({
      member: 'client_secret',
      rule: 'R19',
      level: 'MUST',
      source,
      message: 'It must be the current one, or be left out.',
    })
  for (const member of Object.keys(known))
    if (isMetadata(member) && !Object.hasOwn(update, member))
      findings.push({
        member,
        rule: 'R22',
        level: 'SHOULD',
        source,
        message: 'The server deletes what an update leaves out.',
      })
  return findings
}

/**
 * Finds members that no specification knows, and names the standard member that was probably meant. The request is sent all
 * the same: such a member may be the server's own. A member that the server is known to take is never a finding.
 */
function misspelt(request: object, find: Find, taken: readonly string[] = []): void {
  for (const [member, value] of Object.entries(request)) {
    if (value === undefined || value === null || value === '') continue
    const name = untagged(member)
    if (kinds.has(name) || choices.has(name) || taken.includes(member)) continue
    const meant = meantBy(name)
    if (meant !== undefined)
      find('misspelt', member, `No specification knows it; ${meant} is probably meant.`, rfc7591, 'SHOULD')
  }
}

const memberNames = [...kinds.keys()].filter(isMetadata)

/** The standard member that an older, singular or slightly different name stands for; case and separators don't count. */
function meantBy(name: string): string | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name]
  const plain = lettersOf(name)
  let nearest: string | undefined
  let least = plain.length < 8 ? 1 : 2
  for (const member of memberNames) {
    const other = lettersOf(member)
    if (Math.abs(other.length - plain.length) > least) continue
    const distance = editDistance(plain, other)
    if (distance > least || (distance === least && nearest !== undefined)) continue
    nearest = member
    least = distance
  }
  return nearest
}

const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** How many letters must be inserted, deleted, replaced or swapped with a neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const isEqual = from[i - 1] === to[j - 1]
      const isSwapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const steps = [at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (isEqual ? 0 : 1)]
      if (i > 1 && j > 1 && isSwapped) steps.push(at(before, j - 2) + 1)
      row.push(Math.min(...steps))
    }
    before = last
    last = row
  }
  return at(last, to.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity
