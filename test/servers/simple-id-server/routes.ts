import { Crash, empty } from './answer.ts'
import type { Answer } from './answer.ts'
import { authorizationServer, jwks, openidConfiguration } from './discovery.ts'
import type { Endpoint, Host } from './host.ts'
import { add, read, remove, update } from './registration.ts'
import { introspect, revoke, token } from './tokens.ts'

type Route = readonly [path: string, endpoints: Record<string, Endpoint>]

/** What lies below the realm, or below the root without realms. The methods are in the order of `Allow`. */
const routes: Route[] = [
  ['register', { DELETE: remove, GET: read, POST: add, PUT: update }],
  ['register/{id}', { DELETE: remove, GET: read, PUT: update }],
  // Every controller can also be reached by its own name.
  ['Registration/Add', { POST: add }],
  ['Registration/Get/{id}', { GET: read }],
  ['Registration/Delete/{id}', { DELETE: remove }],
  ['token', { POST: token }],
  ['token/revoke', { POST: revoke }],
  ['token_info', { POST: introspect }],
  ['jwks', { GET: jwks }],
  ['.well-known/oauth-authorization-server', { GET: authorizationServer }],
  ['.well-known/openid-configuration', { GET: openidConfiguration }],
  // The root: whatever stands where a realm should is taken for one here.
  ['', { GET: home }],
]

/** Where a request leads. */
export interface Matched {
  endpoint: Endpoint
  realm: string
  id: string | undefined
}

/** Finds the endpoint, or the answer that there is none. */
export function match(method: string, path: string, { realms }: Host): Matched | Answer {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/').map(unescaped)
  const realm = realms ? segments.shift() : 'master'
  const wanted = segments.length === 0 ? [''] : segments
  if (realm === undefined || realm === '') return empty(404)
  for (const [template, endpoints] of routes) {
    const names = template.split('/')
    if (names.length !== wanted.length || !names.every((name, index) => fits(name, wanted[index] ?? ''))) continue
    const endpoint = endpoints[method]
    if (endpoint === undefined) return empty(405, { allow: Object.keys(endpoints).join(', ') })
    return { endpoint, realm, id: template.endsWith('{id}') ? wanted.at(-1) : undefined }
  }
  return empty(404)
}

const fits = (name: string, segment: string): boolean =>
  name === '{id}' ? segment !== '' : name.toLowerCase() === segment.toLowerCase()

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The older host brings pages; the newer one, run without any, breaks. */
function home(_: unknown, { version }: Host): Answer {
  if (version === 'head') throw new Crash('no pages')
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache, no-store',
      pragma: 'no-cache',
    },
    body: '<!DOCTYPE html>\n<html><head><title>SimpleIdServer - Home</title></head><body></body></html>\n',
  }
}
