import type { AuthorizationServer } from '../model/authorization-server.ts'
import { kinds } from '../model/members.ts'
import type { ServerAdvice, ServerProfile } from './server-profile.ts'

/** Where clients are registered: where the server's metadata say so, else where its profile does. */
export function registrationEndpoint(
  server: AuthorizationServer,
  profile: ServerProfile | undefined,
): string | undefined {
  const known = profile?.registrationEndpoint?.replace('{issuer}', () => server.issuer.replace(/\/$/, ''))
  return server.registration_endpoint ?? known
}

/** What a refusal means at this server, where that is known. */
export function adviceOf(
  profile: ServerProfile | undefined,
  refused: Required<Omit<ServerAdvice, 'message' | 'error'>> & { error: string | undefined },
): string | undefined {
  const fits = ({ status, error, operation }: ServerAdvice): boolean =>
    status === refused.status &&
    (error === undefined || error === refused.error) &&
    (operation === undefined || operation === refused.operation)
  return profile?.advice?.find(fits)?.message
}

/** What takes a member out of a registration: `undefined` leaves it out, else its empty value is sent. */
export function emptied(profile: ServerProfile | undefined, member: string, value: unknown): unknown {
  if (profile?.clears !== 'empty') return undefined
  const kind = kinds.get(member.split('#')[0] ?? '')
  if (Array.isArray(value) || kind === 'strings') return []
  if (typeof value === 'boolean' || kind === 'boolean') return false
  return typeof value === 'string' || kind === 'string' ? '' : undefined
}
