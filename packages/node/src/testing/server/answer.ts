import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'

/** The places of a server, by what is done there. */
export type Endpoint = 'discovery' | 'token' | 'register' | 'read' | 'update' | 'delete' | 'other'

/** A request that arrived. */
export interface SeenRequest {
  readonly endpoint: Endpoint
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** As it came; empty where oidc-provider reads it. */
  readonly body: string
  /** The status of the answer; 0 until there is one, and for ever if the connection was broken before. */
  status: number
}

/** An answer in place of the usual one; every member has a default. */
export interface Answer {
  /** Default: 200. */
  status?: number | undefined
  headers?: Record<string, string | string[]> | undefined
  /** Text and bytes go as they are; anything else goes as JSON, with its content type. Default: nothing. */
  body?: unknown
  /** Milliseconds to wait before answering; `Infinity` answers never. */
  delay?: number | undefined
  /**
   * The connection breaks and there is no answer, or half of one. `before`: the server has done nothing. `after`: it has
   * done what it usually does. `middle`: it has done that, too, and the answer breaks off in its body.
   */
  lost?: 'before' | 'after' | 'middle' | undefined
}

/** An answer, or a function that makes one; `usual` lets the server do what it does when nothing is scripted. */
export type Script = Answer | ((request: SeenRequest, usual: () => Answer) => Answer | Promise<Answer>)

/** Decides what is answered. Only a script that calls `usual`, or an answer that was lost after it, changes the server. */
export async function answerOf(script: Script | undefined, request: SeenRequest, usual: () => Answer): Promise<Answer> {
  if (script === undefined) return usual()
  if (typeof script === 'function') return script(request, usual)
  if (script.lost === 'after' || script.lost === 'middle') return { ...usual(), ...script }
  return script
}

/** The bytes of an answer. */
export function encoded({ body }: Answer): { type?: string; bytes: Buffer } {
  if (body === undefined) return { bytes: Buffer.alloc(0) }
  if (typeof body === 'string' || body instanceof Uint8Array) return { bytes: Buffer.from(body) }
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) }
}

/** Sends an answer, or breaks the connection. `sending` is called right before the first byte. */
export async function send(answer: Answer, response: ServerResponse, sending: () => void): Promise<void> {
  if (answer.delay === Infinity) return
  if (answer.delay !== undefined) await sleep(answer.delay)
  if (answer.lost === 'before' || answer.lost === 'after') return void response.destroy()

  const { type, bytes } = encoded(answer)
  response.statusCode = answer.status ?? 200
  if (type !== undefined) response.setHeader('content-type', type)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  // The server's clock is this process's, also where a test has set that.
  if (!response.hasHeader('date')) response.setHeader('date', new Date(Date.now()).toUTCString())
  sending()
  if (answer.lost !== 'middle') return void response.end(bytes)
  response.setHeader('content-length', bytes.length)
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}
