import { memoryStore, RegistrationManager } from '@registrant/node'
import type { ManagerOptions, RegistrationRequest } from '@registrant/node'
import { oauth4webapi, oidcClientTs, openidClient, whenRejected } from '@registrant/node/handover'
import { startOidcProvider } from '@registrant/test/servers'
import type { OidcProviderServer } from '@registrant/test/servers'
import * as oauth from 'oauth4webapi'
import { OidcClient } from 'oidc-client-ts'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { signIn } from '../support/sign-in.ts'

const redirectUri = 'https://orders.example/callback'
const web: RegistrationRequest = { redirect_uris: [redirectUri], grant_types: ['authorization_code'] }
let server: OidcProviderServer

beforeAll(async () => (server = await startOidcProvider({ open: true })))
afterAll(() => server.close())

function manage(
  metadata: RegistrationRequest,
  options: Partial<Pick<ManagerOptions, 'keys'>> = {},
): RegistrationManager {
  return new RegistrationManager({
    issuer: server.issuer,
    application: 'orders',
    metadata: { ...web, ...metadata },
    store: memoryStore(),
    forgetDelay: 0,
    ...options,
  })
}

/** Signs a user in by authorization code and PKCE; resolves to who that is. */
async function byOpenidClient(manager: RegistrationManager): Promise<string | undefined> {
  const config = new client.Configuration(...(await openidClient(manager)))
  client.allowInsecureRequests(config)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const tokens = await client.authorizationCodeGrant(config, await signIn(url, redirectUri), { pkceCodeVerifier })
  return tokens.claims()?.sub
}

async function byOauth4webapi(manager: RegistrationManager): Promise<string | undefined> {
  const { as, client: kept, clientAuth } = await oauth4webapi(manager)
  const verifier = oauth.generateRandomCodeVerifier()
  const url = new URL(as.authorization_endpoint ?? '')
  const asked = {
    client_id: kept.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  const parameters = oauth.validateAuthResponse(as, kept, await signIn(url, redirectUri), oauth.expectNoState)
  const insecure = { [oauth.allowInsecureRequests]: true }
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    kept,
    clientAuth,
    parameters,
    redirectUri,
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(as, kept, response, { requireIdToken: true })
  return oauth.getValidatedIdTokenClaims(tokens)?.sub
}

async function byOidcClientTs(manager: RegistrationManager): Promise<string | undefined> {
  const users = new OidcClient({ authority: server.issuer, ...oidcClientTs(await manager.ensure()) })
  const { url } = await users.createSigninRequest({})
  const { profile } = await users.processSigninResponse((await signIn(url, redirectUri)).href)
  return profile.sub
}

type Program = (manager: RegistrationManager) => Promise<string | undefined>

const secrets = ['client_secret_basic', 'client_secret_post', 'none'] as const

describe.each<[string, Program]>([
  ['openid-client', byOpenidClient],
  ['oauth4webapi', byOauth4webapi],
  ['oidc-client-ts', byOidcClientTs],
])('a program on %s signs a user in', (name, program) => {
  test.each(secrets)('as a client of %s', async (token_endpoint_auth_method) => {
    await using manager = manage({ token_endpoint_auth_method })
    expect(await program(manager)).toBe('user')
  })

  test('with managed keys, where the library knows of keys', async () => {
    await using manager = manage({}, { keys: {} })
    if (name === 'oidc-client-ts') await expect(program(manager)).rejects.toMatchObject({ code: 'unsupported' })
    else expect(await program(manager)).toBe('user')
  })

  test('again, without a restart, after the client was deleted at the server', async () => {
    await using manager = manage({ token_endpoint_auth_method: 'client_secret_post' })
    expect(await program(manager)).toBe('user')
    const rejected = await manager.ensure()
    server.forget()
    expect(await whenRejected(manager, { error: 'invalid_client' }, rejected)).toBe(true)
    expect(await program(manager)).toBe('user')
  })
})
