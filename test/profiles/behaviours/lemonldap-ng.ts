import { lemonLdapNg } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { usualToken, web } from './common.ts'

const { client_uri: _, ...takes } = web

export const behaviour: ServerBehaviour = {
  seen: 'LemonLDAP::NG 2.16.1 (Debian 12), run on loopback, November 2026; its words also in its sources.',
  takes,
  knows: ['logo_uri', 'id_token_signed_response_alg', 'userinfo_signed_response_alg', 'request_uris'],
  others: 'ignored',
  alters: ['token_endpoint_auth_method=none', 'token_endpoint_auth_method=private_key_jwt'],
  management: { by: 'none' },
  token: { ...usualToken, basicIsRaw: true },
}

export const profile = lemonLdapNg
