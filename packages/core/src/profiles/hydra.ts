import type { ServerProfile } from './server-profile.ts'

/** The members of Ory Hydra's own that a request may carry. */
export interface HydraRequest extends HydraLifespans {
  /** The audiences that the client may ask tokens for. Default: none. */
  audience?: string[] | undefined
  /** A label for the owner of the client. Default: none. */
  owner?: string | undefined
  /** Origins that may call the token endpoint from a page. Default: the server's setting. */
  allowed_cors_origins?: string[] | undefined
}

/** The members that give a client its own lifetime for the tokens of a grant. */
export type HydraLifespan =
  | `authorization_code_grant_${'access' | 'id' | 'refresh'}_token_lifespan`
  | `refresh_token_grant_${'access' | 'id' | 'refresh'}_token_lifespan`
  | `device_authorization_grant_${'access' | 'id' | 'refresh'}_token_lifespan`
  | `implicit_grant_${'access' | 'id'}_token_lifespan`
  | `${'client_credentials' | 'jwt_bearer'}_grant_access_token_lifespan`

/** How long tokens of a client live, as a Go duration (`1h30m`). Default: the server's setting. */
export type HydraLifespans = { [L in HydraLifespan]?: string | undefined }

/** The members of Ory Hydra's own that its answers carry. */
export interface HydraResponse extends HydraRequest {
  /** When the client was created: RFC 3339. */
  created_at?: string | undefined
  /** When the client was last changed: RFC 3339. */
  updated_at?: string | undefined
  /** Notes of the operator; a request that holds it is refused. */
  metadata?: Record<string, unknown> | null | undefined
  /** The form of the client's access tokens; a request that holds it is refused. */
  access_token_strategy?: 'jwt' | 'opaque' | undefined
  /** No consent page is shown; a request that sets it is refused. */
  skip_consent?: boolean | undefined
  /** No page is shown when a user logs out; a request that sets it is refused. */
  skip_logout_consent?: boolean | null | undefined
}

const isOperators = 'Ory Hydra answers 400 where a client sets it; only its operator may.'

/**
 * Ory Hydra; seen at 2.3.0 (run), members also in its sources. Its management token changes with every update. The answer
 * to an update holds neither address nor secret. Secrets never expire.
 *
 * Nothing authorizes a registration: an access token that is sent is ignored. Its metadata name the registration endpoint
 * only where it was configured; a registration endpoint that answers 404 is switched off
 * (`oidc.dynamic_client_registration.enabled`). A `post_logout_redirect_uris` must share its origin with a redirect URI.
 */
export const hydra: ServerProfile<HydraRequest, HydraResponse> = {
  name: 'Ory Hydra',
  registrationEndpoint: '{issuer}/oauth2/register',
  unknownMembers: 'ignored',
  accepts: (
    'client_name redirect_uris grant_types response_types scope audience owner policy_uri allowed_cors_origins tos_uri ' +
    'client_uri logo_uri contacts subject_type sector_identifier_uri jwks_uri jwks token_endpoint_auth_method ' +
    'token_endpoint_auth_signing_alg request_uris request_object_signing_alg userinfo_signed_response_alg ' +
    'frontchannel_logout_uri frontchannel_logout_session_required post_logout_redirect_uris backchannel_logout_uri ' +
    'backchannel_logout_session_required authorization_code_grant_access_token_lifespan ' +
    'authorization_code_grant_id_token_lifespan authorization_code_grant_refresh_token_lifespan ' +
    'client_credentials_grant_access_token_lifespan implicit_grant_access_token_lifespan implicit_grant_id_token_lifespan ' +
    'jwt_bearer_grant_access_token_lifespan refresh_token_grant_id_token_lifespan ' +
    'refresh_token_grant_access_token_lifespan refresh_token_grant_refresh_token_lifespan'
  ).split(' '),
  refuses: {
    metadata: isOperators,
    access_token_strategy: isOperators,
    'skip_consent=true': isOperators,
    'skip_logout_consent=true': isOperators,
  },
  tokenAudience: 'token_endpoint',
  cors: 'Ory Hydra sends CORS headers only where its operator switched them on (serve.public.cors.enabled).',
  advice: [
    {
      status: 404,
      operation: 'register',
      message:
        'Registration is switched off there (oidc.dynamic_client_registration.enabled), or the address is not the one of /oauth2/register.',
    },
    ...(['read', 'update', 'delete'] as const).map((operation) => ({
      status: 401,
      operation,
      message:
        "Ory Hydra says so of a client that is gone and of a wrong token alike; an operator's update takes the token away, and the client lives on.",
    })),
  ],
}
