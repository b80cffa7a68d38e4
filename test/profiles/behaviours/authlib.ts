import { authlib } from '@registrant/node/profiles'
import type { ServerBehaviour } from '@registrant/node/testing'

import { web, words } from './common.ts'

const gone = { status: 400, error: 'access_denied' }
const unsupported = { status: 400, error: 'unsupported_grant_type' }

export const behaviour: ServerBehaviour = {
  seen: 'Authlib 1.9.6 in an application of Flask with both of its endpoints, run on loopback, November 2026.',
  takes: web,
  knows: words('logo_uri tos_uri policy_uri contacts scope jwks jwks_uri software_id software_version'),
  others: 'ignored',
  alters: ['software_statement'],
  // Without the code grant; with it the token endpoint tells clients apart as most do.
  token: { known: unsupported, unknown: unsupported },
  refusals: [
    { operation: 'read', ...gone },
    { operation: 'update', ...gone },
    { operation: 'delete', ...gone },
  ],
  refusesPages: true,
}

export const profile = authlib
