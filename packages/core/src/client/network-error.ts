import { printable } from '../exchange/printable.ts'
import { strike } from '../exchange/redact.ts'

/** Why a request failed, without anything that could hold a secret, and whether it is certain that nothing of it left. */
export interface NetworkFailure {
  cause: Error & { code?: string }
  neverLeft: boolean
}

/**
 * Codes that are only given before the first byte of a request: of the connection, and of the check of the server's
 * certificate, which comes first too. An alert of TLS may come later, and proves nothing.
 */
const beforeFirstByte =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EMFILE|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/

/** Calls of the system that come before it; their codes (no route, no address) may also come in the middle. */
const connecting = new Set<unknown>(['connect', 'getaddrinfo', 'bind', 'socket'])

/** Judges what a `fetch` threw, or why its signal aborted; secrets are struck out of the reason. */
export function networkFailure(error: unknown, signal: AbortSignal, secrets: readonly string[]): NetworkFailure {
  const deepest: unknown = signal.aborted ? signal.reason : deepestOf(error)
  const cause: NetworkFailure['cause'] = new Error(reasonOf(deepest, secrets))
  if (!(deepest instanceof Error) || signal.aborted) return { cause, neverLeft: false }
  cause.name = printable(deepest.name)
  const code: unknown = Reflect.get(deepest, 'code')
  const syscall: unknown = Reflect.get(deepest, 'syscall')
  if (typeof code === 'string' && code !== '') cause.code = code
  return { cause, neverLeft: beforeFirstByte.test(cause.code ?? '') || connecting.has(syscall) }
}

function reasonOf(deepest: unknown, secrets: readonly string[]): string {
  if (deepest instanceof DOMException && deepest.name === 'TimeoutError') return 'time ran out'
  if (deepest instanceof DOMException && deepest.name === 'AbortError') return 'the caller left'
  const message = deepest instanceof Error ? deepest.message : typeof deepest === 'string' ? deepest : ''
  return printable(strike(message, secrets)) || 'no reason given'
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
