import { Provider } from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

import { collectCanaries } from '../canaries.ts'
import type { Registrar, SeenRequest, TestServer } from '../test-server.ts'
import { listen } from '../test-server.ts'
import { Memory } from './adapter.ts'
import { basicRegistrar, configuration, policy, registrar } from './configuration.ts'
import type { OidcProviderOptions } from './configuration.ts'

export interface OidcProviderServer extends TestServer {
  /** The client that may register others; its credentials travel in the body. */
  readonly registrar: Registrar
  /** The same right, for HTTP Basic, with credentials that have to be encoded. */
  readonly basicRegistrar: Registrar
}

/**
 * Starts oidc-provider, a real and certified authorization server, in this process.
 *
 * Its rule is that of SimpleIdServer's page: an access token of grant `client_credentials` with scope `register` is
 * what authorizes `POST /register`. Registrations can be read, updated and deleted (RFC 7592).
 */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<OidcProviderServer> {
  let answer: ReturnType<Provider['callback']> | undefined
  const { url, close } = await listen((request, response) => void answer?.(request, response))
  const memory = new Memory()
  const provider = new Provider(url, { ...(await configuration(options)), adapter: memory.adapter })
  const canaries = collectCanaries()
  const requests: SeenRequest[] = []

  provider.use(async (ctx, next) => {
    const seen: SeenRequest = { method: ctx.method, path: ctx.url, status: 0 }
    requests.push(seen)
    await next()
    canaries.rememberFrom(ctx.body)
    seen.status = ctx.status
  })
  if (options.open === true) provider.use(anyOrigin)
  provider.use(async (ctx, next) => {
    if (
      ctx.method === 'POST' &&
      ctx.path === '/register' &&
      (options.open === true || (await mayRegister(ctx.get('authorization'))))
    )
      ctx.req.headers.authorization = `Bearer ${await admission()}`
    await next()
  })
  answer = provider.callback()

  /** oidc-provider issues the tokens that authorize a registration itself, so we ask it about ours. */
  async function mayRegister(authorization: string): Promise<boolean> {
    const [, presented] = /^Bearer (\S+)$/i.exec(authorization) ?? []
    const token = presented === undefined ? undefined : await provider.ClientCredentials.find(presented)
    return token?.scope?.split(' ').includes('register') ?? false
  }

  /** And then hand it what it wants: an initial access token of its own, which also carries the policy. */
  async function admission(): Promise<string> {
    return new provider.InitialAccessToken({ expiresIn: 60, policies: [policy] }).save()
  }

  const clients = memory.of('Client')
  return {
    url,
    issuer: url,
    registrar,
    basicRegistrar,
    clients: () => clients.size,
    clientIds: () => [...clients.keys()],
    secrets: () => canaries.all(),
    forget: (clientId) => void clients.delete(clientId),
    requests,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** oidc-provider answers other origins at its token endpoint, never at the registration endpoint. */
function anyOrigin(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> | undefined {
  ctx.set('access-control-allow-origin', '*')
  ctx.set('access-control-expose-headers', 'www-authenticate, retry-after, date')
  if (ctx.method !== 'OPTIONS') return next()
  ctx.set('access-control-allow-methods', 'GET, POST, PUT, DELETE')
  ctx.set('access-control-allow-headers', ctx.get('access-control-request-headers') || '*')
  ctx.status = 204
  return undefined
}
