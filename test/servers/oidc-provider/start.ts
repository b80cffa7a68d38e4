import { startTestServer } from '@registrant/node/testing'
import type { OidcProviderServer as PublicServer, Registrar } from '@registrant/node/testing'
import { Provider } from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'

import { collectCanaries } from '../canaries.ts'
import { BoundTokens } from './bound-token.ts'
import { basicRegistrar, furtherConfiguration } from './configuration.ts'
import type { OidcProviderOptions } from './configuration.ts'

export interface OidcProviderServer extends PublicServer {
  readonly provider: Provider
  /** The right to register, for HTTP Basic, with credentials that have to be encoded. */
  readonly basicRegistrar: Registrar
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
  const { open = false, rotation = true, tokenLifetime = 600, secretLifetime, renewSecretOnUpdate, tls } = options
  const canaries = collectCanaries()
  const server = await startTestServer({
    engine: 'oidc-provider',
    open,
    rotate: rotation ? 'update' : 'never',
    tokenLifetime,
    secretLifetime,
    renewSecretOnUpdate,
    tls,
    scopes: options.scopes ?? ['profile', 'email', 'orders:read', 'orders:write'],
    configuration: { ...furtherConfiguration(options) },
    onRequest: () => server.secrets().forEach((secret) => canaries.remember(secret)),
  })
  const { provider } = server
  if (!(provider instanceof Provider)) throw new Error('another oidc-provider was started than is installed here')
  if (!open) provider.use(admissionOfBound(provider, new BoundTokens(options.dpop === 'nonce')))
  return {
    ...server,
    provider,
    basicRegistrar,
    failForTokens: (fails) => (fails ? server.unavailable('token') : server.recover()),
  }
}

/** Lets a client register whose token is bound to a key, under the scheme `DPoP` and with a proof. */
function admissionOfBound(provider: Provider, bound: BoundTokens) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const [, presented = ''] = /^DPoP (\S+)$/i.exec(ctx.get('authorization')) ?? []
    const token =
      ctx.method === 'POST' && ctx.path === '/register' ? await provider.ClientCredentials.find(presented) : undefined
    if (token?.jkt === undefined || token.scope?.split(' ').includes('register') !== true) return next()
    const fault = await bound.fault(ctx, presented, token.jkt)
    if (fault === undefined) {
      const admission = await new provider.InitialAccessToken({ expiresIn: 60, policies: ['as-asked'] }).save()
      ctx.req.headers.authorization = `Bearer ${admission}`
      return next()
    }
    ctx.status = 401
    ctx.set('www-authenticate', `DPoP error="${fault}"`)
    if (fault === 'use_dpop_nonce') ctx.set('dpop-nonce', bound.nonce ?? '')
  }
}
