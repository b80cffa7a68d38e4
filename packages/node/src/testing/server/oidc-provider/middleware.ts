import type { KoaContextWithOIDC, Provider } from 'oidc-provider'

import { policy } from './configuration.ts'

type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> | void

/** Lets pages of any origin ask: oidc-provider itself allows that at its token endpoint, never at the registration endpoint. */
export const anyOrigin: Middleware = (ctx, next) => {
  ctx.set('access-control-allow-origin', '*')
  ctx.set('access-control-expose-headers', 'www-authenticate, retry-after, date')
  if (ctx.method !== 'OPTIONS') return next()
  ctx.set('access-control-allow-methods', 'GET, POST, PUT, DELETE')
  ctx.set('access-control-allow-headers', ctx.get('access-control-request-headers') || '*')
  ctx.status = 204
  return undefined
}

/**
 * Lets a client register that may. oidc-provider wants an initial access token of its own for that, so the token of the
 * request is checked, and replaced by an initial access token, which carries the policy.
 */
export const admission =
  (provider: Provider, open: boolean): Middleware =>
  async (ctx, next) => {
    if (ctx.method === 'POST' && ctx.path === '/register' && (open || (await mayRegister(provider, ctx)))) {
      const token = await new provider.InitialAccessToken({ expiresIn: 60, policies: [policy] }).save()
      ctx.req.headers.authorization = `Bearer ${token}`
    }
    return next()
  }

async function mayRegister(provider: Provider, ctx: KoaContextWithOIDC): Promise<boolean> {
  const [, presented = ''] = /^Bearer (\S+)$/i.exec(ctx.get('authorization')) ?? []
  const token = await provider.ClientCredentials.find(presented)
  return token?.jkt === undefined && token?.scope?.split(' ').includes('register') === true
}

/** Signs in and agrees at once, in place of a person. */
export const signIn =
  (provider: Provider, accountId: string): Middleware =>
  async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next()
    const { params } = await provider.interactionDetails(ctx.req, ctx.res)
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
    const scope = typeof params['scope'] === 'string' ? params['scope'] : 'openid'
    grant.addOIDCScope(scope)
    for (const resource of [params['resource']].flat())
      if (typeof resource === 'string') grant.addResourceScope(resource, scope)
    const result = { login: { accountId }, consent: { grantId: await grant.save() } }
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false }))
    return undefined
  }
