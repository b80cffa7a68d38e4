import { workersOauthProvider } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web, words } from './common.ts'

export const behaviour: ServerBehaviour = {
  seen: 'workers-oauth-provider 1.2.3, run on loopback outside of its workers, November 2026.',
  takes: web,
  knows: words('client_name# logo_uri tos_uri policy_uri contacts jwks_uri'),
  others: 'ignored',
  refuses: [
    'grant_types=client_credentials',
    'token_endpoint_auth_method=client_secret_jwt',
    'token_endpoint_auth_method=private_key_jwt',
    'token_endpoint_auth_method=tls_client_auth',
    'token_endpoint_auth_method=self_signed_tls_client_auth',
  ],
  management: { by: 'none' },
  token: usualToken,
}

export const profile = workersOauthProvider
