import { oidcProvider } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web, words } from './common.ts'

export const behaviour: ServerBehaviour = {
  seen: 'oidc-provider 9.13.3, run on loopback with and without registrationManagement, November 2026; its members also in its sources.',
  takes: web,
  knows: words(
    'logo_uri tos_uri policy_uri contacts jwks jwks_uri application_type subject_type id_token_signed_response_alg ' +
      'default_max_age require_auth_time initiate_login_uri post_logout_redirect_uris dpop_bound_access_tokens ' +
      'require_pushed_authorization_requests response_modes scope',
  ),
  others: 'ignored',
  management: { rotates: ['update'] },
  token: usualToken,
  refusals: [
    { operation: 'update', status: 404 },
    { operation: 'delete', status: 404 },
  ],
  refusesPages: true,
}

export const profile = oidcProvider
