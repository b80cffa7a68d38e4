import { printable } from '../errors.ts'
import type { HttpRequest } from '../model/http.ts'
import { secretKeyMembers } from '../model/jwk.ts'
import { endpointOf, parseAddress } from './addresses.ts'
import { isObject, parseJson } from './json.ts'

/** Members that are secret wherever they stand. */
const secretMembers = [
  'client_secret',
  'client_assertion',
  'registration_access_token',
  'access_token',
  'refresh_token',
  'software_statement',
]

/** Form members that say what is asked for, and hold no credential. */
const plainForm = new Set([
  'grant_type',
  'scope',
  'client_id',
  'client_assertion_type',
  'resource',
  'audience',
  'authorization_details',
])

const plainHeaders = new Set(['accept', 'content-type'])

/** The secrets of the registration that an exchange is about. */
export interface SecretBearing {
  client_secret?: string | undefined
  registration_access_token?: string | undefined
}

/** Every secret that a request carries, and those of the registration that it is about. */
export function secretsOf(request: HttpRequest, about: SecretBearing = {}): string[] {
  const held = [about.client_secret, about.registration_access_token]
  const found: unknown[] = [...inHeaders(request.headers), ...inQuery(request.url), ...secretsInBody(request), ...held]
  return [...new Set(found.filter((secret) => typeof secret === 'string').filter(Boolean))]
}

/** Every secret that headers carry. */
function inHeaders(headers: Readonly<Record<string, string>>): string[] {
  const found: string[] = []
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (plainHeaders.has(name)) continue
    const credentials = name === 'authorization' ? value.slice(value.indexOf(' ') + 1) : value
    found.push(credentials)
    if (name === 'authorization' && /^basic /i.test(value)) found.push(...inBasic(credentials))
  }
  return found
}

/** The secret after the colon, byte by byte and decoded as UTF-8; `redact` knows the spelling of forms anyway. */
function inBasic(credentials: string): string[] {
  try {
    const secret = atob(credentials).replace(/^[^:]*:?/, '')
    return [secret, new TextDecoder().decode(Uint8Array.from(secret, (byte) => byte.charCodeAt(0)))]
  } catch {
    return []
  }
}

/** The values in the query of an address that are long enough to be a key; a name without a value counts as a value. */
const inQuery = (url: string): string[] =>
  [...(parseAddress(url)?.searchParams ?? [])].flatMap(([name, value]) =>
    plainForm.has(name) ? [] : [value || name].filter(({ length }) => length > 7),
  )

function secretsInBody({ headers, body }: HttpRequest): unknown[] {
  const type = headers['content-type'] ?? ''
  if (body === undefined) return []
  if (type.startsWith('application/x-www-form-urlencoded'))
    return [...new URLSearchParams(body)].filter(([name]) => !plainForm.has(name)).map(([, value]) => value)
  // Such a body may be a signed statement, and is secret as a whole.
  if (!type.includes('json')) return [body]
  const sent = parseJson(body)
  return isObject(sent) ? secretMembers.map((member) => sent[member]) : []
}

/**
 * Every secret in a value, at whatever depth: members with the name of a secret, the private members of a JWK, and every text
 * in `client_secrets`.
 */
export function secretsIn(value: unknown, isListed = false): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(item, isListed))
  if (!isObject(value)) return []
  const isKey = typeof value['kty'] === 'string'
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member !== 'string'
      ? secretsIn(member, isListed || name === 'client_secrets')
      : isListed || secretMembers.includes(name) || (isKey && secretKeyMembers.includes(name))
        ? [member]
        : [],
  )
}

export const struck = '[redacted]'

/** The most characters of a text that are looked at, as many as are read of a body, so that the work is bounded. */
const longestText = 256 * 1024
/** A secret of at most this length may stand in the middle of another word by chance. */
const shortest = 3
/** The beginning of a secret is struck from this length on: servers show the beginning of what they were sent. */
const glimpse = 12

/**
 * Strikes secrets out of a text that a server sent: a development page or a proxy may repeat what it was sent. Secrets are found
 * in the spellings of HTML, URLs, forms and JSON, and in either case. The beginning of a secret is struck from 12 characters on,
 * or from 8 where the text ends in its middle; with `isWhole` only whole secrets are, since a new secret may begin like an old
 * one. Of a longer text the first 262,144 characters are returned.
 */
export function redact(text: string, secrets: readonly string[], isWhole = false): string {
  const given = text.slice(0, longestText)
  const found: [from: number, to: number][] = []
  const plain = unspelled(given)
  for (const secret of secrets.filter(Boolean)) {
    const isShort = secret.length <= shortest
    find(given, secret, isShort || isWhole, (from, to) => {
      if (!isShort || (!isWord(given[from - 1]) && !isWord(given[to]))) found.push([from, to])
    })
    if (isShort) continue
    const isHidden = [...plain[2]].some((end) => endsIn(end, fold(secret)))
    for (const [meant, starts] of isHidden ? [plain, unspelled(given, fold(secret))] : [plain])
      for (const spelling of [fold(secret), unspelled(secret)[0]])
        find(meant, spelling, isWhole, (from, to) => found.push([starts[from] ?? 0, starts[to] ?? 0]))
  }
  let safe = ''
  let copied = 0
  for (const [from, to] of found.toSorted(([a], [b]) => a - b)) {
    if (to <= copied) continue
    if (from >= copied) safe += given.slice(copied, from) + struck
    copied = to
  }
  return safe + given.slice(copied)
}

/** Whether a character is part of a word: within one a very short secret stays, since striking it would only garble the text. */
const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)

/** Calls `tell` with each place where a text holds a secret, or enough of its beginning. */
function find(text: string, secret: string, isWhole: boolean, tell: (from: number, to: number) => void): void {
  const least = isWhole ? secret.length : Math.min(glimpse, secret.length)
  for (const length of new Set([secret.length, least])) {
    const start = secret.slice(0, length)
    for (let from = text.indexOf(start); from >= 0;) {
      let to = from + length
      while (to < text.length && to - from < secret.length && text[to] === secret[to - from]) to++
      tell(from, to)
      from = text.indexOf(start, to)
    }
  }
  if (isWhole) return
  for (let length = least - 1; length > 7; length--)
    if (text.endsWith(secret.slice(0, length))) tell(text.length - length, text.length)
}

/** Folds a text without changing its length: letters to lower case, and `+`, which forms write for a blank, to a blank. */
const fold = (text: string): string =>
  text.replaceAll(/[\p{Lu}+]/gu, (char) => (char === '+' ? ' ' : char.toLowerCase().slice(0, char.length)))

/** How URLs, JSON and HTML spell a character. */
const spelled =
  /(%[c-f][\da-f](?:%[89ab][\da-f]){1,3})|(?:%([0-7][\da-f])|\\u([\da-f]{4})|&#x0*([\da-f]{1,6});)|&#0*(\d{1,7});|&(amp|lt|gt|quot|apos);|\\(.)/gi

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function characterOf([all, utf8, url, json, html, decimal, name, escaped]: readonly string[]): string {
  try {
    if (utf8) return decodeURIComponent(utf8)
    const hex = url ?? json ?? html
    const code = hex ? parseInt(hex, 16) : Number(decimal)
    return escaped ?? entities[name ?? ''] ?? String.fromCodePoint(code)
  } catch {
    return all ?? ''
  }
}

/** The text unescaped and folded, where each character began, how each escape ended. One that `secret` may begin in stays. */
function unspelled(text: string, secret = ''): [meant: string, starts: readonly number[], ends: Iterable<string>] {
  const starts: number[] = []
  const ends = new Set<string>()
  let meant = ''
  let at = 0
  const copy = (end: number): void => {
    meant += text.slice(at, end)
    while (at < end) starts.push(at++)
  }
  for (const found of text.matchAll(spelled)) {
    const end = fold(found[0].slice(-4))
    if (endsIn(end, secret)) continue
    ends.add(end)
    copy(found.index)
    meant += characterOf(found)
    while (starts.length < meant.length) starts.push(at)
    at += found[0].length
  }
  copy(text.length)
  starts.push(at)
  return [fold(meant), starts, ends]
}

/** Whether a text ends with the first letters of a secret: `%0` and the `a` of a secret look like an escape together. */
const endsIn = (end: string, secret: string): boolean =>
  secret !== '' && [1, 2, 3, 4].some((length) => end.endsWith(secret.slice(0, length)))

/** Where a request goes, for messages and events. A server may have put the token into the path of its address. */
export const displayEndpoint = ({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>): string =>
  redact(endpointOf(url), inHeaders(headers))

const longestShown = 1024

/** A server's text made safe for a log line: control, bidi and invisible characters escaped, at most 1,024 characters. */
export function escape(text: string): string {
  const escaped = printable(text.slice(0, 4 * longestShown).trim())
  return escaped.length > longestShown ? `${escaped.slice(0, longestShown - 1)}…` : escaped
}
