import type { ServerProfile } from './server-profile.ts'

/** The members of Glewlwyd's own that a request may carry and an answer carries. */
export interface GlewlwydMetadata {
  /** Whether the client can keep a secret. Default: whether `token_endpoint_auth_method` is there and not `none`. */
  client_confidential?: boolean | undefined
  /** Resources that the client may ask tokens for, where the server lets clients say so. Default: the server's setting. */
  resource?: string[] | undefined
  /** How access tokens are signed. Default: the server's choice. */
  access_token_signing_alg?: string | undefined
  /** The one address that users may be sent to after logout; checked against `sector_identifier_uri`. Default: none. */
  post_logout_redirect_uri?: string | undefined
}

/**
 * glewlwyd; seen at 2.7.5 (Debian 12, run), members also in its sources.
 *
 * A client without `token_endpoint_auth_method` is a public one, every client needs a redirect URI (https, or http on
 * localhost), and each update gives the client another secret. glewlwyd answers 200 where others answer 201 and 204, and a
 * refused management token with an empty 401. A deletion only disables the client.
 */
export const glewlwyd: ServerProfile<GlewlwydMetadata, GlewlwydMetadata> = {
  name: 'glewlwyd',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris response_types grant_types application_type contacts client_name logo_uri client_uri policy_uri tos_uri ' +
    'jwks_uri jwks sector_identifier_uri token_endpoint_auth_method post_logout_redirect_uris frontchannel_logout_uri ' +
    'frontchannel_logout_session_required backchannel_logout_uri backchannel_logout_session_required ' +
    'request_object_signing_alg request_object_encryption_alg request_object_encryption_enc ' +
    'authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc ' +
    'authorization_details_types backchannel_token_delivery_mode backchannel_client_notification_endpoint ' +
    'backchannel_authentication_request_signing_alg backchannel_user_code_parameter scope ' +
    'client_confidential resource access_token_signing_alg post_logout_redirect_uri'
  ).split(' '),
  refuses: {
    'token_endpoint_auth_method=tls_client_auth': 'glewlwyd does not know this method and answers 400.',
    'token_endpoint_auth_method=self_signed_tls_client_auth': 'glewlwyd does not know this method and answers 400.',
  },
  warns: {
    scope: 'glewlwyd ignores it and gives every client the scopes of its configuration.',
    response_types: 'glewlwyd knows code, token and id_token, each alone, and takes an empty list for code.',
  },
}
