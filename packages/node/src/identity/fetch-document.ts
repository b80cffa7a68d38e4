import { lookup } from 'node:dns'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'

import { TransportError } from '@registrant/core'

import { demand } from '../engine/options.ts'
import { isPublic } from '../public-network/addresses.ts'

/** Bytes that a server reads, and no more. */
const mostBytes = 5000

/** How a document is fetched. */
export interface DocumentAtOptions {
  /** Milliseconds for all of it. Default: 10 000. */
  timeout?: number | undefined
  /**
   * Whether addresses of this machine are asked, as a server in development may: never for an address that somebody else
   * gave. Default: `false`.
   */
  allowLoopback?: boolean | undefined
  /** Certificates of authorities that are trusted, in PEM. Default: those of Node. */
  ca?: string | undefined
  /** Ends the caller's waiting. */
  signal?: AbortSignal | undefined
}

/** The answer, or the special-use address that no server would ask. */
export type FetchedDocument =
  | { special: string }
  | { status: number; contentType: string; body: string; isTooLong: boolean }

/**
 * Fetches as an authorization server would: no redirect, no address but public ones, at most 5 kB.
 *
 * @throws {TransportError} `not-sent` when nothing answers in time; `aborted` when the caller leaves
 * @throws {InvalidRequestError} `timeout` is not above 0 and below 24 days
 */
export async function fetchDocument(url: string, options?: DocumentAtOptions): Promise<FetchedDocument> {
  const { timeout = 10_000, ca, signal, allowLoopback = false }: DocumentAtOptions = Object(options)
  demand(['timeout', timeout > 0 && timeout < 2 ** 31, 'It must be above 0, below 24 days'])
  const mayAsk = (address: string): boolean => isPublic(address) || (allowLoopback && /^(?:127\.|::1$)/.test(address))
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0 && !mayAsk(host)) return { special: host }
  const ends = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])])
  let special: string | undefined
  const checked: LookupFunction = (name, how, done) =>
    lookup(name, { ...how, all: true }, (error, found) => {
      special = found?.find(({ address }) => !mayAsk(address))?.address
      const [first] = found ?? []
      if (error !== null || special !== undefined || first === undefined) done(error ?? new Error('not public'), '', 0)
      else if (how.all === true) done(null, found)
      else done(null, first.address, first.family)
    })
  try {
    return await new Promise((resolve, reject) => {
      const headers = { accept: 'application/json', 'accept-encoding': 'identity' }
      const sent = request(url, { headers, ca, signal: ends, agent: false, lookup: checked }, (answer) => {
        read(answer).then(resolve, reject)
      })
      sent.on('error', reject).end()
    })
  } catch (cause) {
    if (special !== undefined) return { special }
    if (signal?.aborted && ends.reason === signal.reason)
      throw new TransportError(`The caller left before the document at ${url} was fetched.`, {
        code: 'aborted',
        outcome: 'not-sent',
        cause: signal.reason,
      })
    const said = ends.aborted ? 'it was not complete in time' : cause instanceof Error ? cause.message : 'it failed'
    throw new TransportError(`The document at ${url} could not be fetched: ${said}.`, { outcome: 'not-sent', cause })
  }
}

async function read(answer: IncomingMessage): Promise<FetchedDocument> {
  const { statusCode: status = 0, headers } = answer
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer) {
    const buffer = Buffer.from(part)
    parts.push(buffer)
    bytes += buffer.byteLength
    if (bytes > mostBytes) break
  }
  answer.destroy()
  const body = Buffer.concat(parts).toString()
  return { status, contentType: headers['content-type'] ?? '', body, isTooLong: bytes > mostBytes }
}
