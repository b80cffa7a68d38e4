import type { ServerProfile } from './server-profile.ts'

/** The member of authhero's own that a request may carry. */
export interface AuthheroRequest {
  /** The API that the client may ask tokens for; required beside `scope`. Default: none. */
  audience?: string | undefined
}

/**
 * authhero; seen at 9.6.1 (run, over SQLite). Registering is off unless the tenant's flag
 * `enable_dynamic_client_registration` is on.
 *
 * A read or an update returns neither the secret nor the management token again, and neither changes. The token endpoint
 * answers every client 403 without an OAuth error: only the management address shows that it forgot a client.
 */
export const authhero: ServerProfile<AuthheroRequest> = {
  name: 'authhero',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris grant_types response_types token_endpoint_auth_method scope client_name client_uri logo_uri tos_uri ' +
    'policy_uri contacts jwks jwks_uri software_id software_version audience'
  ).split(' '),
  refuses: {
    'token_endpoint_auth_method=tls_client_auth': 'authhero does not know this method and answers 400.',
    'token_endpoint_auth_method=self_signed_tls_client_auth': 'authhero does not know this method and answers 400.',
  },
  warns: {
    jwks: 'authhero takes this member and no answer ever says it; jwks_uri is said.',
    scope: 'authhero answers 400 where no audience stands beside it, and no answer says it.',
  },
  cors: 'authhero answers no page of another origin at its registration endpoint.',
}
