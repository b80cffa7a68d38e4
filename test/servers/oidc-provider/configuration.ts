import { randomBytes } from 'node:crypto'

import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import type { ClientMetadata, Configuration, KoaContextWithOIDC } from 'oidc-provider'

import type { Registrar, TlsOptions } from '../test-server.ts'
import { mutualTls } from './mutual-tls.ts'

/** How the server behaves; the defaults are those of oidc-provider. */
export interface OidcProviderOptions {
  /** Everybody may register, without a token and from any origin (CORS). Default: a token with scope `register` is needed. */
  open?: boolean
  /** An update brings a new registration access token and ends the old one. Default: true. */
  rotation?: boolean
  /** Seconds after which a client secret stops working. Default: never. */
  secretLifetime?: number
  /** An update starts the secret's life anew. Default: false. */
  renewSecretOnUpdate?: boolean
  /** Seconds for which an access token is good. Default: 600. */
  tokenLifetime?: number
  /** Further clients that are there from the start, beside the two that may register others. */
  clients?: ClientMetadata[]
  /** Tokens can be bound to a key (RFC 9449); `nonce`: only a proof that holds a nonce of the server is good. */
  dpop?: 'plain' | 'nonce'
  /** It speaks TLS, and clients can authenticate by certificates of this authority (RFC 8705). */
  tls?: TlsOptions
  /** Clients may be described by documents of their own, which it fetches by this. Default: it takes none. */
  fetchDocument?: typeof fetch
  /** What a client may ask for, besides `register`. */
  scopes?: string[]
}

/** The client of SimpleIdServer's page: its credentials travel in the body. */
export const registrar: Registrar = { clientId: 'registerClient', clientSecret: 'password', scope: 'register' }

/** Another one, for HTTP Basic, whose credentials are wrong on the wire unless RFC 6749 section 2.3.1 is followed. */
export const basicRegistrar: Registrar = {
  clientId: 'register:client',
  clientSecret: 'p%ss word+:&',
  scope: 'register',
  authentication: 'client_secret_basic',
}

/** The policy that each registration is put under. */
export const policy = 'as-asked'

const methods = ['client_secret_basic', 'client_secret_jwt', 'client_secret_post', 'private_key_jwt', 'none'] as const

const redirectGrants = ['authorization_code', 'implicit']

export async function configuration(options: OidcProviderOptions): Promise<Configuration> {
  const { open = false, rotation = true, secretLifetime, renewSecretOnUpdate = false, tokenLifetime = 600 } = options
  const { clients = [], dpop, tls, fetchDocument } = options
  const { scopes = ['profile', 'email', 'orders:read', 'orders:write'] } = options

  const asAsked = (ctx: KoaContextWithOIDC, properties: ClientMetadata): void => {
    // Without this the default, `code`, would bring the grant that was not asked for.
    const grants = properties.grant_types
    if (grants !== undefined && !grants.some((grant) => redirectGrants.includes(grant)))
      properties.response_types ??= []
    if (secretLifetime === undefined || properties.client_secret === undefined) return
    if (ctx.method === 'POST' || renewSecretOnUpdate)
      properties.client_secret_expires_at = Math.floor(Date.now() / 1000) + secretLifetime
  }

  return {
    clients: [...[registrar, basicRegistrar].map(firstClient), ...clients],
    clientAuthMethods: [...methods, ...(tls ? ['tls_client_auth' as const] : [])],
    scopes: ['openid', 'offline_access', 'register', ...scopes],
    features: {
      dPoP: { enabled: dpop !== undefined, nonceSecret: randomBytes(32), requireNonce: () => dpop === 'nonce' },
      ...(tls && { mTLS: mutualTls }),
      ...(fetchDocument && { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } }),
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      registration: { enabled: true, initialAccessToken: true, policies: { [policy]: asAsked } },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: rotation },
    },
    ...(fetchDocument && { fetch: fetchDocument }),
    routes: { registration: '/register', token: '/token' },
    ttl: { ClientCredentials: tokenLifetime, Interaction: 3600 },
    renderError(ctx, { error }) {
      ctx.body = error
    },
    clientBasedCORS: () => open,
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    jwks: { keys: await signingKeys() },
  }
}

function firstClient({
  clientId,
  clientSecret,
  scope,
  authentication = 'client_secret_post',
}: Registrar): ClientMetadata {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    scope,
    token_endpoint_auth_method: authentication,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  }
}

let keys: Promise<JWK[]> | undefined

/** Made once in a process. RS256 is what a client gets that does not ask; making an RSA key takes its time. */
function signingKeys(): Promise<JWK[]> {
  const make = async (alg: string): Promise<JWK> => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true })
    return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg }
  }
  keys ??= Promise.all(['RS256', 'ES256', 'EdDSA'].map(make))
  return keys
}
