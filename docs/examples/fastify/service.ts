// A Fastify service: it has its client before it listens, keeps watching, and goes on when the server refuses the client.
import type { RegistrationManager } from '@registrant/node'
import { openidClient, whenRejected } from '@registrant/node/handover'
import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { allowInsecureRequests, clientCredentialsGrant, Configuration } from 'openid-client'

export async function buildService(manager: RegistrationManager): Promise<FastifyInstance> {
  const app = fastify()

  /** A token by the client that is stored now. */
  async function requestToken(): Promise<string> {
    const configuration = new Configuration(...(await openidClient(manager)))
    // The manager asks http on this machine alone, as tests do.
    if (configuration.serverMetadata().issuer.startsWith('http:')) allowInsecureRequests(configuration)
    return (await clientCredentialsGrant(configuration)).access_token
  }

  async function token(): Promise<string> {
    try {
      return await requestToken()
    } catch (error) {
      // It says whether the request is worth repeating: it is as soon as there are other credentials.
      if (await whenRejected(manager, error)) return requestToken()
      throw error
    }
  }

  const stop = new AbortController()
  let watching: Promise<void> | undefined
  app.addHook('onReady', async () => {
    await manager.ensure()
    watching = (async () => {
      // Renews in time, and hears of what another replica did.
      for await (const { client_id } of manager.watch({ signal: stop.signal })) app.log.info({ client_id }, 'in use')
    })()
  })
  app.addHook('onClose', async () => {
    stop.abort()
    await watching
    await manager.close() // what has begun comes to its end: no answer is lost
  })
  app.get('/orders', async () => ({ sentWith: `Bearer ${(await token()).slice(0, 4)}…` }))
  return app
}
