import type { HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'
import { linked } from './abort.ts'

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

/** The code of what stopped a request that the browser kept back, since the server does not let this page send it. */
export const keptBack = 'ERR_CORS'

/** How long a page takes at most to find out why a request failed, in milliseconds. */
const mostAsked = 5000

/**
 * Whether a registration that failed without a word was kept back by the browser. It was, as far as a page can tell,
 * where the server answers at this address, and not to a GET that needs the same permission: the headers are what a
 * server permits in advance, and a GET makes no client.
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
  // What the headers say is nobody's business here, and may be a token.
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
export function whatToAllow({ method, headers }: HttpRequest, page: string): string {
  const origin = `Access-Control-Allow-Origin: ${page}`
  const verb = method === 'GET' || method === 'POST' ? [] : [`Access-Control-Allow-Methods: ${method}`]
  const names = Object.keys(headers).filter((name) => !isSafe(name, headers[name]))
  const asked = names.length > 0 ? [`Access-Control-Allow-Headers: ${allowedHeaders(names)}`, ...verb] : verb
  const preflight = asked.length > 0 ? `, and to an OPTIONS request with "${[origin, ...asked].join('", "')}"` : ''
  return `has to answer with "${origin}"${preflight}.`
}

/** What a browser sends without asking the server first. */
const isSafe = (name: string, value: string | undefined): boolean =>
  name === 'accept' || (name === 'content-type' && value === 'application/x-www-form-urlencoded')

/** Whoever allows one of the two will need the other next. */
const allowedHeaders = (names: readonly string[]): string =>
  [...new Set(['authorization', 'content-type', ...names])].join(', ')
