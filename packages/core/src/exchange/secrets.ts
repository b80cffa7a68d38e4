import type { HttpRequest } from '../model/http.ts'
import type { RegistrationResponse } from '../model/registration.ts'

const secretMembers = [
  'client_secret',
  'client_assertion',
  'registration_access_token',
  'access_token',
  'refresh_token',
]
const struck = '[redacted]'

/** Every secret that a request carries, and those of the registration that it is about. */
export function secretsOf(request: HttpRequest, current?: RegistrationResponse): string[] {
  const { authorization = '', dpop = '', 'content-type': type = '' } = request.headers
  const credentials = authorization.slice(authorization.indexOf(' ') + 1)
  const found: (string | undefined | null)[] = [
    credentials,
    dpop,
    current?.client_secret,
    current?.registration_access_token,
  ]
  if (/^basic /i.test(authorization)) found.push(...basicSecrets(credentials))
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(request.body)
    found.push(...secretMembers.map((member) => form.get(member)))
  }
  return [...new Set(found)].filter((secret) => typeof secret === 'string').filter(Boolean)
}

function basicSecrets(credentials: string): string[] {
  try {
    const encoded = atob(credentials).split(':').slice(1).join(':')
    return [encoded, decodeURIComponent(encoded.replaceAll('+', ' '))]
  } catch {
    return []
  }
}

/**
 * Strikes secrets out of a text that a server sent, as they are and as HTML, URLs, forms and JSON spell them: a
 * development page or a proxy may repeat what it was sent. A secret that the end of the text cuts off is struck too.
 */
export function strike(text: string, secrets: readonly string[]): string {
  let safe = text
  for (const secret of secrets) {
    for (const spelling of new Set(spellings(secret))) safe = safe.replaceAll(spelling, struck)
    for (let length = secret.length - 1; length >= 8; length--) {
      if (safe.endsWith(secret.slice(0, length))) safe = safe.slice(0, -length) + struck
    }
  }
  return safe
}

const spellings = (secret: string): string[] => {
  const url = encodeURIComponent(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const html = secret.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
  const named = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
  const unicode = secret.replace(/[^\w.~-]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const upper = secret.replace(
    /[^\w.~-]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return [secret, url, url.replaceAll('%20', '+'), json, html, named, unicode, upper]
}
