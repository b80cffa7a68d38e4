import { inspect } from 'node:util'

import { PolicyError, RegistrationError, ServerRefusedError, UnexpectedAnswerError } from '@registrant/node'
import type { HttpAnswer, HttpRequest, Reading } from '@registrant/node'
import { readDeletion, readRegistration, readServer, readToken } from '@registrant/node/exchange'

import { secrets } from './answers.ts'
import type { Case } from './answers.ts'

const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
const current = {
  client_id: 'c1',
  client_secret: secrets.clientSecret,
  registration_access_token: secrets.managementToken,
  registration_client_uri: 'https://as.example/register/c1',
  client_name: 'old',
}
const methods = { register: 'POST', read: 'GET', update: 'PUT', delete: 'DELETE', token: 'POST', discovery: 'GET' }

/** More milliseconds of the processor than this are a hang; what else the machine does is not counted. */
const longest = 50

function read(each: Case): Reading<object> | undefined {
  const { asks, status, body, cutOff, sent, derived } = each
  const answer: HttpAnswer = { status, headers: new Headers(each.headers), body, cutOff }
  const token = asks === 'register' ? secrets.accessToken : secrets.managementToken
  const request: HttpRequest = {
    method: methods[asks],
    url: asks === 'register' ? server.registration_endpoint : current.registration_client_uri,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  }
  if (asks === 'delete') {
    readDeletion(answer, { request, current })
    return undefined
  }
  if (asks === 'discovery') return readServer(answer, { request: { ...request, headers: {} }, issuer: server.issuer })
  if (asks === 'token') {
    const form = new URLSearchParams({ client_secret: secrets.clientSecret, grant_type: 'client_credentials' })
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${btoa(`id:${encodeURIComponent(secrets.accessToken)}`)}`,
    }
    return readToken(answer, { request: { ...request, headers, body: form.toString() } })
  }
  const profile = derived ? { name: 'any', managementUri: '{registration_endpoint}/{client_id}' as const } : undefined
  return readRegistration(answer, { request, server, sent, profile, ...(asks === 'register' ? {} : { current }) })
}

const prototypes = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
  Map.prototype,
  Set.prototype,
]
const shapeOfPrototypes = (): string => prototypes.map((prototype) => Reflect.ownKeys(prototype).length).join()
const shapeAtStart = shapeOfPrototypes()

/** Reads one answer and throws where a promise is broken. */
export function judge(each: Case): void {
  let outcome: unknown
  let taken = Number.POSITIVE_INFINITY
  // What is slow is slow again.
  for (let attempt = 0; attempt < 3 && taken > longest; attempt++) {
    const before = process.cpuUsage()
    try {
      outcome = read(each)
    } catch (error) {
      outcome = error
    }
    const { user, system } = process.cpuUsage(before)
    taken = Math.min(taken, (user + system) / 1000)
  }
  must(taken <= longest, `it took ${taken} ms`)
  must(shapeOfPrototypes() === shapeAtStart, 'a prototype was changed')
  if (outcome instanceof Error) judgeError(outcome, each)
  else if (outcome !== undefined) judgeReading(outcome, each)
}

function judgeError(error: Error, each: Case): void {
  must(error instanceof RegistrationError, `a ${error.name} came out: ${error.message}`)
  const allowed = each.asks === 'discovery' ? [PolicyError] : [ServerRefusedError, UnexpectedAnswerError, PolicyError]
  must(
    allowed.some((type) => error instanceof type),
    `${error.name} is not documented there`,
  )
  if (error instanceof UnexpectedAnswerError && each.status >= 200) must(!namesClient(each), 'a client was lost')
  if (error instanceof PolicyError && error.rule.includes('added'))
    must(error.registration !== undefined, 'a client was lost')
  const { client_id: id = '' }: { client_id?: string } = Object(error)
  // What is new, an identifier too, may begin like what was sent.
  showsNone(id, each, Infinity)
  const spelled = [id, JSON.stringify(id).slice(1, -1), inspect(id).slice(1, -1)].filter((it) => it !== '')
  showsNone(
    spelled.reduce((shown, it) => shown.replaceAll(it, ''), inspect(error) + JSON.stringify(error)),
    each,
  )
  if (error instanceof UnexpectedAnswerError) showsNone(error.body, each, Infinity)
}

function judgeReading(reading: unknown, each: Case): void {
  const { value, deviations }: { value?: unknown; deviations?: unknown } = Object(reading)
  showsNone(JSON.stringify(deviations), each)
  must(JSON.stringify(value) === JSON.stringify(structuredClone(value)), 'it is no plain data')
  must(Object.getPrototypeOf(value) === Object.prototype, 'it has a prototype of its own')
  if (each.asks === 'token' || each.asks === 'discovery') return
  const isForeign = Array.isArray(deviations) && deviations.some(({ rule }) => rule === 'management-address')
  const {
    client_id: id,
    client_secret_expires_at: end,
    redirect_uris: uris,
    scope,
    registration_client_uri: address,
  }: Record<string, unknown> = Object(value)
  must(typeof id === 'string' && id !== '', 'it names no client')
  must(end === undefined || (Number.isSafeInteger(end) && Number(end) >= 0), 'the end is no time')
  must(
    uris === undefined || (Array.isArray(uris) && uris.every((uri) => typeof uri === 'string')),
    'redirect_uris is no list of strings',
  )
  must(scope === undefined || typeof scope === 'string', 'scope is no string')
  must(
    address === undefined ||
      isForeign ||
      (typeof address === 'string' && new URL(address).origin === 'https://as.example'),
    'the token would go elsewhere',
  )
}

/** Whether a registration stands in the answer so plainly that it must not be lost. */
function namesClient({ asks, body, cutOff }: Case): boolean {
  if (cutOff !== undefined || asks === 'token' || asks === 'delete') return false
  try {
    const parsed: unknown = JSON.parse(body)
    const { client_id: id, error }: { client_id?: unknown; error?: unknown } = Object(parsed)
    const said: unknown[] = typeof error === 'object' ? Object.values(Object(error)) : [error]
    if (said.some((it) => (typeof it === 'string' || typeof error !== 'object') && Boolean(it))) return false
    return typeof id === 'string' && id !== '' && !Array.isArray(parsed) && isModest(body) && !tellsNoText(parsed)
  } catch {
    return false
  }
}

/** A secret that is no text is lost where nobody sees the answer: the error has it. */
const tellsNoText = (parsed: unknown): boolean =>
  ['client_secret', 'registration_access_token'].some((member) =>
    /^(?:number|object)$/.test(typeof Object(parsed)[member]),
  )

/** No deeper than 32 levels, also where a member is named again later: beyond that nothing is read. */
function isModest(body: string): boolean {
  let depth = 0
  for (const [bracket] of body.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > 32) return false
  }
  return true
}

/** What each exchange sends, or holds of the client that it is about. */
const { accessToken, managementToken, clientSecret } = secrets
const kept = {
  register: [accessToken],
  token: [accessToken, clientSecret],
  discovery: [],
  read: [managementToken, clientSecret],
  update: [managementToken, clientSecret],
  delete: [managementToken, clientSecret],
}

function showsNone(shown: string, { asks }: Case, beginning = 17): void {
  for (const secret of kept[asks])
    for (const spelling of [secret, encodeURIComponent(secret), secret.slice(0, beginning)])
      must(!shown.includes(spelling), 'a secret is shown')
}

function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}
