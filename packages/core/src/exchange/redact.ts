import { printable } from '../errors.ts'
import type { Deviation, HttpRequest } from '../model/http.ts'
import { secretKeyMembers } from '../model/jwk.ts'
import { endpointOf } from './addresses.ts'
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
  const found: unknown[] = [...inHeaders(request.headers), ...secretsInBody(request), ...held]
  const texts = found.filter((secret) => typeof secret === 'string').filter(Boolean)
  // The longest first: one secret may be a part of another.
  return [...new Set(texts)].toSorted((a, b) => b.length - a.length)
}

/** Every secret that headers carry. */
function inHeaders(headers: Readonly<Record<string, string>>): string[] {
  const found: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (plainHeaders.has(name)) continue
    const credentials = name === 'authorization' ? value.slice(value.indexOf(' ') + 1) : value
    found.push(credentials)
    if (name === 'authorization' && /^basic /i.test(value)) found.push(...inBasic(credentials))
  }
  return found
}

function inBasic(credentials: string): string[] {
  try {
    const encoded = atob(credentials).split(':').slice(1).join(':')
    return [encoded, decodeURIComponent(encoded.replaceAll('+', ' '))]
  } catch {
    return []
  }
}

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

/** More than any text that is shown or kept, so that the work is bounded whatever a server sends. */
const longestText = 64 * 1024
/** A part of a secret this long is struck too: servers show the beginning of what they were sent. */
const longestGlimpse = 11

/**
 * Strikes secrets out of a text that a server sent, as they are and as HTML, URLs, forms and JSON spell them: a
 * development page or a proxy may repeat what it was sent. The beginning of a secret is struck from 12 characters on,
 * from 8 where the text ends in the middle of it. Of a longer text the first 65,536 characters come back.
 */
export function redact(text: string, secrets: readonly string[]): string {
  let safe = text.slice(0, longestText)
  for (const secret of secrets) {
    if (secret === '') continue
    safe =
      secret.length <= shortest ? withoutWord(safe, secret) : withoutSpellings(safe.replaceAll(secret, struck), secret)
  }
  return safe
}

/** Secrets this short stand in the middle of other words by chance. */
const shortest = 3

/** Strikes a very short secret where it stands alone: between other words it would garble the text, and hide nothing. */
function withoutWord(text: string, secret: string): string {
  const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)
  let safe = ''
  let copied = 0
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
    if (at < copied || isWord(text[at - 1]) || isWord(text[at + secret.length])) continue
    safe += text.slice(copied, at) + struck
    copied = at + secret.length
  }
  return safe + text.slice(copied)
}

/** One pass: at each place the text is read as the secret, character by character in whatever spelling it has there. */
function withoutSpellings(text: string, secret: string): string {
  let safe = ''
  let copied = 0
  for (let start = 0; start < text.length; start++) {
    const { read, matched } = follow(text, start, secret)
    const cutOff = start + read === text.length && matched > 7
    if (matched < secret.length && matched <= longestGlimpse && !cutOff) continue
    safe += text.slice(copied, start) + struck
    copied = start + read
    start = copied - 1
  }
  return safe + text.slice(copied)
}

/** How far the text, from `start` on, spells the secret: how much of the text, and how many characters of the secret. */
function follow(text: string, start: number, secret: string): { read: number; matched: number } {
  let read = 0
  let matched = 0
  while (matched < secret.length) {
    const char = String.fromCodePoint(secret.codePointAt(matched) ?? 0)
    const spelling = /[A-Za-z0-9]/.test(char)
      ? text[start + read] === char && char
      : spellings(char).find((candidate) => text.startsWith(candidate, start + read))
    if (!spelling) break
    read += spelling.length
    matched += char.length
  }
  return { read, matched }
}

const known = new Map<string, readonly string[]>()

/** How a character may be written, the longest first. */
function spellings(char: string): readonly string[] {
  let written = known.get(char)
  if (written === undefined) {
    written = [...new Set(writtenAs(char))].toSorted((a, b) => b.length - a.length)
    if (char.charCodeAt(0) < 128) known.set(char, written)
  }
  return written
}

function writtenAs(char: string): string[] {
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  const two = hex.padStart(2, '0')
  const html = [`&#${code};`, `&#0${code};`, `&#x${hex};`, `&#x${hex.toUpperCase()};`, ...(entities[char] ?? [])]
  const units = char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
  const json = [units, units.replace(/[a-f]/g, (digit) => digit.toUpperCase()), `\\${char}`]
  const percent = [...new TextEncoder().encode(char)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const url = [`%${two}`, `%${two.toUpperCase()}`, percent, percent.toUpperCase(), ...(char === ' ' ? ['+'] : [])]
  return [char, ...html, ...json, ...url]
}

const entities: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;'],
  "'": ['&apos;'],
}

/** Where a request goes, for messages and events. A server may have put the token into the path of its address. */
export const displayEndpoint = ({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>): string =>
  redact(endpointOf(url), inHeaders(headers))

/** Deviations as they may be printed: a server chooses language tags, hosts and names, and may put anything there. */
export function redactDeviations(deviations: readonly Deviation[], secrets: readonly string[]): Deviation[] {
  return deviations.map(({ member, rule, message }) => ({
    ...(member === undefined ? {} : { member: member.includes('#') ? escape(redact(member, secrets)) : member }),
    rule,
    message: redact(message, secrets),
  }))
}

const longestShown = 1024

/** A server's text made safe for a log line: control, bidi and invisible characters escaped, at most 1,024 characters. */
export function escape(text: string): string {
  const escaped = printable(text.slice(0, 4 * longestShown).trim())
  return escaped.length > longestShown ? `${escaped.slice(0, longestShown - 1)}…` : escaped
}
