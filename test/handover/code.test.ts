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

/** Signs a user in by authorization code and PKCE; resolves to who that is. `meanwhile` happens before the code is used. */
type Program = (manager: RegistrationManager, meanwhile?: () => void) => Promise<string | undefined>

const nothing = (): void => undefined

const byOpenidClient: Program = async (manager, meanwhile = nothing) => {
  const config = new client.Configuration(...(await openidClient(manager)))
  client.allowInsecureRequests(config)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const back = await signIn(url, redirectUri)
  meanwhile()
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier })
  return tokens.claims()?.sub
}

const byOauth4webapi: Program = async (manager, meanwhile = nothing) => {
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
  meanwhile()
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

const byOidcClientTs: Program = async (manager, meanwhile = nothing) => {
  const users = new OidcClient({ authority: server.issuer, ...oidcClientTs(await manager.ensure()) })
  const { url } = await users.createSigninRequest({})
  const back = await signIn(url, redirectUri)
  meanwhile()
  const { profile } = await users.processSigninResponse(back.href)
  return profile.sub
}

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

  test.each(secrets)(
    'again, without a restart, after the client of %s was deleted while the user signed in',
    async (token_endpoint_auth_method) => {
      await using manager = manage({ token_endpoint_auth_method })
      const { client_id } = await manager.ensure()
      const error = await program(manager, () => server.forget()).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      expect(await whenRejected(manager, error)).toBe(true)
      expect(await program(manager)).toBe('user')
      expect((await manager.ensure()).client_id).not.toBe(client_id)
    },
  )
})
