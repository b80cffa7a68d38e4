import type { ServerProfile } from './server-profile.ts'

/** The member of Keycloak's own that a request may carry and an answer carries. */
export interface KeycloakMetadata {
  /** A back-channel logout also revokes offline sessions. Default: false. */
  backchannel_logout_revoke_offline_tokens?: boolean | undefined
}

const taken = (what: string): string => `Keycloak takes this member and ${what}.`
const isLost = taken('forgets it')
const isNeverSaid = taken('keeps it, but no answer ever says it')

/**
 * Keycloak's endpoint for OpenID Connect clients; seen at 26.4.0 and 26.7.3 (run), members also in the classes of 26.7.3.
 *
 * An unknown member is refused with 400, and so is a language tag. A refusal by a registration policy of the realm (trusted
 * hosts, number of clients, scopes) is a 403 `insufficient_scope`: the operator of the realm has to allow the request. An
 * update keeps what it leaves out; each one brings another management token, and the old token stops working at once.
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
    'tls_client_certificate_bound_access_tokens tls_client_auth_subject_dn dpop_bound_access_tokens ' +
    'post_logout_redirect_uris software_id software_version backchannel_logout_uri backchannel_logout_session_required ' +
    'backchannel_logout_revoke_offline_tokens backchannel_token_delivery_mode ' +
    'backchannel_client_notification_endpoint backchannel_authentication_request_signing_alg ' +
    'authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc ' +
    'require_pushed_authorization_requests frontchannel_logout_uri frontchannel_logout_session_required'
  ).split(' '),
  refuses: {
    'token_endpoint_auth_method=self_signed_tls_client_auth': 'Keycloak does not know this method and answers 400.',
  },
  warns: {
    application_type: isLost,
    contacts: isLost,
    software_id: isLost,
    software_version: isLost,
    default_max_age: isLost,
    require_auth_time: isLost,
    initiate_login_uri: isLost,
    logo_uri: isNeverSaid,
    tos_uri: isNeverSaid,
    policy_uri: isNeverSaid,
    scope:
      'Where a request names a scope, Keycloak does not add its default client scopes; it answers 403 to openid and to scopes that its policies do not allow.',
  },
  // Sent back in an update, each would be taken for a wish of the client: a redirect URI that users are sent to after they log
  // out, a setting that is shown as false and stored as true, a scope that makes every update of a console client fail.
  derived: ['post_logout_redirect_uris', 'backchannel_logout_session_required', 'scope'],
  clears: 'empty',
  cors: 'Keycloak answers a page only where the registration policy "Allowed Registration Web Origins" of its realm names the origin; else the preflight succeeds and the request is answered 403 without CORS headers.',
  advice: [
    {
      status: 403,
      error: 'insufficient_scope',
      operation: 'register',
      message:
        'A registration policy of the realm refused it (trusted hosts, number of clients, or a scope, such as openid): whoever runs the realm has to allow it.',
    },
    {
      status: 403,
      error: 'insufficient_scope',
      operation: 'update',
      message:
        'A registration policy of the realm refused it (trusted hosts, or a scope, such as openid): whoever runs the realm has to allow it.',
    },
    {
      status: 401,
      error: 'unauthorized_client',
      operation: 'token',
      message:
        'Keycloak says so of a wrong secret, and of a client that may not use the grant: check the secret first.',
    },
    ...(['read', 'update', 'delete'] as const).map((operation) => ({
      status: 401,
      error: 'invalid_token',
      operation,
      message:
        'Keycloak says so of a client that was deleted or disabled, and of a management token that is not its newest.',
    })),
    {
      status: 500,
      operation: 'update',
      message:
        'Keycloak fails so, each time, at a client_name of more than 255 characters, and at a scope for a client that was made in its console.',
    },
  ],
}
