import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { NotSupportedError } from '../server-errors.ts'
import type { KeptClient } from './kept-client.ts'
import { authenticate, handOver } from './kept-client.ts'

/** Authenticates a request to the token endpoint, as oauth4webapi and openid-client call it. */
export type ClientAuth = (as: object, client: object, body: URLSearchParams, headers: Headers) => Promise<void>

/** The first arguments of oauth4webapi's functions, under the names in its documentation. */
export interface Oauth4webapi {
  /** The server's metadata, as the manager knows them: no second discovery. */
  as: AuthorizationServer
  /** The client, as it is stored now, without its secret, its management token and its management address. */
  client: RegistrationResponse
  /** Proves the client by the secret or managed key that is stored when the request is made. */
  clientAuth: ClientAuth
}

/**
 * Hands the kept client to oauth4webapi: server, client and client authentication, as they are stored now.
 *
 * Call this for each sign-in. With a good record it requests nothing but the server's metadata, once in a process, and a
 * replaced client is used at once. `clientAuth` reads the record for each request. The requests of a client that
 * authenticates by its certificate go to the server's mutual-TLS aliases, and so do those of a client that is declared to use
 * them (`use_mtls_endpoint_aliases`, `useMtlsEndpointAliases`); the library's `customFetch` presents the certificate.
 *
 * @example
 * ```ts
 * import { memoryStore, RegistrationManager } from '@registrant/core'
 * import { oauth4webapi } from '@registrant/core/handover'
 * import * as oauth from 'oauth4webapi'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
 *   store: memoryStore(),
 * })
 * const { as, client, clientAuth } = await oauth4webapi(manager)
 * const response = await oauth.clientCredentialsGrantRequest(as, client, clientAuth, {})
 * ```
 * @throws {InvalidRequestError} `manager` is none, such as a promise of one
 * @throws {RegistrationError} what `manager.ensure()` and `manager.server()` throw
 */
export async function oauth4webapi(manager: KeptClient): Promise<Oauth4webapi> {
  const client = await handOver(manager)
  const as = await manager.server()
  return {
    as,
    client: libraryClient(client, await asksAtAlias(manager, as)),
    clientAuth: (_as, _client, body, headers) => authenticate(manager, body, headers),
  }
}

/**
 * Whether the client's requests go to the server's mutual-TLS aliases, as its proof says: the server may not have repeated what
 * was declared, and the options count too. `undefined`: the server has no such alias, or the manager does not hold the proof.
 */
async function asksAtAlias(manager: KeptClient, as: AuthorizationServer): Promise<boolean | undefined> {
  if (as.mtls_endpoint_aliases?.['token_endpoint'] === undefined) return undefined
  try {
    return (await manager.authentication()).endpoint !== undefined
  } catch (error) {
    if (error instanceof NotSupportedError) return undefined
    throw error
  }
}

/**
 * Hands the kept client to openid-client: the arguments of its `Configuration`, as they are stored now.
 *
 * Make a configuration for each sign-in: with a good record that requests nothing but the server's metadata, once in a
 * process. Client authentication reads the record for each request, so that a configuration that you keep goes on with
 * another secret or key. This function replaces openid-client's `discovery()`.
 *
 * @example
 * ```ts
 * import { memoryStore, RegistrationManager } from '@registrant/core'
 * import { openidClient } from '@registrant/core/handover'
 * import * as client from 'openid-client'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
 *   store: memoryStore(),
 * })
 * const config = new client.Configuration(...(await openidClient(manager)))
 * const { access_token } = await client.clientCredentialsGrant(config)
 * ```
 * @throws {InvalidRequestError} `manager` is none, such as a promise of one
 * @throws {RegistrationError} what `manager.ensure()` and `manager.server()` throw
 */
export async function openidClient(
  manager: KeptClient,
): Promise<
  [server: AuthorizationServer, clientId: string, metadata: RegistrationResponse, clientAuthentication: ClientAuth]
> {
  const { as, client, clientAuth } = await oauth4webapi(manager)
  return [as, client.client_id, client, clientAuth]
}

/** The settings of oidc-client-ts that are about the client. */
export interface OidcClientTsSettings {
  client_id: string
  /** The first redirect URI that is registered; to use another, set it after these settings. */
  redirect_uri: string
  post_logout_redirect_uri?: string
  response_type?: string
  scope?: string
  client_secret?: string
  client_authentication?: 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt'
  token_endpoint_auth_signing_alg?: 'HS256' | 'HS384' | 'HS512'
}

/**
 * Makes the settings of oidc-client-ts from a registration: for its `UserManager` or `OidcClient`, together with `authority`.
 *
 * A member that the registration does not have is left out, so that the library's own default holds. Settings that are spread
 * after these override them. `metadata: await manager.server()` saves the library its own discovery.
 *
 * @example
 * ```ts
 * import { RegistrationClient } from '@registrant/core'
 * import { oidcClientTs } from '@registrant/core/handover'
 * import { UserManager } from 'oidc-client-ts'
 *
 * const issuer = 'https://as.example'
 * const client = new RegistrationClient({ issuer })
 * const registration = await client.register({
 *   redirect_uris: ['https://app.example/callback'],
 *   token_endpoint_auth_method: 'none',
 * })
 * const users = new UserManager({ authority: issuer, ...oidcClientTs(registration) })
 * ```
 * @throws {NotSupportedError} `unsupported`: the client authenticates in a way that oidc-client-ts can't, such as by a key, or
 *   it has no redirect URI
 */
export function oidcClientTs(registration: RegistrationResponse): OidcClientTsSettings {
  const { client_id, client_secret, scope, redirect_uris, post_logout_redirect_uris, response_types } = registration
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: alg } = registration
  const [redirect_uri] = redirect_uris ?? []
  if (redirect_uri === undefined)
    throw new NotSupportedError(
      'unsupported',
      'oidc-client-ts signs users in by a redirect, and this registration names no redirect URI. Declare redirect_uris; if they are declared, the server has not repeated them: give oidcClientTs({ ...registration, redirect_uris }).',
    )
  const proof: string = method === undefined && client_secret !== undefined ? 'client_secret_basic' : (method ?? 'none')
  const settings = {
    client_id,
    redirect_uri,
    post_logout_redirect_uri: post_logout_redirect_uris?.[0],
    response_type: response_types?.[0],
    scope,
  }
  if (proof === 'none') return stated(settings)
  if (!isBySecret(proof))
    throw new NotSupportedError(
      'unsupported',
      `oidc-client-ts can't authenticate by ${proof}. Declare token_endpoint_auth_method none, or use openid-client.`,
    )
  const [signed] = hmacs.filter((it) => proof === 'client_secret_jwt' && it === alg)
  return stated({
    ...settings,
    client_secret,
    client_authentication: proof,
    token_endpoint_auth_signing_alg: signed,
  })
}

const hmacs = ['HS384', 'HS512'] as const

type BySecret = NonNullable<OidcClientTsSettings['client_authentication']>

const isBySecret = (method: string): method is BySecret =>
  ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'].includes(method)

/** Leaves out the members that are `undefined`. */
function stated<T extends object>(value: T): { [Member in keyof T]: Exclude<T[Member], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as ReturnType<typeof stated<T>>
}

/** Leaves out `none`, which Ory Hydra answers for what it does not sign: a library would expect a signature. */
const signed = (alg: string | undefined): string | undefined => (alg === 'none' ? undefined : alg)

/** A registration without its secrets, listed ones too (SimpleIdServer 7); a client with a certificate uses the aliases. */
function libraryClient(registration: RegistrationResponse, isAtAlias: boolean | undefined): RegistrationResponse {
  const {
    client_secret: _secret,
    client_secrets: _secrets,
    client_secret_expires_at: _end,
    registration_access_token: _token,
    registration_client_uri: _uri,
    userinfo_signed_response_alg: userinfo,
    introspection_signed_response_alg: introspection,
    use_mtls_endpoint_aliases: usesAliases,
    ...metadata
  } = registration
  const byCertificate = metadata.token_endpoint_auth_method?.includes('tls_client_auth') === true
  return {
    ...metadata,
    client_id: registration.client_id,
    ...stated({
      userinfo_signed_response_alg: signed(userinfo),
      introspection_signed_response_alg: signed(introspection),
      use_mtls_endpoint_aliases: isAtAlias ?? (byCertificate || usesAliases),
    }),
  }
}
