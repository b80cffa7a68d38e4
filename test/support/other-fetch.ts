import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'

/** Fetches of other makes: none of their answers has a web stream. */
export const makes = ['React Native', 'node-fetch', 'cross-fetch'] as const
export type Make = (typeof makes)[number]

/** They unpack an answer, as every fetch does. */
const unpacked = (from: IncomingMessage): Readable =>
  from.headers['content-encoding'] === 'gzip' ? pipeline(from, createGunzip(), () => undefined) : from

/** What such a fetch answers with: members in the place of a Response, of which it has no more than is used. */
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

/** A `fetch` that is made of `node:http`, as one of that make is seen from outside. */
export function otherFetch(make: Make): typeof globalThis.fetch {
  return (input, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      if (typeof input !== 'string' || (body !== undefined && typeof body !== 'string'))
        throw new TypeError('an address and a text are what these fetches take')
      const given = Object.fromEntries(new Headers(headers))
      const asking = request(input, { method, headers: given, ...(signal && { signal }) }, (from) => {
        // It has what a Response has, as far as anybody may rely on it.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        resolve(answered(make, from) as Response)
      })
      asking.on('error', reject)
      asking.end(body)
    })
}
