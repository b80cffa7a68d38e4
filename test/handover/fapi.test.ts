import { memoryStore, RegistrationManager } from '@registrant/node'
import { oauth4webapi, openidClient, whenRejected } from '@registrant/node/handover'
import { generateClientKeys } from '@registrant/node/keys'
import type { ClientKeys } from '@registrant/node/keys'
import { startTestServer } from '@registrant/node/testing'
import type { OidcProviderServer } from '@registrant/node/testing'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { signIn } from '../support/sign-in.ts'

const redirectUri = 'https://bank.example/callback'
let server: OidcProviderServer

/** A server of the FAPI 2.0 security profile: requests are signed and pushed, and tokens are bound to a key. */
beforeAll(async () => {
  const features = {
    fapi: { enabled: true, profile: '2.0' },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    requestObjects: { enabled: true, requireSignedRequestObject: true },
    dPoP: { enabled: true },
  }
  server = await startTestServer({ engine: 'oidc-provider', configuration: { features } })
})
afterAll(() => server.close())

/** The application's own keys, beside the one that the manager keeps. */
let signing: ClientKeys
let binding: ClientKeys

beforeEach(async () => {
  signing = await generateClientKeys()
  binding = await generateClientKeys()
})

const manage = (): RegistrationManager =>
  new RegistrationManager({
    issuer: server.issuer,
    application: 'bank',
    metadata: {
      redirect_uris: [redirectUri],
      jwks: { keys: [signing.publicJwk] },
      request_object_signing_alg: 'ES256',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      id_token_signed_response_alg: 'ES256',
    },
    keys: {},
    store: memoryStore(),
    forgetDelay: 0,
  })

/** Signs a user in, and asks who that is. `signer` signs the request. */
async function byOpenidClient(manager: RegistrationManager, signer: ClientKeys): Promise<string> {
  const config = new client.Configuration(...(await openidClient(manager)))
  client.allowInsecureRequests(config)
  const DPoP = client.getDPoPHandle(config, binding)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const asked = {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  }
  const key = { key: signer.privateKey, kid: signer.kid }
  const { searchParams } = await client.buildAuthorizationUrlWithJAR(config, asked, key)
  const url = await client.buildAuthorizationUrlWithPAR(config, searchParams, { DPoP })
  const back = await signIn(url, redirectUri)
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier }, {}, { DPoP })
  expect(tokens.token_type).toBe('dpop')
  const { sub } = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '', { DPoP })
  return sub
}

async function byOauth4webapi(manager: RegistrationManager, signer: ClientKeys): Promise<string> {
  const { as, client: kept, clientAuth } = await oauth4webapi(manager)
  const options = { DPoP: oauth.DPoP({}, binding), [oauth.allowInsecureRequests]: true }
  const verifier = oauth.generateRandomCodeVerifier()
  const asked = {
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  const key = { key: signer.privateKey, kid: signer.kid }
  const request = await oauth.issueRequestObject(as, kept, asked, key)
  const pushed = await oauth.pushedAuthorizationRequest(as, kept, clientAuth, { request }, options)
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, kept, pushed)
  const url = new URL(as.authorization_endpoint ?? '')
  url.search = new URLSearchParams({ client_id: kept.client_id, request_uri }).toString()
  const back = oauth.validateAuthResponse(as, kept, await signIn(url, redirectUri), oauth.expectNoState)
  const grant = oauth.authorizationCodeGrantRequest
  const answer = await grant(as, kept, clientAuth, back, redirectUri, verifier, options)
  const tokens = await oauth.processAuthorizationCodeResponse(as, kept, answer, { requireIdToken: true })
  expect(tokens.token_type).toBe('dpop')
  const info = await oauth.userInfoRequest(as, kept, tokens.access_token, options)
  const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? ''
  return (await oauth.processUserInfoResponse(as, kept, subject, info)).sub
}

describe.each([
  ['openid-client', byOpenidClient],
  ['oauth4webapi', byOauth4webapi],
])('a FAPI client on %s, proven by a key that the manager keeps', (_, program) => {
  test('signs its requests by a key of its own, pushes them, and binds its tokens to a third', async () => {
    await using manager = manage()
    expect(await program(manager, signing)).toBe('user')
    const { client_id } = await manager.ensure()
    const [managed] = (await manager.status()).jwks?.keys ?? []
    const keys = [{ kid: managed?.kid }, { kid: signing.kid }]
    expect(server.registration(client_id)).toMatchObject({ jwks: { keys } })
    expect(server.requests.map(({ path }) => path)).toContain('/request')
  })

  test('goes on when the managed key is another, its own one untouched', async () => {
    await using manager = manage()
    await program(manager, signing)
    await manager.rotate()
    expect((await manager.status()).jwks?.keys).toHaveLength(2)
    expect(await program(manager, signing)).toBe('user')
  })

  test('is refused with a request that a key signed which it has not published', async () => {
    await using manager = manage()
    const error = await program(manager, await generateClientKeys()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ error: 'invalid_request_object' })
    expect(await whenRejected(manager, error)).toBe(false)
  })

  test('signs in again, with the same key of its own, after the server forgot it', async () => {
    await using manager = manage()
    await program(manager, signing)
    server.forget()
    const error = await program(manager, signing).catch((thrown: unknown) => thrown)
    expect(await whenRejected(manager, error)).toBe(true)
    expect(await program(manager, signing)).toBe('user')
  })
})
