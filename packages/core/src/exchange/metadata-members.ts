import { kinds } from '../model/members.ts'

const credentials = new Set([
  'client_id',
  'client_secret',
  'client_secret_expires_at',
  'client_id_issued_at',
  'registration_access_token',
  'registration_client_uri',
])

/** Credentials and what belongs to them: the server's to give, never sent back as metadata (RFC 7592 section 2.2). */
export const isCredential = (member: string): boolean => credentials.has(member)

/** A standard member of a client's metadata, with or without a language tag. */
export const isMetadata = (member: string): boolean =>
  !credentials.has(member) && kinds.has(member.includes('#') ? (member.split('#')[0] ?? '') : member)
