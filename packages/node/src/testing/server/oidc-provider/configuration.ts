import { generateKeyPair, randomBytes } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { promisify } from 'node:util'

import type { ClientMetadata, Configuration, KoaContextWithOIDC } from 'oidc-provider'

import type { OidcProviderServerOptions, Registrar } from '../options.ts'

/** The policy that each registration is put under. */
export const policy = 'as-asked'

const redirectGrants = ['authorization_code', 'implicit']

export async function configurationOf(
  options: OidcProviderServerOptions,
  registrar: Registrar,
): Promise<Configuration> {
  const { open = true, management = true, rotate = 'never', tokenLifetime = 3600, secretLifetime } = options
  const { renewSecretOnUpdate = false, cors = true, scopes = ['profile', 'email'] } = options
  const { features, clients, ...further }: Configuration = options.configuration ?? {}
  const known = ['openid', 'offline_access', 'register', ...scopes]

  const asAsked = (ctx: KoaContextWithOIDC, properties: ClientMetadata): void => {
    // Without this the default response type, `code`, would bring a grant that was not asked for.
    const grants = properties.grant_types
    if (grants !== undefined && !grants.some((grant) => redirectGrants.includes(grant)))
      properties.response_types ??= []
    if (secretLifetime === undefined || properties.client_secret === undefined) return
    if (ctx.method === 'POST' || renewSecretOnUpdate)
      properties.client_secret_expires_at = Math.floor(Date.now() / 1000) + secretLifetime
  }

  return {
    clients: [firstClient(registrar), ...(clients ?? [])],
    clientAuthMethods: ['client_secret_basic', 'client_secret_jwt', 'client_secret_post', 'private_key_jwt', 'none'],
    scopes: known,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      registration: { enabled: true, initialAccessToken: true, policies: { [policy]: asAsked } },
      registrationManagement: { enabled: management, rotateRegistrationAccessToken: rotate === 'update' },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: known.join(' '),
          audience: resource,
          accessTokenFormat: 'opaque',
        }),
        useGrantedResource: () => true,
      },
      ...features,
    },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    routes: { registration: '/register', token: '/token' },
    ttl: {
      ClientCredentials: tokenLifetime,
      AccessToken: tokenLifetime,
      Interaction: 600,
      Grant: 86_400,
      Session: 86_400,
      RefreshToken: 86_400,
      IdToken: 3600,
    },
    clientBasedCORS: () => open && cors,
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    jwks: { keys: await signingKeys() },
    ...further,
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

let keys: Promise<JsonWebKey[]> | undefined

/** Keys, made once in a process: making an RSA key takes its time, and a client that names no algorithm gets RS256. */
function signingKeys(): Promise<JsonWebKey[]> {
  const make = promisify(generateKeyPair)
  keys ??= Promise.all([
    make('rsa', { modulusLength: 2048 }).then(({ privateKey }) => [privateKey, 'RS256'] as const),
    make('ec', { namedCurve: 'P-256' }).then(({ privateKey }) => [privateKey, 'ES256'] as const),
    make('ed25519').then(({ privateKey }) => [privateKey, 'EdDSA'] as const),
  ]).then((made) => made.map(([key, alg]) => ({ ...key.export({ format: 'jwk' }), alg, use: 'sig', kid: alg })))
  return keys
}
