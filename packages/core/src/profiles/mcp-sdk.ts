import type { ServerProfile } from './server-profile.ts'

const notInBody =
  'The router registers this method and its token endpoint does not know it: it wants the secret in the body (400 invalid_request). Declare client_secret_post, or none.'

/**
 * The authorization router of the MCP SDK for TypeScript (`mcpAuthRouter`), which applications put before a provider of
 * their own; seen at 1.32.2 (run).
 *
 * Secrets expire after 30 days by default; a client can't be read, updated or deleted. The router takes 20 registrations an
 * hour from one address, then answers 429. Its issuer ends in a slash.
 */
export const mcpSdk: ServerProfile = {
  name: 'MCP SDK',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris grant_types response_types token_endpoint_auth_method scope client_name client_uri logo_uri tos_uri ' +
    'policy_uri contacts jwks jwks_uri software_id software_version software_statement'
  ).split(' '),
  warns: {
    'token_endpoint_auth_method=client_secret_basic': notInBody,
    'token_endpoint_auth_method=client_secret_jwt': notInBody,
    'token_endpoint_auth_method=private_key_jwt': notInBody,
    'token_endpoint_auth_method=tls_client_auth': notInBody,
    'token_endpoint_auth_method=self_signed_tls_client_auth': notInBody,
  },
}
