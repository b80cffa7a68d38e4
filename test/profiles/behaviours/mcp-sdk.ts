import { mcpSdk } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { web, words } from './common.ts'

export const behaviour: ServerBehaviour = {
  seen: 'MCP SDK for TypeScript 1.32.2, mcpAuthRouter, run on loopback, November 2026.',
  takes: { ...web, token_endpoint_auth_method: 'client_secret_post' },
  knows: words(
    'scope logo_uri tos_uri policy_uri contacts jwks jwks_uri software_id software_version software_statement',
  ),
  others: 'ignored',
  alters: [
    'token_endpoint_auth_method=client_secret_basic',
    'token_endpoint_auth_method=client_secret_jwt',
    'token_endpoint_auth_method=private_key_jwt',
    'token_endpoint_auth_method=tls_client_auth',
    'token_endpoint_auth_method=self_signed_tls_client_auth',
  ],
  management: { by: 'none' },
  token: {
    known: { status: 400, error: 'invalid_grant' },
    unknown: { status: 400, error: 'invalid_client' },
  },
}

export const profile = mcpSdk
