import type { Outcome } from '../errors.ts'
import { TransportError } from '../errors.ts'
import { secretsOf } from '../exchange/secrets.ts'
import { shownEndpoint } from '../exchange/shown.ts'
import { hintFor } from './cors-hint.ts'
import { pageElsewhere } from './cors.ts'
import type { Failed } from './failure.ts'
import { networkFailure } from './network-error.ts'

/** Says what happened to a request without an answer, at which endpoint, and what is true all the same. */
export function describe(error: unknown, { request, signal, inDoubt, left, knownOfCors }: Failed): TransportError {
  const endpoint = shownEndpoint(request)
  const { cause, neverLeft } = networkFailure(error, signal, secretsOf(request))
  const unsent = !left || neverLeft
  const page = unsent || signal.aborted ? undefined : pageElsewhere(request.url)
  const cors = page === undefined ? '' : ` ${hintFor(request, page, knownOfCors)}`
  return new TransportError(
    `No answer to ${request.method} ${endpoint}: ${cause.message}. ${unsent ? 'Nothing was sent.' : hint(inDoubt)}${cors}`,
    { outcome: unsent ? 'not-sent' : inDoubt, endpoint, cause },
  )
}

const hint = (inDoubt: Outcome): string =>
  inDoubt === 'unknown'
    ? 'The server may have acted; the request is not repeated.'
    : 'Nothing was registered or changed.'
