import type { IncomingMessage, ServerResponse } from 'node:http'

import type { SeenRequest } from './answer.ts'
import { answerOf, encoded, send } from './answer.ts'
import { listen } from './listen.ts'
import type { Registrar, ScriptedServer, ScriptedServerOptions } from './options.ts'
import { ScriptBook } from './script-book.ts'
import { IssuedSecrets } from './secrets.ts'
import { UsualServer } from './usual.ts'

/** The client that may register others; its credentials travel in the body. */
export const registrar: Registrar = { clientId: 'registerClient', clientSecret: 'password', scope: 'register' }

/** Starts a server that answers what a test tells it, and otherwise as a tiny correct one would. */
export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const requests: SeenRequest[] = []
  const secrets = new IssuedSecrets()
  const book = new ScriptBook()
  book.write(options.scripts ?? {})

  async function respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming
    const endpoint = usual.endpointOf(method, path)
    const request: SeenRequest = { endpoint, method, path, headers, body: await bodyOf(incoming), status: 0 }
    requests.push(request)
    const answer = await answerOf(book.next(endpoint), request, () => usual.answer(request))
    secrets.rememberFrom(encoded(answer).bytes.toString())
    await send(answer, response, () => {
      request.status = response.statusCode
      options.onRequest?.(request)
    })
  }

  const { url, close } = await listen((incoming, response) => {
    if (options.cors !== false) allowAnyOrigin(incoming, response)
    if (options.cors !== false && incoming.method === 'OPTIONS') response.writeHead(204).end()
    else
      respond(incoming, response).catch((error: unknown) => {
        response.destroy()
        // A client may leave before its request is complete; anything else is a mistake in the test's own script.
        if (incoming.complete) throw error
      })
  })
  const usual = new UsualServer(url, registrar, options)
  return {
    url,
    issuer: usual.issuer,
    registrar,
    clients: () => usual.clients.size,
    clientIds: () => [...usual.clients.keys()],
    secrets: () => secrets.all(),
    forget: (clientId) => void (clientId === undefined ? usual.clients.clear() : usual.clients.delete(clientId)),
    requests,
    requestsTo: (endpoint) => requests.filter((request) => request.endpoint === endpoint),
    script: (scripts) => book.write(scripts),
    ...book.misbehaviours(),
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
