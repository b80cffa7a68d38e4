// A service at Keycloak: the initial access token that an administrator made registers one client, and is not needed again.
import { readFile } from 'node:fs/promises'

import { RegistrationManager, fileStore } from '@registrant/node'
import { keycloak } from '@registrant/node/profiles'

/** `issuer`: with the realm, as in https://keycloak.example/realms/shop. */
export const managerAt = (issuer: string, paths: { token: string; store: string }): RegistrationManager =>
  new RegistrationManager({
    issuer,
    // Read when one is needed, and never stored.
    accessToken: async () => (await readFile(paths.token, 'utf8')).trim(),
    application: 'orders',
    metadata: {
      redirect_uris: ['https://orders.example/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    store: fileStore(paths.store),
    profile: keycloak,
  })
