import type { ServerProfile } from '@registrant/core'
import type { ConformanceCase } from '@registrant/core/testing'
import type { Imitation } from './profile-case.ts'
import { ImitatedServer } from './imitated-server.ts'
import { lifeCases } from './life-cases.ts'
import { operationCases } from './operation-cases.ts'
import { requestCases } from './request-cases.ts'
import type { ServerBehaviour } from './server-behaviour.ts'

/**
 * What a {@link ServerProfile} must hold to at the server that it describes, as cases for any test runner.
 *
 * The behaviour is what the server was seen to do, as data; a server in this process does the same, and clients and
 * managers with the profile meet it. Each case that the behaviour asks for is in the list, and each member that the
 * profile needs for it makes a case fail when it is missing. No network, no clock but the real one; a case takes
 * milliseconds.
 *
 * @example
 * ```ts
 * import { profileConformance } from '@registrant/node/testing'
 * import type { ServerBehaviour } from '@registrant/node/testing'
 * import { test } from 'node:test'
 *
 * const behaviour: ServerBehaviour = {
 *   seen: 'In-house server 3.2, our staging, November 2026',
 *   takes: { redirect_uris: ['https://app.example/callback'], token_endpoint_auth_method: 'none' },
 *   knows: ['client_name', 'cost_center'],
 *   others: 'refused',
 *   management: { by: 'none' },
 *   token: { known: { status: 400, error: 'invalid_grant' }, unknown: { status: 401, error: 'invalid_client' } },
 * }
 * const inHouse = { name: 'In-house', unknownMembers: 'refused', accepts: ['redirect_uris', 'client_name'] } as const
 *
 * for (const { name, run } of profileConformance(inHouse, behaviour)) test(name, run)
 * ```
 */
export function profileConformance(profile: ServerProfile, behaviour: ServerBehaviour): ConformanceCase[] {
  return [...requestCases, ...operationCases, ...lifeCases]
    .filter(([, applies]) => applies(behaviour))
    .map(([name, , run]) => ({ name, run: () => run(imitation(profile, behaviour)) }))
}

function imitation(profile: ServerProfile, behaviour: ServerBehaviour): Imitation {
  const server = new ImitatedServer(behaviour)
  const needsToken = behaviour.access !== undefined || behaviour.management?.by === 'access-token'
  const accessToken = needsToken ? () => ({ access_token: server.issue() }) : undefined
  return { profile, behaviour, server, options: { issuer: server.issuer, fetch: server.fetch, profile, accessToken } }
}
