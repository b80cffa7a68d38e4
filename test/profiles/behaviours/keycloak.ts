import { keycloak } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web, words } from './common.ts'

/** Its own word for a client that is gone, disabled, or asked about with another token. */
const gone = { status: 401, error: 'invalid_token' }

export const behaviour: ServerBehaviour = {
  seen: 'Keycloak 26.7.3 and 26.4.0, run on loopback, November 2026; its members also in OIDCClientRepresentation of 26.7.3.',
  takes: web,
  knows: words(
    'token_endpoint_auth_signing_alg scope jwks_uri jwks sector_identifier_uri subject_type id_token_signed_response_alg ' +
      'userinfo_signed_response_alg request_object_signing_alg default_acr_values request_uris ' +
      'tls_client_certificate_bound_access_tokens tls_client_auth_subject_dn dpop_bound_access_tokens ' +
      'post_logout_redirect_uris backchannel_logout_uri backchannel_logout_session_required ' +
      'backchannel_logout_revoke_offline_tokens backchannel_token_delivery_mode ' +
      'backchannel_client_notification_endpoint authorization_signed_response_alg ' +
      'require_pushed_authorization_requests frontchannel_logout_uri frontchannel_logout_session_required',
  ),
  others: 'refused',
  refuses: ['token_endpoint_auth_method=self_signed_tls_client_auth'],
  alters: words(
    'application_type contacts software_id software_version default_max_age require_auth_time initiate_login_uri logo_uri ' +
      'tos_uri policy_uri',
  ),
  derives: {
    post_logout_redirect_uris: { from: 'redirect_uris' },
    backchannel_logout_session_required: { value: false },
    scope: { value: 'address phone organization offline_access microprofile-jwt' },
  },
  keepsLeftOut: true,
  management: { rotates: ['update'] },
  token: { ...usualToken, wrongSecret: { status: 401, error: 'unauthorized_client' } },
  refusals: [
    { operation: 'register', status: 403, error: 'insufficient_scope' },
    { operation: 'update', status: 403, error: 'insufficient_scope' },
    { operation: 'token', status: 401, error: 'unauthorized_client' },
    { operation: 'read', ...gone },
    { operation: 'update', ...gone },
    { operation: 'delete', ...gone },
    { operation: 'update', status: 500 },
  ],
  refusesPages: true,
}

export const profile = keycloak
