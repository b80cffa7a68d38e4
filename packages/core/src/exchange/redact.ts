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

/** Form members that say what is asked for, and not who proves what. */
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

/** What an exchange is about, as far as it holds secrets. */
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

/** The secret behind the colon, by its bytes and as the text that these may be; the spelling of a form is known anyway. */
function inBasic(credentials: string): string[] {
  try {
    const secret = atob(credentials).replace(/^[^:]*:?/, '')
    return [secret, new TextDecoder().decode(Uint8Array.from(secret, (byte) => byte.charCodeAt(0)))]
  } catch {
    return []
  }
}

/** What an address asks with may be a key, where it is long enough for one; a name without a value is a value. */
const inQuery = (url: string): string[] =>
  [...(parseAddress(url)?.searchParams ?? [])].flatMap(([name, value]) =>
    plainForm.has(name) ? [] : [value || name].filter(({ length }) => length > 7),
  )

function secretsInBody({ headers, body }: HttpRequest): unknown[] {
  const type = headers['content-type'] ?? ''
  if (body === undefined) return []
  if (type.startsWith('application/x-www-form-urlencoded'))
    return [...new URLSearchParams(body)].filter(([name]) => !plainForm.has(name)).map(([, value]) => value)
  // A body that is itself a signed statement.
  if (!type.includes('json')) return [body]
  const sent = parseJson(body)
  return isObject(sent) ? secretMembers.map((member) => sent[member]) : []
}

/**
 * Every secret that stands in a value, at whatever depth, by the name of its member; a JWK's private members with them, and
 * whatever a list of secrets says.
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

/** All that is read of a body, so that the work is bounded whatever a text comes from. */
const longestText = 256 * 1024
/** Secrets this short stand in the middle of other words by chance. */
const shortest = 3
/** A part of a secret this long is struck too: servers show the beginning of what they were sent. */
const glimpse = 12

/**
 * Strikes secrets out of a text that a server sent: a development page or a proxy may repeat what it was sent. Each character
 * may be written as HTML, URLs, forms and JSON do, a letter large or small. The beginning of a secret is struck from 12 characters on, from 8 where the text ends
 * in the middle of it, unless `isWhole`: what is new may begin like what was sent. Of a longer text the first 262,144
 * characters come back.
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

/** Between other words a very short secret stays: striking it would garble the text, and hide nothing. */
const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)

/** Tells each place where a text holds a secret, or enough of its beginning. */
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

/** A letter large or small is one, of the same length, and a form writes `+` for a blank. */
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

/** What a text means, folded; where each character of that begins, and last the end; the ends of what spells one, unless `secret` begins so. */
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

/** Whether the first letters of a secret stand there: `%0` before one that begins with an `a` spells something else with it. */
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
