import { printable } from '../exchange/printable.ts'
import { strike } from '../exchange/secrets.ts'

/** Why a request failed, without anything that could hold a secret. */
export interface FailureCause extends Error {
  code?: string
}

/** Codes of the platforms for failures before the first byte of a request: name, route, connection, TLS. */
const beforeFirstByte =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EMFILE|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ConnectionRefused|FailedToOpenSocket|CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/

/** Whether it is certain that nothing of the request reached the server. */
export const neverLeft = ({ code }: FailureCause): boolean => code !== undefined && beforeFirstByte.test(code)

/** A copy of the deepest cause that names a code: its name, code and message, secrets struck out. */
export function causeOf(error: unknown, signal: AbortSignal, secrets: readonly string[]): FailureCause {
  const deepest = signal.aborted ? signal.reason : deepestOf(error)
  const message = deepest instanceof Error || deepest instanceof DOMException ? deepest.message : String(deepest)
  const timedOut = deepest instanceof DOMException && deepest.name === 'TimeoutError'
  const cause: FailureCause = new Error(
    timedOut ? 'time ran out' : printable(strike(message, secrets)) || 'no reason given',
  )
  if (deepest instanceof Error) cause.name = deepest.name
  const code = codeOf(deepest)
  if (code !== undefined) cause.code = code
  return cause
}

function deepestOf(error: unknown): unknown {
  let deepest = error
  for (let depth = 0; depth < 8 && deepest instanceof Error; depth++) {
    // Happy Eyeballs: one error per address, of which the first speaks for all.
    const next: unknown = deepest instanceof AggregateError ? (deepest.errors[0] ?? deepest.cause) : deepest.cause
    if (!(next instanceof Error)) break
    deepest = next
  }
  return deepest
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
