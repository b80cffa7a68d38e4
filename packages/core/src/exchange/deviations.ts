import { canonical } from '../model/values.ts'
import type { Deviation, DeviationRule, HttpAnswer, HttpRequest } from '../model/http.ts'
import { isMetadata } from '../model/members.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Interpreted, RegistrationContext } from './interpret.ts'
import type { JsonObject } from './json.ts'
import { redirectTarget } from './policy.ts'
import { escape, redact, secretsOf } from './redact.ts'

/** Every deviation of the answer to a registration that was accepted all the same, with secrets struck out. */
export function deviationsOf(
  answer: HttpAnswer,
  interpreted: Interpreted,
  context: RegistrationContext,
  dropped: number,
): Deviation[] {
  const found = [...oddities(answer, dropped), ...interpreted.deviations, ...remarks(answer, interpreted, context)]
  return found.length === 0 ? found : gathered(redactDeviations(found, secretsOf(context.request, context.current)))
}

/** Rules whose deviations one answer may have many times: they are told as one deviation. */
const gatheredRules = new Set<DeviationRule>(['empty', 'null', 'unsafe-member'])
/** The most members that one deviation names. */
const mostNamed = 20

/** Makes one deviation of those that an answer has many times; it names their members. */
function gathered(deviations: readonly Deviation[]): Deviation[] {
  const groups = new Map<unknown, Deviation[]>()
  const isMany = deviations.length > 2 * mostNamed
  for (const deviation of deviations) {
    const { rule, message } = deviation
    const key = gatheredRules.has(rule) ? rule : isMany ? `${rule} ${message}` : deviation
    const group = groups.get(key)
    if (group) group.push(deviation)
    else groups.set(key, [deviation])
  }
  return [...groups.values()].flatMap((group) => {
    const members = group.flatMap(({ member }) => (member === undefined ? [] : [member]))
    if (members.length < 2) return group.slice(0, 1)
    const more = members.length > mostNamed ? ` and ${members.length - mostNamed} more` : ''
    const named = members.slice(0, mostNamed).join(', ') + more
    return group
      .slice(0, 1)
      .map((first) => ({ ...first, member: named, message: `${first.message.replace(/\.$/, '')}: ${named}.` }))
  })
}

/** Deviations in how the JSON object of an answer was sent. */
export function oddities({ headers, body }: HttpAnswer, dropped: number): Deviation[] {
  const deviations: Deviation[] = []
  const report = (rule: DeviationRule, message: string): void => void deviations.push({ rule, message })
  for (let times = 0; times < dropped; times++)
    report('unsafe-member', 'A member that could reach a prototype was dropped.')
  if (!/[/+]json\b/i.test(headers.get('content-type') ?? ''))
    report('content-type', 'The answer is JSON, and its content type is not application/json.')
  if (body.includes('\uFFFD')) report('encoding', 'The answer holds bytes that are no UTF-8, or lost some on the way.')
  return deviations
}

/** Deviations that are worth knowing, and that change nothing in the registration as it was understood. */
function remarks(
  { status }: HttpAnswer,
  { value, said }: Interpreted,
  { request, sent, current }: RegistrationContext,
): Deviation[] {
  const remarked = oddCredentials(value, request, sent?.token_endpoint_auth_method)
  const usual = request.method === 'POST' ? 201 : 200
  if (status !== usual)
    remarked.push({ rule: 'status', message: `The status is ${status}, where ${usual} was expected.` })
  if (sent === undefined) return remarked
  remarked.push(...changes({ ...sent }, value))
  if (request.method === 'PUT') remarked.push(...notRemoved({ ...current }, { ...sent }, said))
  return remarked
}

/** Deviations in the credentials of a registration, which are kept all the same; a method that is not echoed stands as sent. */
function oddCredentials(
  registration: RegistrationResponse,
  { method, headers }: HttpRequest,
  sentMethod: string | undefined,
): Deviation[] {
  const deviations: Deviation[] = []
  const report = (member: string, rule: DeviationRule, message: string): void =>
    void deviations.push({ member, rule, message })
  const {
    client_secret,
    registration_access_token: token,
    token_endpoint_auth_method: means = sentMethod,
  } = registration
  if (client_secret !== undefined && means === 'none')
    report('client_secret', 'secret-for-public-client', 'A secret came with a client that does not authenticate.')
  if (client_secret === undefined && means?.startsWith('client_secret_') === true)
    report('client_secret', 'secret-missing', 'The method needs a secret, and none came.')
  if (client_secret !== undefined && registration.client_secret_expires_at === undefined) {
    report(
      'client_secret_expires_at',
      'expiry-not-stated',
      'The server does not say whether the secret expires (RFC 7591 section 3.2.1 requires it).',
    )
  }
  if (method === 'POST' && token !== undefined && headers['authorization'] === `Bearer ${token}`)
    report('registration_access_token', 'token-reused', 'The management token is the access token that registered.')
  return deviations
}

const unordered = new Set(['redirect_uris', 'grant_types', 'response_types', 'contacts', 'post_logout_redirect_uris'])

/** Members that a server changed or did not echo: allowed (RFC 7591 section 3.2.1), and worth knowing. */
export function changes(sent: JsonObject, answered: JsonObject): Deviation[] {
  const deviations: Deviation[] = []
  for (const [member, asked] of Object.entries(sent)) {
    if (asked === undefined || asked === null || member.endsWith('_supported')) continue
    const got = answered[member]
    if (got === undefined) {
      if (!saysNothing(asked))
        deviations.push({ member, rule: 'not-echoed', message: 'The server does not say what became of it.' })
    } else if (!same(member, asked, got)) {
      deviations.push({ member, rule: 'changed', message: changeOf(member, asked, got) })
    }
  }
  return deviations
}

/** Says how the server changed a value; redirect URIs may differ in their spelling only. */
function changeOf(member: string, asked: unknown, got: unknown): string {
  const targets = (uris: unknown): unknown =>
    Array.isArray(uris) ? uris.map((uri) => (typeof uri === 'string' ? redirectTarget(uri) : uri)) : uris
  return member === 'redirect_uris' && sameSet(targets(asked), targets(got))
    ? 'The server registered the same addresses as were asked for, in another spelling.'
    : 'The server registered another value than was asked for.'
}

/** Members that an update took out and that the server still names: it merges where it should replace. */
function notRemoved(current: JsonObject, sent: JsonObject, answered: JsonObject): Deviation[] {
  const removed = Object.keys(current).filter(
    (member) => isMetadata(member) && sent[member] === undefined && !saysNothing(current[member]),
  )
  return removed
    .filter((member) => answered[member] !== undefined && canonical(answered[member]) === canonical(current[member]))
    .map((member) => ({ member, rule: 'not-removed', message: 'The update left it out, and the server keeps it.' }))
}

const saysNothing = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0)

function same(member: string, asked: unknown, got: unknown): boolean {
  if (member === 'scope') return sameSet(scopeValues(asked), scopeValues(got))
  if (unordered.has(member)) return sameSet(asked, got)
  return canonical(asked) === canonical(got)
}

const inOrder = (items: unknown[]): string[] => [...new Set(items.map(canonical))].toSorted((a, b) => (a < b ? -1 : 1))

const scopeValues = (scope: unknown): unknown => (typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope)

function sameSet(asked: unknown, got: unknown): boolean {
  if (!Array.isArray(asked) || !Array.isArray(got)) return false
  return canonical(inOrder(asked)) === canonical(inOrder(got))
}

/** Deviations as they may be printed: a server chooses language tags, hosts and names, and may put anything there. */
function redactDeviations(deviations: readonly Deviation[], secrets: readonly string[]): Deviation[] {
  return deviations.map(({ member, rule, message }) => ({
    ...(member === undefined ? {} : { member: member.includes('#') ? escape(redact(member, secrets)) : member }),
    rule,
    message: redact(message, secrets),
  }))
}
