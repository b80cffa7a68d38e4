import type { Outcome } from '../errors.ts'
import { ServerRefusedError } from '../errors.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { endpointOf } from './addresses.ts'
import { isObject, parseJson } from './json.ts'
import { printable } from './printable.ts'
import { strike } from './secrets.ts'

/** What an answer is judged with, whatever it answers. */
export interface Judged {
  request: HttpRequest
  /** What is asked, for messages: `registration`, `token request` … */
  what: string
  /** What must not be shown of the answer's text. */
  secrets: readonly string[]
  /** What is known when the answer proves nothing: `unknown`, or `not-sent` where nothing is at stake yet. */
  inDoubt: Outcome
}

/** What a server said in an error body, whatever shape it chose. */
interface Said {
  error?: string | undefined
  description?: string | undefined
}

/** The error for a status from 400 up (RFC 7591 section 3.2.2, RFC 6749 section 5.2 and what servers make of them). */
export function refusal(answer: HttpAnswer, { request, what, secrets, inDoubt }: Judged): ServerRefusedError {
  const { status } = answer
  const said = saidIn(answer)
  const shown = (told: string | undefined): string | undefined =>
    told === undefined ? undefined : printable(strike(told, secrets)) || undefined
  const error = shown(said.error)
  const errorDescription = shown(said.description)
  const endpoint = endpointOf(request.url)
  const outcome = status < 500 ? 'refused' : inDoubt
  const words = [error, errorDescription && `"${errorDescription}"`].filter(Boolean).join(', ')
  return new ServerRefusedError(
    `The server answered ${status} to the ${what}${words ? `: ${words}` : ''} (${request.method} ${endpoint}). ${advice(status, outcome, error)}`,
    { status, error, errorDescription, retryAfter: retryAfter(answer.headers), outcome, endpoint },
  )
}

function advice(status: number, outcome: Outcome, error: string | undefined): string {
  if (outcome === 'unknown') return 'It may have acted all the same; the request is not repeated.'
  if (status === 429 || status === 503) return 'It asks to be left alone for a while.'
  if (error === 'invalid_client') return 'Check the client identifier, its secret and how it authenticates.'
  if (status === 401 || error === 'invalid_token') return 'The token was not accepted; get a new one.'
  if (status === 403) return 'The token does not allow this.'
  if (status === 404 || status === 405) return 'The address may be wrong; nothing is known to have been deleted.'
  return 'Nothing was changed by it.'
}

function saidIn({ body, headers }: HttpAnswer): Said {
  if (body.trim() === '') return {}
  const parsed = parseJson(body)
  if (typeof parsed === 'string') return { description: parsed }
  if (!isObject(parsed)) return { description: prose(body, headers.get('content-type') ?? '') }
  const nested = isObject(parsed['error']) ? parsed['error'] : {}
  const [first] = Array.isArray(parsed['errors']) ? parsed['errors'] : []
  const places = [parsed, nested, ...(isObject(first) ? [first] : [])]
  const error = text(places, ['error', 'error_code', 'code'])
  const description = text(places, ['error_description', 'message', 'msg', 'detail', 'title', 'description'])
  const sentence = error !== undefined && !/^[\w.:/-]{1,100}$/.test(error)
  return sentence
    ? { description: description ?? error }
    : { error, description: description ?? (typeof first === 'string' ? first : undefined) }
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

/** `Retry-After` in milliseconds (RFC 9110 section 10.2.3), measured on the server's clock where it gives a date. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER)
  const now = Date.parse(headers.get('date') ?? '') || Date.now()
  const then = Date.parse(value)
  return Number.isNaN(then) ? undefined : Math.max(0, then - now)
}
