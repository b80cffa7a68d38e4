import { canonical } from '../model/canonical.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { KeysOptions } from './keys.ts'
import { sha256 } from './identity.ts'

/** What the program declares: its metadata, and the number that orders declarations where it has one. */
export interface Declaration {
  /** Of the metadata as it would be sent: equal where nothing that travels differs. */
  hash: string
  generation?: number | undefined
  metadata: RegistrationRequest
}

export async function declare(
  { metadata: given, keys }: { metadata: RegistrationRequest; keys?: KeysOptions | undefined },
  generation?: number,
): Promise<Declaration> {
  const metadata = keys === undefined ? given : { ...given, token_endpoint_auth_method: 'private_key_jwt' }
  const sent = Object.entries(metadata).filter(([, value]) => value !== null && value !== '')
  // Which keys they are changes without the declaration; of what kind they are is part of it.
  const kind = keys === undefined ? {} : { jwks: keys.alg ?? 'ES256' }
  return { hash: await sha256(canonical({ ...Object.fromEntries(sent), ...kind })), generation, metadata }
}
