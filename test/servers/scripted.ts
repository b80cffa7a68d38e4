import type { IncomingMessage, ServerResponse } from 'node:http'

import { collectCanaries } from './canaries.ts'
import { answerOf, encoded, send } from './scripted/answer.ts'
import type { Endpoint, Script, ScriptedRequest } from './scripted/answer.ts'
import { registrar, UsualServer } from './scripted/usual.ts'
import type { Registered, UsualOptions } from './scripted/usual.ts'
import { listen } from './test-server.ts'
import type { Registrar, TestServer } from './test-server.ts'

/** What is answered at which endpoint: to every request, or, as a list, to the next ones; `undefined` in it is the usual. */
export type Scripts = Partial<Record<Endpoint, Script | (Script | undefined)[]>>

export interface ScriptedServer extends TestServer {
  readonly requests: readonly ScriptedRequest[]
  /** Those that arrived at one endpoint. */
  requestsTo(endpoint: Endpoint): ScriptedRequest[]
  /** Replaces what is scripted at the endpoints named; `undefined` brings the usual back. */
  script(scripts: { [E in Endpoint]?: Scripts[E] | undefined }): void
  /** What the server holds of a client. */
  registration(clientId: string): Registered | undefined
  /** From now on no access token is good that was issued before. */
  revokeTokens(): void
  /** The client that may register others. */
  readonly registrar: Registrar
}

/**
 * Starts a server that answers what a test tells it, and otherwise as a tiny correct one would.
 *
 * ```ts
 * const server = await startScriptedServer({ register: [{ status: 503 }] })              // the first is refused
 * const server = await startScriptedServer({ update: { lost: 'after' } }, { rotate: 'update' })
 * const server = await startScriptedServer({ read: (request, usual) => ({ ...usual(), status: 203 }) })
 * ```
 */
export async function startScriptedServer(scripts: Scripts = {}, options: UsualOptions = {}): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = []
  const canaries = collectCanaries()
  const scripted = new Map<string, Scripts[Endpoint]>()
  const script: ScriptedServer['script'] = (replaced) => {
    for (const [endpoint, its] of Object.entries(replaced)) scripted.set(endpoint, Array.isArray(its) ? [...its] : its)
  }
  script(scripts)

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming
    const endpoint = usual.endpointOf(method, path)
    const request: ScriptedRequest = { endpoint, method, path, headers, body: await bodyOf(incoming), status: 0 }
    requests.push(request)
    const answer = await answerOf(next(endpoint), request, () => usual.answer(request))
    canaries.rememberFrom(encoded(answer).bytes.toString())
    await send(answer, response, () => {
      request.status = response.statusCode
    })
  }

  const { url, close } = await listen((incoming, response) => {
    if (options.cors === true) allowAnyOrigin(incoming, response)
    if (options.cors === true && incoming.method === 'OPTIONS') response.writeHead(204).end()
    else
      respond(incoming, response).catch((error: unknown) => {
        response.destroy()
        // A client may leave while it speaks; anything else is a mistake in the test's own script.
        if (incoming.complete) throw error
      })
  })
  const usual = new UsualServer(url, options)

  function next(endpoint: Endpoint): Script | undefined {
    const its = scripted.get(endpoint)
    return Array.isArray(its) ? its.shift() : its
  }

  return {
    url,
    issuer: usual.issuer,
    registrar,
    clients: () => usual.clients.size,
    clientIds: () => [...usual.clients.keys()],
    secrets: () => canaries.all(),
    forget: (clientId) => void usual.clients.delete(clientId),
    requests,
    requestsTo: (endpoint) => requests.filter((request) => request.endpoint === endpoint),
    script,
    registration: (clientId) => usual.clients.get(clientId),
    revokeTokens: () => usual.revokeTokens(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

function allowAnyOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE')
  response.setHeader('access-control-allow-headers', headers['access-control-request-headers'] ?? '*')
  response.setHeader('access-control-expose-headers', 'www-authenticate, retry-after, date, dpop-nonce')
}
