import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'

/** Fetches of other makes: none of their answers has a web stream. */
export const makes = ['React Native', 'node-fetch', 'cross-fetch'] as const
export type Make = (typeof makes)[number]

/** The unpacked body of an answer: these fetches unpack it, as every fetch does. */
const unpacked = (from: IncomingMessage): Readable =>
  from.headers['content-encoding'] === 'gzip' ? pipeline(from, createGunzip(), () => undefined) : from

/** The answer of such a fetch: an object in place of a Response, with no more of its members than are used. */
function answered(make: Make, message: IncomingMessage): object {
  const { statusCode: status = 0 } = message
  const from = unpacked(message)
  const headers = new Map(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
  const common = { status, ok: status < 300, redirected: false, type: 'default', headers }
  if (make === 'React Native') {
    const whole = text(from)
    whole.catch(() => undefined)
    return { ...common, text: () => whole }
  }
  const body = make === 'node-fetch' ? from : Object.assign(from, { buffer: true })
  return { ...common, body, text: () => text(from) }
}

/** A `fetch` over `node:http` that looks from outside like one of that make. */
export function otherFetch(make: Make): typeof globalThis.fetch {
  return (input, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      if (typeof input !== 'string' || (body !== undefined && typeof body !== 'string'))
        throw new TypeError('an address and a text are what these fetches take')
      const given = Object.fromEntries(new Headers(headers))
      const asking = request(input, { method, headers: given, ...(signal && { signal }) }, (from) => {
        // The object has the members of a Response that a client may rely on.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        resolve(answered(make, from) as Response)
      })
      asking.on('error', reject)
      asking.end(body)
    })
}
