import { oidcClientTs } from '@registrant/browser/handover'
import { OidcClient } from 'oidc-client-ts'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const authority = 'https://as.example'
const page = {
  client_id: 'page',
  redirect_uris: ['https://app.example/callback', 'https://app.example/silent'],
  token_endpoint_auth_method: 'none',
}

describe('oidc-client-ts takes a registration as its settings', () => {
  test('with the first redirect URI, and with its own defaults for what is not registered', () => {
    expect(oidcClientTs(page)).toEqual({ client_id: 'page', redirect_uri: 'https://app.example/callback' })
    const { settings } = new OidcClient({ authority, ...oidcClientTs(page) })
    expect(settings).toMatchObject({ client_id: 'page', response_type: 'code', scope: 'openid' })
  })

  test('with scope, response type and the address after signing out, where they are registered', () => {
    const more = {
      scope: 'openid orders:read',
      response_types: ['code'],
      post_logout_redirect_uris: ['https://app.example/'],
    }
    expect(oidcClientTs({ ...page, ...more })).toMatchObject({
      scope: 'openid orders:read',
      response_type: 'code',
      post_logout_redirect_uri: 'https://app.example/',
    })
  })

  test('without what manages the client', () => {
    const told = oidcClientTs({ ...page, registration_access_token: 'manages', registration_client_uri: authority })
    expect(JSON.stringify(told)).not.toMatch(/registration_/)
  })

  test.each([
    ['client_secret_basic', 'client_secret_basic'],
    ['client_secret_post', 'client_secret_post'],
    ['client_secret_jwt', 'client_secret_jwt'],
    [undefined, 'client_secret_basic'],
  ])('with a secret of %s', (token_endpoint_auth_method, client_authentication) => {
    const { token_endpoint_auth_method: _, ...rest } = page
    const registration = {
      ...rest,
      client_secret: 'secret',
      ...(token_endpoint_auth_method && { token_endpoint_auth_method }),
    }
    expect(oidcClientTs(registration)).toMatchObject({ client_secret: 'secret', client_authentication })
  })

  test('with the algorithm that an assertion is to be signed with', () => {
    const registration = { ...page, client_secret: 'secret', token_endpoint_auth_method: 'client_secret_jwt' }
    expect(oidcClientTs({ ...registration, token_endpoint_auth_signing_alg: 'HS512' })).toMatchObject({
      token_endpoint_auth_signing_alg: 'HS512',
    })
  })

  test.each([
    { ...page, token_endpoint_auth_method: 'private_key_jwt' },
    { ...page, token_endpoint_auth_method: 'tls_client_auth' },
    { ...page, redirect_uris: [] },
    { client_id: 'page' },
  ])('unless it could not use the client: $token_endpoint_auth_method, $redirect_uris', async (registration) => {
    expect(await failure((async () => oidcClientTs(registration))())).toMatchObject({ code: 'unsupported' })
  })

  test('with redirect URIs that are declared, where the server does not repeat them', async () => {
    const { redirect_uris, ...little } = page
    const error = await failure((async () => oidcClientTs(little))())
    expect(error.message).toContain('oidcClientTs({ ...registration, redirect_uris })')
    expect(oidcClientTs({ ...little, redirect_uris })).toMatchObject({ redirect_uri: redirect_uris[0] })
  })
})
