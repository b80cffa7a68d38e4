import type { ServerProfile } from './server-profile.ts'

/** The member of workers-oauth-provider's own that its answers carry. */
export interface WorkersOauthProviderResponse {
  /** When the secret was made, in seconds since 1970. */
  client_secret_issued_at?: number | undefined
}

/**
 * Cloudflare's workers-oauth-provider; seen at 1.2.3 (run outside of its workers). Registering is off unless
 * `clientRegistrationEndpoint` is set.
 *
 * A client and its secret live for 90 days, and longer while the client is used, which no answer says. A client can't be read,
 * updated or deleted. Each redirect URI is https, or http on a loopback host.
 */
export const workersOauthProvider: ServerProfile<{}, WorkersOauthProviderResponse> = {
  name: 'workers-oauth-provider',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris grant_types response_types token_endpoint_auth_method client_name client_name# client_uri logo_uri tos_uri ' +
    'policy_uri contacts jwks_uri'
  ).split(' '),
  refuses: {
    'grant_types=client_credentials': 'workers-oauth-provider does not know this grant and answers 400.',
    'token_endpoint_auth_method=client_secret_jwt':
      'workers-oauth-provider registers no client with this method (400).',
    'token_endpoint_auth_method=private_key_jwt': 'workers-oauth-provider registers no client with this method (400).',
    'token_endpoint_auth_method=tls_client_auth': 'workers-oauth-provider registers no client with this method (400).',
    'token_endpoint_auth_method=self_signed_tls_client_auth':
      'workers-oauth-provider registers no client with this method (400).',
  },
}
