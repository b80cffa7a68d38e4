import type { HttpRequest } from '../model/http.ts'

/** Which headers a server has to send so that this page may read the answer to this request (the CORS protocol). */
export function hintFor({ method, url, headers }: HttpRequest, page: string, known: string | undefined): string {
  const origin = `Access-Control-Allow-Origin: ${page}`
  const verb = method === 'GET' || method === 'POST' ? [] : [`Access-Control-Allow-Methods: ${method}`]
  const names = Object.keys(headers).filter((name) => !isSafe(name, headers[name]))
  const asked = names.length > 0 ? [`Access-Control-Allow-Headers: ${allowed(names)}`, ...verb] : verb
  const preflight = asked.length > 0 ? `, and to an OPTIONS request with "${[origin, ...asked].join('", "')}"` : ''
  return [
    'A browser does not say why:',
    `the network may have failed, or ${new URL(url).origin} does not let this page ask it (CORS).`,
    `Then the server has to answer with "${origin}"${preflight}.`,
    ...(known === undefined ? [] : [known]),
  ].join(' ')
}

/** What a browser sends without asking the server first. */
const isSafe = (name: string, value: string | undefined): boolean =>
  name === 'accept' || (name === 'content-type' && value === 'application/x-www-form-urlencoded')

/** Whoever allows one of the two will need the other next. */
const allowed = (names: readonly string[]): string =>
  [...new Set(['authorization', 'content-type', ...names])].join(', ')
