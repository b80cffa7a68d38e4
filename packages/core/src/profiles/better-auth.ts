import type { ServerProfile } from './server-profile.ts'

/** The member of better-auth's own that its answers carry. */
export interface BetterAuthResponse {
  /** Whether an administrator switched the client off. */
  disabled?: boolean | undefined
}

/**
 * better-auth with its OAuth provider plugin; seen at 1.7.5 (run). Registering is off unless the application allows it
 * (`allowDynamicClientRegistration`), and needs a session unless it allows everybody
 * (`allowUnauthenticatedClientRegistration`).
 *
 * A client can't be read, updated or deleted. Its token endpoint looks for the code before it looks for the client, so
 * no answer tells a forgotten client from a known one: the application's own report counts.
 */
export const betterAuth: ServerProfile<{}, BetterAuthResponse> = {
  name: 'better-auth',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris grant_types response_types token_endpoint_auth_method application_type scope client_name client_uri ' +
    'logo_uri tos_uri policy_uri contacts jwks jwks_uri subject_type software_id software_version software_statement ' +
    'post_logout_redirect_uris backchannel_logout_uri backchannel_logout_session_required dpop_bound_access_tokens'
  ).split(' '),
  refuses: {
    skip_consent: 'better-auth answers 400 where a client sets it; only its operator may.',
    'token_endpoint_auth_method=client_secret_jwt': 'better-auth does not know this method and answers 400.',
    'token_endpoint_auth_method=tls_client_auth': 'better-auth does not know this method and answers 400.',
    'token_endpoint_auth_method=self_signed_tls_client_auth': 'better-auth does not know this method and answers 400.',
  },
  warns: {
    scope: 'better-auth gives every client that registers itself the scopes of its configuration.',
    jwks_uri: 'better-auth answers 400 unless the address lies on an origin that its operator trusts; jwks needs none.',
    'grant_types=client_credentials': 'better-auth answers 400 where nobody is signed in who registers the client.',
  },
  trustRejections: true,
  cors: 'better-auth answers no page of another origin at its registration endpoint, unless the application adds that.',
}
