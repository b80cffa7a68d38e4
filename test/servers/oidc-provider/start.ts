import { Provider } from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

import { collectCanaries } from '../canaries.ts'
import type { Registrar, SeenRequest, TestServer } from '../test-server.ts'
import { listen } from '../test-server.ts'
import { Memory } from './adapter.ts'
import { BoundTokens } from './bound-token.ts'
import type { Asked } from './bound-token.ts'
import { basicRegistrar, configuration, policy, registrar } from './configuration.ts'
import type { OidcProviderOptions } from './configuration.ts'

export interface OidcProviderServer extends TestServer {
  /** The client that may register others; its credentials travel in the body. */
  readonly registrar: Registrar
  /** The same right, for HTTP Basic, with credentials that have to be encoded. */
  readonly basicRegistrar: Registrar
  /** What the server holds of a client. */
  registration(clientId: string): object | undefined
  /** From now on its token endpoint answers 503, or as ever. */
  failForTokens(fails: boolean): void
}

/**
 * Starts oidc-provider, a real and certified authorization server, in this process.
 *
 * Its rule is that of SimpleIdServer's page: an access token of grant `client_credentials` with scope `register` is
 * what authorizes `POST /register`, under the scheme `DPoP` and with a proof where it is bound to a key. Registrations can be read, updated and deleted (RFC 7592).
 */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<OidcProviderServer> {
  let answer: ReturnType<Provider['callback']> | undefined
  const { url, close } = await listen((request, response) => void answer?.(request, response), options.tls)
  const memory = new Memory()
  const provider = new Provider(url, { ...(await configuration(options)), adapter: memory.adapter })
  const canaries = collectCanaries()
  const requests: SeenRequest[] = []
  const bound = new BoundTokens(options.dpop === 'nonce')

  provider.use(async (ctx, next) => {
    const seen: SeenRequest = { method: ctx.method, path: ctx.url, status: 0 }
    requests.push(seen)
    await next()
    canaries.rememberFrom(ctx.body)
    seen.status = ctx.status
  })
  let fails = false
  provider.use(async (ctx, next) => {
    if (!fails || ctx.path !== '/token') return next()
    ctx.status = 503
    return undefined
  })
  if (options.open === true) provider.use(anyOrigin)
  provider.use(async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== '/register') return next()
    const fault = options.open === true ? undefined : await refusal(ctx)
    if (fault === 'invalid_token') return next()
    if (fault === undefined) {
      ctx.req.headers.authorization = `Bearer ${await admission()}`
      return next()
    }
    ctx.status = 401
    ctx.set('www-authenticate', `DPoP error="${fault}"`)
    if (fault === 'use_dpop_nonce') ctx.set('dpop-nonce', bound.nonce ?? '')
    return undefined
  })
  answer = provider.callback()

  /** oidc-provider issues the tokens that authorize a registration itself, so we ask it about ours. */
  async function refusal(ctx: Asked): Promise<string | undefined> {
    const [, scheme, presented = ''] = /^(Bearer|DPoP) (\S+)$/i.exec(ctx.get('authorization')) ?? []
    const token = await provider.ClientCredentials.find(presented)
    const isOurs = token?.scope?.split(' ').includes('register') === true
    const isUnderItsScheme = (token?.jkt === undefined ? 'Bearer' : 'DPoP') === scheme
    if (!isOurs || !isUnderItsScheme) return 'invalid_token'
    return token.jkt === undefined ? undefined : bound.fault(ctx, presented, token.jkt)
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
    registration: (clientId) => clients.get(clientId),
    secrets: () => canaries.all(),
    forget: (clientId) => void clients.delete(clientId),
    failForTokens: (wanted) => void (fails = wanted),
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
