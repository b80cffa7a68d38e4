import { betterAuth } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { web, words } from './common.ts'

const invalidGrant = { status: 400, error: 'invalid_grant' }

export const behaviour: ServerBehaviour = {
  seen: 'better-auth 1.7.5 with @better-auth/oauth-provider 1.7.5, run on loopback, November 2026.',
  takes: web,
  knows: words(
    'logo_uri tos_uri policy_uri contacts jwks software_id software_version software_statement application_type subject_type ' +
      'post_logout_redirect_uris backchannel_logout_uri backchannel_logout_session_required dpop_bound_access_tokens',
  ),
  others: 'ignored',
  refuses: [
    'skip_consent',
    'token_endpoint_auth_method=client_secret_jwt',
    'token_endpoint_auth_method=tls_client_auth',
    'token_endpoint_auth_method=self_signed_tls_client_auth',
  ],
  alters: ['scope', 'jwks_uri', 'grant_types=client_credentials'],
  management: { by: 'none' },
  token: { known: invalidGrant, unknown: invalidGrant },
  refusesPages: true,
}

export const profile = betterAuth
