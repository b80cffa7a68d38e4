import type { ServerProfile } from './server-profile.ts'

/**
 * oidc-provider (panva); seen at 9.13.3 (run, management on and off), members also in its sources. A server built on
 * it configures it: the features that are switched on decide which members count.
 *
 * Unknown members are ignored, and so are language tags, `software_id` and `software_version`. By default a client can be read,
 * and can't be updated or deleted (404): the manager then registers another client.
 */
export const oidcProvider: ServerProfile = {
  name: 'oidc-provider',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris grant_types response_types response_modes token_endpoint_auth_method token_endpoint_auth_signing_alg ' +
    'application_type scope client_name client_uri logo_uri tos_uri policy_uri contacts jwks jwks_uri ' +
    'sector_identifier_uri subject_type default_max_age require_auth_time default_acr_values initiate_login_uri ' +
    'post_logout_redirect_uris backchannel_logout_uri backchannel_logout_session_required ' +
    'id_token_signed_response_alg id_token_encrypted_response_alg id_token_encrypted_response_enc ' +
    'userinfo_signed_response_alg userinfo_encrypted_response_alg userinfo_encrypted_response_enc ' +
    'introspection_signed_response_alg introspection_encrypted_response_alg introspection_encrypted_response_enc ' +
    'authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc ' +
    'request_object_signing_alg request_object_encryption_alg request_object_encryption_enc require_signed_request_object ' +
    'require_pushed_authorization_requests dpop_bound_access_tokens tls_client_certificate_bound_access_tokens ' +
    'tls_client_auth_subject_dn tls_client_auth_san_dns tls_client_auth_san_uri tls_client_auth_san_ip ' +
    'tls_client_auth_san_email use_mtls_endpoint_aliases authorization_details_types backchannel_token_delivery_mode ' +
    'backchannel_client_notification_endpoint backchannel_authentication_request_signing_alg backchannel_user_code_parameter'
  ).split(' '),
  cors: 'oidc-provider answers no page of another origin at its registration endpoint, whatever clientBasedCORS says of the others.',
  advice: (['update', 'delete'] as const).map((operation) => ({
    status: 404,
    operation,
    message: 'Management is switched off there (features.registrationManagement): a client can be read, and no more.',
  })),
}
