import type { ServerProfile } from './server-profile.ts'

/** The members of SimpleIdServer's own that a request may carry. */
export interface SimpleIdServerRequest {
  /** Signing algorithm of access tokens. Default there: `RS256`. */
  token_signed_response_alg?: string | undefined
  /** Key encryption of access tokens. Default there: `RSA1_5`. */
  token_encrypted_response_alg?: string | undefined
  /** Content encryption of access tokens. Default there: `A128CBC-HS256`. */
  token_encrypted_response_enc?: string | undefined
}

/** The members of SimpleIdServer's own that its answers carry. */
export interface SimpleIdServerResponse extends SimpleIdServerRequest {
  /** Lifetime of access tokens, in seconds. */
  token_expiration_time_seconds?: number | undefined
  /** Lifetime of refresh tokens, in seconds. */
  refresh_token_expiration_time_seconds?: number | undefined
  /** The type of token that the client prefers. */
  preferred_token_profile?: string | undefined
  /** When the client was created: ISO 8601, up to seven fraction digits. */
  create_datetime?: string | undefined
  /** When the client was registered; an update does not touch it. */
  update_datetime?: string | undefined
  /** The consent page is skipped. */
  is_consent_disabled?: boolean | undefined
  /** Types of rich authorization requests, under this server's spelling. */
  authorization_data_types?: string[] | undefined
  /** Tokens are bound to a certificate, under this server's spelling; always `false`. */
  tls_client_certificate_bound_access_token?: boolean | undefined
  /** The form of access tokens (7.0). */
  access_token_type?: string | undefined
  /** Lifetime of a CIBA request, in seconds (7.0). */
  auth_reqid_expirationtime?: number | undefined
  /** Lifetime of authorization codes, in seconds (7.0). */
  authorization_code_expirationtime_seconds?: number | undefined
  /** Seconds between two polls of CIBA (7.0). */
  bc_interval?: number | undefined
  /** The secrets of the client, the current one among them (7.0). Secret. */
  client_secrets?: Record<string, unknown>[] | undefined
  /** How the client may get known in a federation (7.0). */
  client_registration_types_supported?: string[] | undefined
  /** Lifetime of device codes, in seconds (7.0). */
  device_code_expirationtime_seconds?: number | undefined
  /** Seconds between two polls of a device (7.0). */
  device_code_polling_interval?: number | undefined
  /** Lifetime of DPoP proofs, in seconds (7.0). */
  dpop_lifetime_seconds?: number | undefined
  /** The lifetime of DPoP proofs in the server's own form (7.0). */
  dpop_lifetime?: number | undefined
  /** DPoP proofs need a nonce (7.0). */
  dpop_nonce_required?: boolean | undefined
  /** The server's own name of the record (7.0). */
  id?: string | undefined
  /** The client has no secret (7.0). */
  is_public?: boolean | undefined
  /** Redirect URIs are compared with their case (7.0). */
  is_redirect_url_casesensitive?: boolean | undefined
  /** Token requests must name a resource (7.0). */
  is_resource_parameter_required?: boolean | undefined
  /** Self-issued tokens are taken (7.0). */
  is_self_issue_enabled?: boolean | undefined
  /** Tokens may be exchanged (7.0). */
  is_token_exchange_enabled?: boolean | undefined
  /** The longest binding message of CIBA, in characters (7.0). */
  max_binding_message_size?: number | undefined
  /** The longest life of a request object, in seconds (7.0). */
  max_request_parameter_lifetime_seconds?: number | undefined
  /** Lifetime of pushed requests, in seconds (7.0). */
  par_expirationtime_seconds?: number | undefined
  /** Further settings (7.0). */
  parameters?: Record<string, unknown> | undefined
  /** Lifetime of pre-authorized codes, in seconds (7.0). */
  pre_auth_code_expiration_time?: number | undefined
  /** The realms that the client is in (7.0). */
  realms?: Record<string, unknown>[] | undefined
  /** Whether logout leads to a page (7.0). */
  redirect_revoke_session_ui?: boolean | undefined
  /** Whether refresh tokens are used once (7.0). */
  refresh_token_usage?: string | undefined
  /** The scopes as records (7.0). */
  scopes?: Record<string, unknown>[] | undefined
  /** The keys as the server stores them (7.0). */
  serialized_jwks?: unknown[] | undefined
  /** Types of subject identifier (7.0). */
  subject_syntax_types_supported?: string[] | undefined
  /** Lifetime of the user's cookie, in seconds (7.0). */
  user_cookie_expirationtime_seconds?: number | undefined
}

const neverDeleted =
  'On SimpleIdServer 4.x a client that was registered with this text can never be deleted: DELETE answers 500 each time.'

/** SimpleIdServer 4.x to 7.x; seen on 4.0.4-rc1 and 7.0.0-rc2. */
export const simpleIdServer: ServerProfile<SimpleIdServerRequest, SimpleIdServerResponse> = {
  name: 'SimpleIdServer',
  aliases: { authorization_details_types: 'authorization_data_types' },
  accepts: (
    'redirect_uris grant_types response_types token_endpoint_auth_method application_type scope ' +
    'client_name client_uri logo_uri tos_uri policy_uri client_name# client_uri# logo_uri# tos_uri# policy_uri# ' +
    'software_statement jwks_uri ' +
    'sector_identifier_uri subject_type initiate_login_uri default_max_age require_auth_time default_acr_values ' +
    'token_signed_response_alg token_encrypted_response_alg token_encrypted_response_enc ' +
    'id_token_signed_response_alg id_token_encrypted_response_alg id_token_encrypted_response_enc ' +
    'userinfo_signed_response_alg userinfo_encrypted_response_alg userinfo_encrypted_response_enc ' +
    'request_object_signing_alg request_object_encryption_alg request_object_encryption_enc ' +
    'authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc ' +
    'dpop_bound_access_tokens authorization_data_types post_logout_redirect_uris credential_offer_endpoint ' +
    'frontchannel_logout_uri frontchannel_logout_session_required backchannel_logout_uri backchannel_logout_session_required ' +
    'backchannel_token_delivery_mode backchannel_client_notification_endpoint ' +
    'backchannel_authentication_request_signing_alg backchannel_user_code_parameter'
  ).split(' '),
  refuses: {
    'token_endpoint_auth_method=none':
      'SimpleIdServer refuses this method, and has no way to register a client without a secret.',
  },
  warns: {
    client_name: neverDeleted,
    client_uri: neverDeleted,
    logo_uri: neverDeleted,
    tos_uri: neverDeleted,
    policy_uri: neverDeleted,
    jwks_uri: 'SimpleIdServer reads this member and never stores it: no key can be registered there.',
    software_statement: 'SimpleIdServer ignores software statements.',
  },
  refusedTokenCodes: ['access_denied', 'invalid_request', 'request_denied', 'invalid_token'],
  bearerOnly: true,
  basicIsDecoded: false,
  cors: 'SimpleIdServer as a library sends no CORS headers; the hosts that come with it allow every origin, except in an answer with status 500.',
  managementUri: '{registration_endpoint}/{client_id}',
  cannot: {
    update:
      'SimpleIdServer does not read the JSON body of an update: it refuses every one, and its newer line wipes the record of the client as it does so. Nothing was sent; delete the client and register it anew.',
  },
  advice: [
    {
      status: 400,
      error: 'access_denied',
      operation: 'register',
      message: 'SimpleIdServer says so where no access token arrived, under the scheme Bearer and no other.',
    },
    {
      status: 400,
      error: 'request_denied',
      operation: 'register',
      message: 'The access token must have the scope register, and where scopes are one text no other beside it.',
    },
    {
      status: 500,
      operation: 'register',
      message:
        'SimpleIdServer fails so at members that it does not know, at a text in two spellings of one name, and at a token that is none. It may have registered a client all the same; the request is not repeated.',
    },
    {
      status: 500,
      operation: 'delete',
      message:
        'SimpleIdServer 4.x fails so, each time, at a client that was registered with a name or one of its addresses: it was not deleted.',
    },
  ],
}
