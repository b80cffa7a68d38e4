import { readFile } from 'node:fs/promises'
import { request as sendHttps } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'

import { StoreError } from '@registrant/core'

import { memberOf } from '../engine/failure.ts'

/** Where the API is, and the service account that asks it. */
export interface ApiPlace {
  /** The address of the API. */
  readonly server: URL
  /** The folder with `token`, `ca.crt` and `namespace`, as Kubernetes mounts it. */
  readonly serviceAccount: string
}

/** What the API answered. */
export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
}

/**
 * The content of a file that Kubernetes mounts into the pod.
 *
 * @throws {StoreError} `store-denied`: the file is not there, or may not be read; `store-unavailable`: another failure
 */
export async function mounted(serviceAccount: string, name: 'token' | 'ca.crt' | 'namespace'): Promise<string> {
  const path = join(serviceAccount, name)
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const code = memberOf(error, 'code') ?? 'no reason given'
    throw new StoreError(
      code === 'ENOENT' || code === 'EACCES' ? 'store-denied' : 'store-unavailable',
      `${path} can not be read (${code}). Kubernetes mounts it into a pod with a service account, unless ` +
        `automountServiceAccountToken is false; the options serviceAccount and namespace say otherwise where it is.`,
    )
  }
}

/** The token of the service account, which goes into a header. */
async function tokenIn(serviceAccount: string): Promise<string> {
  const token = await mounted(serviceAccount, 'token')
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new StoreError(
    'store-denied',
    `${join(serviceAccount, 'token')} holds no token: it is empty, or several lines.`,
  )
}

/** Characters of the longest body. No Secret is larger than 1 MiB; in JSON it is a third longer, and its metadata come on top. */
const longestBody = 4_194_304

/**
 * Asks the API once. Token and certificate are read anew each time: Kubernetes replaces them while a pod runs. Give a signal
 * only with a request that may be called back.
 *
 * @throws {StoreError} token or certificate can't be read, or the token is none
 * @throws {AnswerLost} the request may have been carried out; any other failure is thrown as the connection threw it
 */
export async function ask(
  place: ApiPlace,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { body, signal }: { body?: object; signal?: AbortSignal | undefined } = {},
): Promise<ApiAnswer> {
  const response = await open(place, method, path, body && JSON.stringify(body), patience, signal)
  const text = await textOf(response)
  return { status: response.statusCode ?? 0, body: parsed(text) }
}

/** Opens an answer that goes on, as of a watch: the caller reads it, or ends it by the signal. `idle`: milliseconds. */
export function openStream(place: ApiPlace, path: string, signal: AbortSignal, idle: number): Promise<IncomingMessage> {
  return open(place, 'GET', path, undefined, idle, signal)
}

/** The lines of an answer that goes on, each of them JSON. */
export async function* linesOf(response: IncomingMessage): AsyncGenerator<unknown, void> {
  let rest = ''
  for await (const part of response.setEncoding('utf8')) {
    const lines = (rest + String(part)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestBody) throw new Error('An event is longer than any Secret is')
    for (const line of lines) if (line.trim() !== '') yield parsed(line)
  }
}

/** The answer to a request was lost: the request may have been carried out. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost'
}

async function open(
  { server, serviceAccount }: ApiPlace,
  method: string,
  path: string,
  body: string | undefined,
  idle: number,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const [token, ca] = await Promise.all([tokenIn(serviceAccount), mounted(serviceAccount, 'ca.crt')])
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  return new Promise((resolve, reject) => {
    let isSent = false
    const request = sendHttps(new URL(path, server), { method, headers, ca, signal }, resolve)
    request.on('socket', (socket) => {
      // A connection that is used again was made long ago.
      if (request.reusedSocket) isSent = true
      else socket.once('secureConnect', () => (isSent = true))
    })
    request.on('error', (error) => reject(isSent ? new AnswerLost(error.message) : error))
    request.setTimeout(idle, () => request.destroy(new Error('The API does not answer')))
    request.end(body)
  })
}

/** Milliseconds without a sign of the API after which a request fails. */
const patience = 30_000

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const part of response.setEncoding('utf8')) {
      text += String(part)
      if (text.length > longestBody) throw new Error('it is longer than any Secret is')
    }
  } catch (error) {
    throw new AnswerLost(`The answer broke off: ${error instanceof Error ? error.message : ''}`)
  }
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
