import { springAuthorizationServer } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web, words } from './common.ts'

const { client_uri: _, ...takes } = web

export const behaviour: ServerBehaviour = {
  seen: 'Spring Authorization Server 7.1.2 (Spring Boot 4.1.2) and 1.5.8, run on loopback, November 2026; its two converters in the sources.',
  takes,
  knows: words('post_logout_redirect_uris token_endpoint_auth_signing_alg jwks_uri'),
  others: 'ignored',
  alters: [
    'scope',
    'token_endpoint_auth_method=none',
    'token_endpoint_auth_method=private_key_jwt',
    'token_endpoint_auth_method=client_secret_jwt',
    'token_endpoint_auth_method=tls_client_auth',
    'token_endpoint_auth_method=self_signed_tls_client_auth',
  ],
  access: { refused: { status: 401, error: 'invalid_token' }, singleUse: true },
  management: { showsHash: true, lacks: { update: { status: 302 }, delete: { status: 302 } } },
  token: usualToken,
  refusals: [
    { operation: 'read', status: 401 },
    { operation: 'register', status: 401 },
    { operation: 'register', status: 403 },
  ],
  refusesPages: true,
}

export const profile = springAuthorizationServer
