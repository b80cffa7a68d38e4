import type { ServerProfile } from './server-profile.ts'

/** The members of Ory Hydra's own that a request may carry. */
export interface HydraRequest {
  /** The audiences that the client may ask tokens for. Default: none. */
  audience?: string[] | undefined
  /** Who the client belongs to, as a label. Default: none. */
  owner?: string | undefined
  /** Origins that may call the token endpoint from a page. Default: the server's setting. */
  allowed_cors_origins?: string[] | undefined
}

/** For which grant and token a client can have a lifetime of its own. */
export type HydraLifespan =
  | `authorization_code_grant_${'access' | 'id' | 'refresh'}_token_lifespan`
  | `refresh_token_grant_${'access' | 'id' | 'refresh'}_token_lifespan`
  | `device_authorization_grant_${'access' | 'id' | 'refresh'}_token_lifespan`
  | `implicit_grant_${'access' | 'id'}_token_lifespan`
  | `${'client_credentials' | 'jwt_bearer'}_grant_access_token_lifespan`

/** How long tokens of a client live, as a Go duration (`1h30m`); `null` is the server's setting. Not for a client to choose. */
export type HydraLifespans = { [L in HydraLifespan]?: string | null | undefined }

/** The members of Ory Hydra's own that its answers carry. */
export interface HydraResponse extends HydraRequest, HydraLifespans {
  /** When the client was created: RFC 3339. */
  created_at?: string | undefined
  /** When it was last changed: RFC 3339. */
  updated_at?: string | undefined
  /** What administrators noted; a client can't change it. */
  metadata?: Record<string, unknown> | null | undefined
  /** The form of its access tokens; a client can't change it. */
  access_token_strategy?: 'jwt' | 'opaque' | undefined
  /** No consent page is shown; a client can't change it. */
  skip_consent?: boolean | undefined
  /** No page is shown when a user logs out; a client can't change it. */
  skip_logout_consent?: boolean | null | undefined
}

/**
 * Ory Hydra 2 and later; seen in its sources. Its management token changes with every update, and secrets never expire.
 *
 * A `post_logout_redirect_uris` must share its origin with a redirect URI. A registration endpoint that answers 404 is
 * switched off (`oidc.dynamic_client_registration.enabled`).
 */
export const hydra: ServerProfile<HydraRequest, HydraResponse> = {
  name: 'Ory Hydra',
  unknownMembers: 'ignored',
  accepts: (
    'client_name redirect_uris grant_types response_types scope audience owner policy_uri allowed_cors_origins tos_uri ' +
    'client_uri logo_uri contacts subject_type sector_identifier_uri jwks_uri jwks token_endpoint_auth_method ' +
    'token_endpoint_auth_signing_alg request_uris request_object_signing_alg userinfo_signed_response_alg ' +
    'frontchannel_logout_uri frontchannel_logout_session_required post_logout_redirect_uris backchannel_logout_uri ' +
    'backchannel_logout_session_required'
  ).split(' '),
}
