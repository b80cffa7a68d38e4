import { hydra } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web, words } from './common.ts'

export const behaviour: ServerBehaviour = {
  seen: 'Ory Hydra 2.3.0, run on loopback, November 2026; its members also in its sources.',
  takes: web,
  knows: words(
    'scope audience owner policy_uri allowed_cors_origins tos_uri logo_uri contacts subject_type sector_identifier_uri jwks_uri ' +
      'jwks token_endpoint_auth_signing_alg request_uris request_object_signing_alg userinfo_signed_response_alg ' +
      'frontchannel_logout_uri frontchannel_logout_session_required post_logout_redirect_uris backchannel_logout_uri ' +
      'backchannel_logout_session_required authorization_code_grant_access_token_lifespan ' +
      'client_credentials_grant_access_token_lifespan',
  ),
  others: 'ignored',
  refuses: ['metadata', 'access_token_strategy', 'skip_consent=true', 'skip_logout_consent=true'],
  registration: { path: '/oauth2/register', announced: false },
  management: { rotates: ['update'] },
  token: { ...usualToken, audience: 'token_endpoint' },
  refusals: [
    { operation: 'register', status: 404 },
    { operation: 'read', status: 401 },
    { operation: 'update', status: 401 },
    { operation: 'delete', status: 401 },
  ],
  refusesPages: true,
}

export const profile = hydra
