import { glewlwyd } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { web, words } from './common.ts'

export const behaviour: ServerBehaviour = {
  seen: 'glewlwyd 2.7.5 (Debian 12), run on loopback, November 2026; its members also in its sources.',
  takes: web,
  knows: words(
    'application_type contacts logo_uri policy_uri tos_uri jwks_uri jwks sector_identifier_uri post_logout_redirect_uris ' +
      'frontchannel_logout_uri backchannel_logout_uri request_object_signing_alg authorization_signed_response_alg ' +
      'backchannel_token_delivery_mode client_confidential resource access_token_signing_alg post_logout_redirect_uri',
  ),
  others: 'ignored',
  refuses: ['token_endpoint_auth_method=tls_client_auth', 'token_endpoint_auth_method=self_signed_tls_client_auth'],
  alters: ['scope'],
  token: {
    known: { status: 403, error: 'invalid_code' },
    unknown: { status: 403, error: 'unauthorized_client' },
  },
}

export const profile = glewlwyd
