import { communitySolidServer } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web, words } from './common.ts'

export const behaviour: ServerBehaviour = {
  seen: 'Community Solid Server 7.2.0, run on loopback with its file configuration, November 2026.',
  takes: web,
  knows: words(
    'logo_uri tos_uri policy_uri contacts scope jwks jwks_uri application_type subject_type default_max_age require_auth_time ' +
      'initiate_login_uri post_logout_redirect_uris dpop_bound_access_tokens require_pushed_authorization_requests ' +
      'response_modes',
  ),
  others: 'ignored',
  refuses: ['token_endpoint_auth_signing_alg', 'default_acr_values', 'id_token_signed_response_alg=RS256'],
  management: { lacks: { update: { status: 404 }, delete: { status: 404 } } },
  token: usualToken,
}

export const profile = communitySolidServer
