import type { ServerProfile } from './server-profile.ts'

/** The member of Keycloak's own that a request may carry and an answer carries. */
export interface KeycloakMetadata {
  /** A back-channel logout also revokes offline sessions. Default: false. */
  backchannel_logout_revoke_offline_tokens?: boolean | undefined
}

/**
 * Keycloak's endpoint for OpenID Connect clients; seen in the sources of the 26 line.
 *
 * A member that it does not know is refused with 400. A refusal by one of its registration policies (trusted hosts, number
 * of clients, scopes) is a 403 `insufficient_scope`: whoever runs the realm has to allow it.
 */
export const keycloak: ServerProfile<KeycloakMetadata, KeycloakMetadata> = {
  name: 'Keycloak',
  unknownMembers: 'refused',
  accepts: (
    'redirect_uris token_endpoint_auth_method token_endpoint_auth_signing_alg grant_types response_types application_type ' +
    'client_name client_uri logo_uri scope contacts tos_uri policy_uri jwks_uri jwks sector_identifier_uri subject_type ' +
    'id_token_signed_response_alg id_token_encrypted_response_alg id_token_encrypted_response_enc ' +
    'userinfo_signed_response_alg userinfo_encrypted_response_alg userinfo_encrypted_response_enc ' +
    'request_object_signing_alg request_object_encryption_alg request_object_encryption_enc ' +
    'default_max_age require_auth_time default_acr_values initiate_login_uri request_uris ' +
    'tls_client_certificate_bound_access_tokens tls_client_auth_subject_dn post_logout_redirect_uris ' +
    'software_id software_version backchannel_logout_uri backchannel_logout_session_required ' +
    'backchannel_logout_revoke_offline_tokens backchannel_token_delivery_mode ' +
    'backchannel_client_notification_endpoint backchannel_authentication_request_signing_alg ' +
    'authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc ' +
    'require_pushed_authorization_requests frontchannel_logout_uri frontchannel_logout_session_required'
  ).split(' '),
  warns: {
    application_type: 'Keycloak takes this member and does nothing with it.',
    scope: 'Where a request names a scope, Keycloak does not add its default client scopes.',
  },
}
