import { collectCanaries } from '../canaries.ts'
import { listen } from '../test-server.ts'
import type { Registrar } from '@registrant/node/testing'

import type { SeenRequest, TestServer } from '../test-server.ts'
import type { Answer } from './answer.ts'
import type { Host, SimpleIdServerOptions } from './host.ts'
import { signingKeys } from './keys.ts'
import { respond } from './respond.ts'
import { seededClients, seededRealms, seededScopes } from './seed.ts'
import { createStore } from './store.ts'

/** The emulator of SimpleIdServer, running. Its issuer has the realm in it if realms are on. */
export interface SimpleIdServer extends TestServer {
  /** The page's client, which may register others. */
  readonly registrar: Registrar
}

const registrar: Registrar = { clientId: 'registerClient', clientSecret: 'password', scope: 'register' }

/**
 * Starts a server that answers as SimpleIdServer does: two releases of it were run, and what they answered to some 1,600
 * requests is what this is written from. Wrong addresses, empty failures and lost updates are the original's.
 */
export async function startSimpleIdServer(options: SimpleIdServerOptions = {}): Promise<SimpleIdServer> {
  const { version = 'rc1', realms = false, cors = true, env = 'production', store = 'memory' } = options
  const host: Host = {
    version,
    realms,
    cors,
    env,
    store,
    clients: createStore(version === 'rc1' ? 'ef' : store, version),
    keys: await signingKeys(),
    scopes: seededScopes(version),
    knownRealms: seededRealms(),
    tokens: new Map(),
  }
  for (const client of seededClients()) host.clients.add(client)

  const requests: SeenRequest[] = []
  const canaries = collectCanaries()
  const { url, close } = await listen((message, response) => {
    const request: SeenRequest = { method: message.method ?? '', path: message.url ?? '', status: 0 }
    requests.push(request)
    respond(message, host).then(
      ({ status, headers, body }: Answer) => {
        canaries.rememberFrom(body)
        request.status = status
        const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) }
        response.writeHead(status, { ...headers, ...length }).end(body)
      },
      (error: unknown) => {
        response.destroy()
        // A client may leave before its request is complete; anything else is a mistake in here.
        if (message.complete) throw error
      },
    )
  })
  const registered = (): string[] =>
    [...host.clients.clients.values()].flatMap(({ client_id, registration_access_token }) =>
      registration_access_token === undefined ? [] : [client_id],
    )

  return {
    url,
    issuer: realms ? `${url}/master` : url,
    registrar,
    clients: () => registered().length,
    clientIds: registered,
    secrets: () => canaries.all(),
    forget: (clientId) => {
      const client = host.clients.find('master', clientId)
      if (client !== undefined) host.clients.remove(client)
    },
    requests,
    close,
    [Symbol.asyncDispose]: close,
  }
}
