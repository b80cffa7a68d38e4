import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Endpoint, SeenRequest } from '../answer.ts'
import { send } from '../answer.ts'
import { listen } from '../listen.ts'
import { loadOidcProvider } from '../load.ts'
import type { OidcProviderServer, OidcProviderServerOptions } from '../options.ts'
import { ScriptBook } from '../script-book.ts'
import { registrar } from '../scripted-server.ts'
import { IssuedSecrets } from '../secrets.ts'
import { Memory } from './adapter.ts'
import { configurationOf } from './configuration.ts'
import { admission, anyOrigin, signIn } from './middleware.ts'

/** Starts oidc-provider, a real and certified authorization server, in this process. */
export async function startOidcProvider(options: OidcProviderServerOptions): Promise<OidcProviderServer> {
  const { open = true, cors = true, user = 'user', tls, onRequest } = options
  const { Provider } = await loadOidcProvider()
  const requests: SeenRequest[] = []
  const arrived = new WeakMap<IncomingMessage, SeenRequest>()
  const secrets = new IssuedSecrets()
  const book = new ScriptBook()
  const memory = new Memory()
  let callback: ((incoming: IncomingMessage, response: ServerResponse) => unknown) | undefined
  // Made with the first request: until then an application may add what it needs by `provider.use()`.
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    callback ??= provider.callback()
    callback(incoming, response)
  }

  const { url, close } = await listen((incoming, response) => {
    const { method = '', url: path = '', headers } = incoming
    const endpoint = endpointOf(method, path)
    const request: SeenRequest = { endpoint, method, path, headers, body: '', status: 0 }
    requests.push(request)
    arrived.set(incoming, request)
    const scripted = book.next(endpoint)
    if (typeof scripted !== 'object') return answer(incoming, response)
    if (scripted.lost !== 'after' && scripted.lost !== 'middle')
      return void send(scripted, response, () => answered(request, response.statusCode))
    breakOff(response)
    return answer(incoming, response)
  }, tls)
  const provider = new Provider(url, { adapter: memory.adapter, ...(await configurationOf(options, registrar)) })

  function answered(request: SeenRequest | undefined, status: number): void {
    if (request === undefined) return
    request.status = status
    onRequest?.(request)
  }

  provider.use(async (ctx, next) => {
    // Node dates answers by a clock of its own, which a test that moves the time does not reach.
    ctx.set('date', new Date(Date.now()).toUTCString())
    await next()
    secrets.rememberFrom(ctx.body)
    answered(arrived.get(ctx.req), ctx.status)
  })
  if (cors && open) provider.use(anyOrigin)
  provider.use(signIn(provider, user))
  provider.use(admission(provider, open))

  const clients = memory.of('Client')
  return {
    url,
    issuer: url,
    registrar,
    provider,
    requests,
    requestsTo: (endpoint) => requests.filter((request) => request.endpoint === endpoint),
    clients: () => clients.size,
    clientIds: () => [...clients.keys()],
    registration: (clientId) => clients.get(clientId),
    secrets: () => secrets.all(),
    forget: (clientId) => void (clientId === undefined ? clients.clear() : clients.delete(clientId)),
    ...book.misbehaviours(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function endpointOf(method: string, path: string): Endpoint {
  const [pathname = ''] = path.split('?')
  if (pathname.includes('/.well-known/')) return 'discovery'
  if (pathname === '/token') return 'token'
  if (pathname === '/register') return 'register'
  const verbs: Record<string, Endpoint> = { GET: 'read', PUT: 'update', DELETE: 'delete' }
  return pathname.startsWith('/register/') ? (verbs[method] ?? 'other') : 'other'
}

/** Makes the connection break where the answer would be sent. */
function breakOff(response: ServerResponse): void {
  response.write = () => true
  response.end = () => response.destroy()
}
