import type { Outcome } from '../errors.ts'
import { ServerRefusedError } from '../server-errors.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'
import { advice, isKnownCode } from './advice.ts'
import { printable } from './printable.ts'
import { saidIn } from './said.ts'
import type { SecretBearing } from './secrets.ts'
import { secretsOf } from './secrets.ts'
import { shownEndpoint } from './shown.ts'
import { strike } from './redact.ts'

/** What an answer is judged with, whatever it answers. */
export interface Judged {
  request: HttpRequest
  /** What is asked, for messages: `registration`, `token request` … */
  what: string
  /** The registration that it is about, whose secrets must not be shown either. */
  about?: SecretBearing | undefined
  /** What is known when the answer proves nothing: `unknown`, or `not-sent` where nothing is at stake yet. */
  inDoubt: Outcome
}

/** The error for a status from 400 up (RFC 7591 section 3.2.2, RFC 6749 section 5.2 and what servers make of them). */
export function refusal(answer: HttpAnswer, { request, what, about, inDoubt }: Judged): ServerRefusedError {
  const { status, headers } = answer
  const secrets = secretsOf(request, about)
  const said = saidIn(answer)
  const shown = (told: string | undefined): string | undefined =>
    told === undefined ? undefined : printable(strike(told, secrets)) || undefined
  const error = said.error !== undefined && isKnownCode(said.error) ? said.error : shown(said.error)
  const errorDescription = shown(said.description)
  const endpoint = shownEndpoint(request)
  const outcome = status < 500 ? 'refused' : inDoubt
  const words = [error, errorDescription && `"${errorDescription}"`].filter(Boolean).join(', ')
  return new ServerRefusedError(
    `The server answered ${status} to the ${what}${words ? `: ${words}` : ''} (${request.method} ${endpoint}). ${advice({ status, outcome, error, method: request.method })}`,
    { status, error, errorDescription, retryAfter: retryAfter(headers), outcome, endpoint },
  )
}

/** `Retry-After` in milliseconds (RFC 9110 section 10.2.3), measured on the server's clock where it gives a date. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER)
  if (!/^[A-Z][a-z]{2,8},? .{1,32} GMT$/.test(value)) return undefined
  const now = Date.parse(headers.get('date') ?? '') || platform.now()
  const then = Date.parse(value)
  return Number.isNaN(then) ? undefined : Math.max(0, then - now)
}
