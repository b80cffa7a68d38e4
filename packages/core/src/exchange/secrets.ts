import type { HttpRequest } from '../model/http.ts'
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
  const found: unknown[] = [...inHeaders(request.headers), ...inBody(request), ...held]
  const texts = found.filter((secret) => typeof secret === 'string').filter(Boolean)
  // The longest first: one secret may be a part of another.
  return [...new Set(texts)].toSorted((a, b) => b.length - a.length)
}

/** Every secret that headers carry. */
export function inHeaders(headers: Readonly<Record<string, string>>): string[] {
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

function inBody({ headers, body }: HttpRequest): unknown[] {
  const type = headers['content-type'] ?? ''
  if (body === undefined) return []
  if (type.startsWith('application/x-www-form-urlencoded'))
    return [...new URLSearchParams(body)].filter(([name]) => !plainForm.has(name)).map(([, value]) => value)
  // A body that is itself a signed statement.
  if (!type.includes('json')) return [body]
  const sent = parseJson(body)
  return isObject(sent) ? secretMembers.map((member) => sent[member]) : []
}
