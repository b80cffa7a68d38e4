import type { Outcome } from '../errors.ts'
import { TransportError } from '../errors.ts'
import { displayEndpoint, secretsOf } from '../exchange/redact.ts'
import { isTimeout, linked, partOf, readable, reasonOf } from './abort.ts'
import type { HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'

/** A request that got no answer. */
interface Failed {
  request: HttpRequest
  signal: AbortSignal
  /** The outcome if the request may have left. */
  inDoubt: Outcome
  /** Whether the request was handed to `fetch`. */
  left: boolean
  /** Whether the browser kept the request back: the server is there, and lets no page of this origin send it. */
  isKeptBack?: boolean
  /** What the profile says about CORS, for a browser that says no more than "failed". */
  knownOfCors: string | undefined
}

/** The error for a request without an answer: what happened, at which endpoint, and what the outcome is. */
export function networkError(error: unknown, failed: Failed): TransportError {
  const { request, signal, inDoubt, left, isKeptBack = false } = failed
  const endpoint = displayEndpoint(request)
  if (signal.aborted && !isTimeout(signal))
    return new TransportError(
      `The caller left before ${request.method} ${endpoint} was answered. ${left ? hint(inDoubt) : 'Nothing was sent.'}`,
      { code: 'aborted', outcome: left ? inDoubt : 'not-sent', endpoint, cause: reasonOf(signal) },
    )
  const { cause, neverLeft } = causeOf(error, signal, secretsOf(request))
  if (isKeptBack) cause.code = keptBack
  const unsent = !left || neverLeft || isKeptBack
  const page = !left || neverLeft || signal.aborted ? undefined : pageElsewhere(request.url)
  const tls = plainPort.test(`${cause.code ?? ''} ${cause.message}`)
    ? ' That port does not speak TLS: the address may have to begin with http, or have another port.'
    : ''
  const cors = page === undefined ? '' : ` ${hintFor(failed, page)}`
  const authority = unknownAuthority.test(cause.code ?? '')
    ? ' This machine does not know who issued the certificate of the server: name the file of that authority in NODE_EXTRA_CA_CERTS.'
    : ''
  return new TransportError(
    `No answer to ${request.method} ${endpoint}: ${cause.message}. ${unsent ? 'Nothing was sent.' : hint(inDoubt)}${authority}${tls}${cors}`,
    { outcome: unsent ? 'not-sent' : inDoubt, endpoint, cause },
  )
}

const hint = (inDoubt: Outcome): string =>
  inDoubt === 'unknown'
    ? 'The server may have acted; the request is not repeated.'
    : 'Nothing was registered or changed.'

/** Why a request failed, without anything that could hold a secret, and whether it is certain that nothing of it left. */
interface Cause {
  cause: ReturnType<typeof readable>
  neverLeft: boolean
}

/**
 * Codes of errors that occur only before the first byte of a request: of the connection, and of the check of the server's
 * certificate. An alert of TLS may come later, and proves nothing, except for the two that can only answer the TLS
 * greeting.
 */
const beforeFirstByte =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EMFILE|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH|ERR_SSL_TLSV1_(?:UNRECOGNIZED_NAME|ALERT_PROTOCOL_VERSION))$/

/** Codes and messages for a port that answers a TLS greeting in plain text. */
const plainPort = /ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)|wrong version number|packet length too long/i

/** Codes for a certificate whose authority this machine does not know. */
const unknownAuthority = /^(?:UNABLE_TO_(?:GET|VERIFY)_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+)$/

/** System calls before the first byte; their codes (no route, no address) alone prove nothing, since they may come later too. */
const connecting = new Set<unknown>(['connect', 'getaddrinfo', 'bind', 'socket'])

/**
 * Messages, whatever the code, of errors before the first byte: a proxy that refuses the tunnel, a TLS greeting that is cut
 * off or not answered in TLS (an error of another function if that happens later), and a port on the Fetch Standard's list
 * of blocked ports.
 */
const beforeRequest = /HTTP Tunneling$|before secure TLS|:tls_validate_record_header:|^bad port$/

/** Judges what a `fetch` threw, or why its signal aborted; secrets are struck out of the reason. */
function causeOf(error: unknown, signal: AbortSignal, secrets: readonly string[]): Cause {
  const deepest: unknown = signal.aborted ? signal.reason : deepestOf(error)
  const cause = readable(deepest, secrets)
  const isConnecting = connecting.has(partOf(deepest, 'syscall')) || beforeRequest.test(cause.message)
  return { cause, neverLeft: !signal.aborted && (isConnecting || beforeFirstByte.test(cause.code ?? '')) }
}

function deepestOf(error: unknown): unknown {
  let deepest = error
  for (let depth = 0; depth < 8; depth++) {
    // Happy Eyeballs gives one error per address; the first stands for all.
    const errors = partOf(deepest, 'errors')
    const next: unknown = (Array.isArray(errors) ? errors[0] : undefined) ?? partOf(deepest, 'cause')
    if (typeof partOf(next, 'message') !== 'string') break
    deepest = next
  }
  return deepest
}

/** What a page can know of a request that failed without a reason, and what the server has to answer. */
function hintFor({ request, isKeptBack, knownOfCors }: Failed, page: string): string {
  const { origin } = new URL(request.url)
  const allow = whatToAllow(request, page)
  const said = isKeptBack
    ? `${origin} is there, and does not let this page ask it (CORS), so the browser kept the request back. It ${allow}`
    : `A browser does not say why: the network may have failed, or ${origin} does not let this page ask it (CORS), or this page's own policy does not (Content-Security-Policy: connect-src). Then the server ${allow}`
  return knownOfCors === undefined ? said : `${said} ${knownOfCors}`
}

/** Whether the browser kept a request back, so that nothing of it reached the server. */
export const failedByCors = (error: unknown): boolean =>
  error instanceof TransportError && Object(error.cause).code === keptBack

// What a page may ask of another origin (the CORS protocol), and what it can find out where the browser does not say.

/**
 * The origin of the page or worker that this runs in, where the address belongs to another one; `undefined` where it
 * does not, and everywhere but in a browser.
 */
export function pageElsewhere(url: string): string | undefined {
  const page = browserOrigin()
  return page === undefined || page === new URL(url).origin ? undefined : page
}

/**
 * The origin of the page or worker that this runs in, `null` and those of an app's own scheme (`tauri:`, `capacitor:`,
 * `file:`) included; `undefined` everywhere but in a browser.
 */
export function browserOrigin(): string | undefined {
  const page: unknown = Reflect.get(globalThis, 'origin')
  return typeof page === 'string' ? page : undefined
}

/** The code in the cause for a request that the browser kept back, since the server does not let this page send it. */
const keptBack = 'ERR_CORS'

/** How long a page takes at most to find out why a request failed, in milliseconds. */
const mostAsked = 5000

/**
 * Whether the browser kept back a registration that failed without a reason. A page can tell by two requests: the server
 * answers a plain one at this address, and not a GET with the same headers. A server permits headers in advance, and a GET
 * makes no client.
 */
export async function wasKeptBack(
  { method, url, headers }: HttpRequest,
  ask: (url: string, init: RequestInit) => Promise<unknown>,
  signal: AbortSignal,
): Promise<boolean> {
  const names = Object.keys(headers).filter((name) => !isSafe(name, headers[name]))
  if (method !== 'POST' || names.length === 0 || pageElsewhere(url) === undefined) return false
  const common = {
    credentials: 'omit',
    cache: 'no-store',
    signal: linked(platform.timeout(mostAsked), signal),
  } as const
  // The values of the headers are not sent: one may be a token.
  const permitted = Object.fromEntries(
    names.map((name) => [name, name === 'content-type' ? 'application/json' : 'none']),
  )
  const [isThere, isPermitted] = await Promise.all(
    [{ mode: 'no-cors' } as const, { headers: permitted }].map((init) =>
      ask(url, { ...common, ...init }).then(
        () => true,
        () => false,
      ),
    ),
  )
  return isThere === true && isPermitted === false && !common.signal.aborted
}

/** Which headers a server has to send so that this page may read the answer to this request. */
function whatToAllow({ method, headers }: HttpRequest, page: string): string {
  const origin = `Access-Control-Allow-Origin: ${page}`
  const verb = method === 'GET' || method === 'POST' ? [] : [`Access-Control-Allow-Methods: ${method}`]
  const names = Object.keys(headers).filter((name) => !isSafe(name, headers[name]))
  const asked = names.length > 0 ? [`Access-Control-Allow-Headers: ${allowedHeaders(names)}`, ...verb] : verb
  const preflight = asked.length > 0 ? `, and to an OPTIONS request with "${[origin, ...asked].join('", "')}"` : ''
  return `has to answer with "${origin}"${preflight}.`
}

/** Whether a browser sends a header without asking the server first. */
const isSafe = (name: string, value: string | undefined): boolean =>
  name === 'accept' || (name === 'content-type' && value === 'application/x-www-form-urlencoded')

/** The headers to allow; a server that allows one of the first two will need the other next. */
const allowedHeaders = (names: readonly string[]): string =>
  [...new Set(['authorization', 'content-type', ...names])].join(', ')
