import type { RegistrationRecord } from './record.ts'

/** Grants behind which a person stands: a new client would cost them a consent. */
const ofUsers = new Set([
  'authorization_code',
  'implicit',
  'password',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
])

/**
 * When a registration's secret is to be renewed, in server milliseconds: at 2/3 of its life, or at 90 % where only a new
 * registration would do and users have granted something to the client. ±10 %, chosen once for all replicas.
 */
export function renewalPoint(record: RegistrationRecord): number | undefined {
  const { registration, receivedAt = 0, updateRenewsNothing } = record
  const end = (registration?.client_secret_expires_at ?? 0) * 1000
  if (registration === undefined || end === 0) return undefined
  const begin = Math.min((registration.client_id_issued_at ?? 0) * 1000 || receivedAt, end)
  const share = updateRenewsNothing === true && hasUsers(record) ? 0.9 : 2 / 3
  return begin + (end - begin) * Math.min(share * (0.9 + Math.random() * 0.2), 0.95)
}

/** Absent `grant_types` mean `authorization_code` (RFC 7591 section 2). */
export function hasUsers({ registration, declaration }: RegistrationRecord): boolean {
  const grants = registration?.grant_types ?? declaration?.metadata.grant_types ?? ['authorization_code']
  return grants.some((grant) => ofUsers.has(grant))
}
