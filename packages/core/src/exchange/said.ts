import type { HttpAnswer } from '../model/http.ts'
import { isObject, parseJson } from './json.ts'

/** What a server said in an error, whatever shape it chose; nothing of it is safe to show yet. */
export interface Said {
  error?: string | undefined
  description?: string | undefined
}

/**
 * Finds the error code and the sentence in an error answer: RFC 7591 and 6749, `{code, msg}`, `{errors: […]}`,
 * `{detail}`, problem+json, a sentence in `error`, a text, the title of a page, or the `WWW-Authenticate` header alone.
 */
export function saidIn({ body, headers }: HttpAnswer): Said {
  const told = inBody(body, headers.get('content-type') ?? '')
  if (told.error !== undefined) return told
  const challenge = headers.get('www-authenticate') ?? ''
  const parameter = (name: string): string | undefined =>
    new RegExp(`\\b${name}="([^"\\\\]{1,512})"`).exec(challenge)?.[1]
  return { error: parameter('error'), description: told.description ?? parameter('error_description') }
}

function inBody(body: string, contentType: string): Said {
  if (body.trim() === '') return {}
  const parsed = parseJson(body)
  if (typeof parsed === 'string') return { description: parsed }
  if (!isObject(parsed)) return { description: prose(body, contentType) }
  const nested = isObject(parsed['error']) ? [parsed['error']] : []
  const lists = [parsed['errors'], parsed['detail']].map((list: unknown): unknown =>
    Array.isArray(list) ? list[0] : undefined,
  )
  const places = [parsed, ...nested, ...lists.filter(isObject)]
  const error = text(places, ['error', 'error_code', 'code'])
  const description =
    text(places, ['error_description', 'message', 'msg', 'detail', 'title', 'description']) ??
    lists.find((item): item is string => typeof item === 'string' && item !== '')
  const isSentence = error !== undefined && !/^[\w.:/-]{1,100}$/.test(error)
  return isSentence ? { description: description ?? error } : { error, description }
}

function text(places: readonly Record<string, unknown>[], names: readonly string[]): string | undefined {
  for (const place of places) {
    for (const name of names) {
      const value = place[name]
      if (typeof value === 'string' && value !== '') return value
    }
  }
  return undefined
}

/** Of a page its title, of a text its beginning. */
function prose(body: string, contentType: string): string | undefined {
  const start = body.slice(0, 4096)
  if (!contentType.includes('html') && !start.trimStart().startsWith('<')) return start
  const open = start.search(/<title/i)
  if (open < 0) return undefined
  const from = start.indexOf('>', open) + 1
  const to = start.indexOf('<', from)
  return from > 0 && to > from ? start.slice(from, to) : undefined
}
