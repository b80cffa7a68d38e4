// A chat client registers with a homeserver: Matrix 1.15, section OAuth 2.0 API. The homeserver tells where, and each needs a
// registration of its own, which the manager keeps by issuer.
import type { AuthorizationServer, RegistrationStore } from '@registrant/node'
import { RegistrationManager } from '@registrant/node'

export async function matrixManager(homeserver: string, store: RegistrationStore): Promise<RegistrationManager> {
  const answer = await fetch(`${homeserver}/_matrix/client/v1/auth_metadata`, { redirect: 'error' })
  const server: AuthorizationServer = await answer.json()
  return new RegistrationManager({
    server,
    application: 'chatter',
    metadata: {
      application_type: 'native',
      client_name: 'Chatter',
      client_uri: 'https://chatter.example',
      logo_uri: 'https://chatter.example/logo.png',
      policy_uri: 'https://chatter.example/privacy',
      tos_uri: 'https://chatter.example/terms',
      // An app scheme is the client_uri's host turned round, without an authority.
      redirect_uris: ['example.chatter:/callback', 'http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    store,
  })
}
