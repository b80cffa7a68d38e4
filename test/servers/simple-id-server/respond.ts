import type { IncomingMessage } from 'node:http'

import { Crash, empty } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Host } from './host.ts'
import { match } from './routes.ts'

/** More than this, in bytes, is refused. */
const largest = 30_000_000

/** Answers a request as the host does: cross-origin rules around realms around endpoints. */
export async function respond(message: IncomingMessage, host: Host): Promise<Answer> {
  const { origin } = message.headers
  if (!host.cors || origin === undefined) return behindCors(message, host)
  if (message.method === 'OPTIONS' && message.headers['access-control-request-method'] !== undefined)
    return empty(204, preflight(message))
  const { status, headers, body } = await behindCors(message, host)
  // A crash clears the headers, except where a page for developers is written.
  if (status === 500 && host.env === 'production') return { status, headers, body }
  return { status, headers: { ...headers, 'access-control-allow-origin': '*' }, body }
}

function preflight({ headers }: IncomingMessage): Record<string, string> {
  const asked = headers['access-control-request-headers']
  return {
    ...(asked !== undefined && { 'access-control-allow-headers': asked }),
    'access-control-allow-methods': headers['access-control-request-method'] ?? '',
    'access-control-allow-origin': '*',
  }
}

async function behindCors(message: IncomingMessage, host: Host): Promise<Answer> {
  const { method = '', url = '', headers, headersDistinct } = message
  const body = await bodyOf(message)
  if (body === undefined) return empty(413, { connection: 'close' })
  const [path = '', ...query] = url.split('?')
  const matched = match(method, path, host)
  if ('status' in matched) return matched
  const { endpoint, realm, id } = matched
  const cookie = realmCookie(message, realm, host)
  if (cookie === undefined) return empty(404)
  const base = `http://${headers.host ?? ''}`
  const incoming = {
    realm,
    id,
    query: new URLSearchParams(query.join('?')),
    authorizations: headersDistinct['authorization'] ?? [],
    contentType: headers['content-type'],
    body,
    base,
    issuer: host.realms ? `${base}/${realm}` : base,
  }
  try {
    const answer = await endpoint(incoming, host)
    return { ...answer, headers: { ...answer.headers, ...cookie } }
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    return host.env === 'production' ? empty(500) : forDevelopers(message, error)
  }
}

/** The header that remembers the realm, or none; `undefined` if the realm does not exist and that matters. */
function realmCookie({ headers }: IncomingMessage, realm: string, host: Host): Record<string, string> | undefined {
  if (!host.realms) return {}
  const cookie = `${host.version === 'rc1' ? 'CurrentRealm' : 'IdServerRealm'}=${realm}`
  // A request that brings the cookie is believed, whatever the realm.
  if (headers.cookie?.split(/;\s*/).includes(cookie) === true) return {}
  if (host.knownRealms.some(({ name }) => name === realm)) return { 'set-cookie': `${cookie}; path=/` }
  return host.version === 'rc1' ? {} : undefined
}

/** A stack trace and every header of the request, with the tokens in them. */
function forDevelopers({ rawHeaders, headers }: IncomingMessage, { stack = '' }: Crash): Answer {
  const html = headers.accept?.includes('text/html') === true
  const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []))
  const text = `${stack}\n\nHEADERS\n=======\n${lines.join('\n')}\n`
  return {
    status: 500,
    headers: { 'content-type': html ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8' },
    body: html ? `<!DOCTYPE html><pre>${text}</pre>` : text,
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > largest) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
