import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'

import { can, demand } from '../engine/options.ts'
import { isPublic } from './addresses.ts'

/** The parts that are used of the application's own `undici`, as in `import * as undici from 'undici'`. */
export interface Undici<Dispatcher extends object> {
  Agent: new (options: AgentOptions) => Dispatcher
  buildConnector: (options: ConnectorOptions) => Connector
  fetch: (input: string, init: UndiciInit<Dispatcher>) => Promise<UndiciAnswer>
}

/** How connections are opened. */
export interface AgentOptions {
  connect: Connector
}

/** How names are resolved. */
export interface ConnectorOptions {
  lookup: LookupFunction
}

/** How a request is handed to `undici`. */
export interface UndiciInit<Dispatcher extends object> {
  dispatcher: Dispatcher
  method: string
  headers: Record<string, string>
  body: Uint8Array<ArrayBuffer> | null
  redirect: 'error' | 'follow' | 'manual'
  signal: AbortSignal
}

/** The parts that are used of an answer of `undici`. */
export interface UndiciAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: Iterable<[string, string]>
  readonly body: AsyncIterable<Uint8Array<ArrayBuffer>> | null
}

/** Opens one connection, as `undici` has it done. */
export type Connector = (options: Dial, callback: (...outcome: [null, Socket] | [Error, null]) => void) => void

/** Where a connection leads. */
export interface Dial {
  hostname: string
  host?: string
  protocol: string
  port: string
  servername?: string
  localAddress?: string | null
  httpSocket?: Socket
}

/** Options of {@link publicNetworkOnly}. */
export interface PublicNetworkOptions {
  /** Finds the addresses of a name. Default: that of `node:dns`, which asks the system. */
  lookup?: LookupFunction | undefined
}

/**
 * A `fetch` that connects to addresses of the public network alone: for issuers that come from input that nobody vouches
 * for, such as a form in which users name their own server.
 *
 * Each connection's host name is resolved once, all its addresses are checked, and one of these is dialled, so that a name
 * that resolves to another address a moment later gains nothing. Refused are private, shared, loopback, link-local (the
 * metadata services of clouds), documentation, multicast and reserved addresses, IPv4 inside IPv6, and names that have such an
 * address. A request that is refused never left: the error is `transport` with the outcome `not-sent`. Proxies are not used,
 * since a proxy would dial for itself.
 *
 * It works by `undici`, which your application installs and hands over: Node's own `fetch` does not let us dial.
 *
 * @example
 * ```ts
 * import { RegistrationClient } from '@registrant/node'
 * import { publicNetworkOnly } from '@registrant/node/public-network'
 * import * as undici from 'undici'
 *
 * const client = new RegistrationClient({ issuer: 'https://as.example', fetch: publicNetworkOnly(undici) })
 * ```
 * @throws {InvalidRequestError} `undici` is not that package, or `lookup` is no function
 * @see [RFC 6890](https://www.rfc-editor.org/rfc/rfc6890)
 * @see [RFC 9700](https://www.rfc-editor.org/rfc/rfc9700)
 */
export function publicNetworkOnly<Dispatcher extends object>(
  undici: Undici<Dispatcher>,
  options?: PublicNetworkOptions,
): typeof globalThis.fetch {
  const { lookup = systemLookup }: PublicNetworkOptions = Object(options)
  const isUndici = ['Agent', 'buildConnector', 'fetch'].every((name) => can(undici, name))
  demand(
    ['undici', isUndici, 'Give the whole package: import * as undici'],
    ['lookup', typeof lookup === 'function', 'It must be a function'],
  )
  const connect = undici.buildConnector({ lookup: checked(lookup) })
  const dispatcher = new undici.Agent({
    connect(dial, callback) {
      // An address that is written out is never looked up, so it is checked here.
      const literal = dial.hostname.replace(/^\[(.*)\]$/, '$1')
      if (isIP(literal) !== 0 && !isPublic(literal)) return callback(refusal(literal, literal), null)
      return connect(dial, callback)
    },
  })
  return async (input, init) => {
    const request = new Request(input, init)
    const { url, method, redirect, signal } = request
    const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer())
    const headers = Object.fromEntries(request.headers)
    const answer = await undici.fetch(url, { dispatcher, method, headers, body, redirect, signal })
    const { status, statusText } = answer
    return new Response(answer.body && streamOf(answer.body), { status, statusText, headers: [...answer.headers] })
  }
}

/** A lookup that checks every address before one of them is dialled. */
function checked(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) return callback(error, '', 0)
      const addresses: LookupAddress[] = typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : found
      const [first] = addresses
      const wrong = addresses.find(({ address }) => !isPublic(address))
      if (wrong !== undefined) return callback(refusal(hostname, wrong.address), '', 0)
      if (first === undefined || options.all === true) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
}

/** An error of the system call `connect`, in whose place it stands: that tells that nothing was sent. */
function refusal(name: string, address: string): NodeJS.ErrnoException {
  const which = name === address ? name : `${name} is at ${address}, and that`
  const message = `${which} is no address of the public network (publicNetworkOnly)`
  return Object.assign(new Error(message), { code: 'ERR_NOT_PUBLIC', syscall: 'connect' })
}

/** A body as this platform's stream, whatever realm it comes from: read as it is asked for. */
function streamOf(body: AsyncIterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const parts = body[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(stream) {
      const { value, done } = await parts.next()
      if (done === true) stream.close()
      else stream.enqueue(value)
    },
    async cancel() {
      await parts.return?.()
    },
  })
}
