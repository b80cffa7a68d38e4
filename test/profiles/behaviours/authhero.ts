import { authhero } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { web, words } from './common.ts'

const { token_endpoint_auth_method: _, ...rest } = web

export const behaviour: ServerBehaviour = {
  seen: 'authhero 9.6.1 over SQLite, run on loopback, November 2026.',
  takes: { ...rest, token_endpoint_auth_method: 'client_secret_post' },
  knows: words('logo_uri tos_uri policy_uri contacts jwks_uri software_id software_version audience'),
  others: 'ignored',
  refuses: ['token_endpoint_auth_method=tls_client_auth', 'token_endpoint_auth_method=self_signed_tls_client_auth'],
  alters: ['jwks', 'scope'],
  token: { known: { status: 403 }, unknown: { status: 403 } },
  refusesPages: true,
}

export const profile = authhero
