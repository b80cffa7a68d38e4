import { simpleIdServer } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { web, words } from './common.ts'

const { client_name: _, client_uri: __, ...takes } = web

export const behaviour: ServerBehaviour = {
  seen: 'SimpleIdServer 4.0.4-rc1 and 7.0.0-rc2, built from their sources and run on loopback.',
  takes: { ...takes, token_endpoint_auth_method: 'client_secret_post' },
  knows: words(
    'application_type scope client_name# client_uri# logo_uri# tos_uri# policy_uri# sector_identifier_uri subject_type ' +
      'initiate_login_uri default_max_age require_auth_time default_acr_values token_signed_response_alg ' +
      'id_token_signed_response_alg userinfo_signed_response_alg request_object_signing_alg ' +
      'authorization_signed_response_alg dpop_bound_access_tokens authorization_data_types post_logout_redirect_uris ' +
      'credential_offer_endpoint frontchannel_logout_uri frontchannel_logout_session_required backchannel_logout_uri ' +
      'backchannel_logout_session_required backchannel_token_delivery_mode backchannel_user_code_parameter',
  ),
  others: 'fails',
  refuses: ['token_endpoint_auth_method=none'],
  alters: words('client_name client_uri logo_uri tos_uri policy_uri jwks_uri software_statement'),
  names: { authorization_details_types: 'authorization_data_types' },
  access: { refused: { status: 400, error: 'access_denied' }, bearerOnly: true },
  management: { addressIsWrong: true, lacks: { update: { status: 400, error: 'invalid_client_metadata' } } },
  token: {
    known: { status: 400, error: 'invalid_grant' },
    unknown: { status: 400, error: 'invalid_client' },
    basicIsRaw: true,
  },
  refusals: [
    { operation: 'register', status: 400, error: 'access_denied' },
    { operation: 'register', status: 400, error: 'request_denied' },
    { operation: 'register', status: 500 },
    { operation: 'delete', status: 500 },
  ],
  refusesPages: true,
}

export const profile = simpleIdServer
