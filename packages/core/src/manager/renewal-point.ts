import { platform } from '../platform.ts'
import { canUpdate, secretEnd } from './manageable.ts'
import type { KeeperOptions } from './options.ts'
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

/** Absent `grant_types` mean `authorization_code` (RFC 7591 section 2). */
export function hasUsers({ registration, declaration }: RegistrationRecord): boolean {
  const grants = registration?.grant_types ?? declaration?.metadata.grant_types ?? ['authorization_code']
  return grants.some((grant) => ofUsers.has(grant))
}

/**
 * When a secret is to be renewed, in server milliseconds: at 2/3 of its life; at 90 % where only a new registration
 * would renew it and users have granted something to the client. ±10 %, chosen once for all replicas. `undefined`: never.
 */
export function renewalPoint(record: RegistrationRecord, options: Pick<KeeperOptions, 'profile'>): number | undefined {
  const end = secretEnd(record.registration)
  if (end === undefined) return undefined
  const byUpdate = canUpdate(record, options) && record.updateRenewsNothing !== true
  const share = hasUsers(record) && !byUpdate ? 0.9 : 2 / 3
  const begin = Math.min(record.secretSince ?? end, end)
  return begin + (end - begin) * Math.min(share * (0.9 + platform.random() * 0.2), 0.95)
}
