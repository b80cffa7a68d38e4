import { canonical } from '../model/digest.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { sha256 } from './identity.ts'
import type { KeeperOptions } from './options.ts'
import { byKey } from './options.ts'

/** What the program declares: its metadata, and the number that orders declarations where it has one. */
export interface Declaration {
  /** Of the metadata as it would be sent: equal where nothing that travels differs. */
  hash: string
  generation?: number | undefined
  metadata: RegistrationRequest
}

export async function declare({ metadata: given, keys, generation }: KeeperOptions): Promise<Declaration> {
  const metadata = keys ? { ...given, token_endpoint_auth_method: byKey } : given
  const sent = Object.entries(metadata).filter(([, value]) => value !== null && value !== '')
  // Which keys they are changes without the declaration; of what kind they are is part of it.
  if (keys) sent.push(['jwks', keys.alg ?? 'ES256'])
  return { hash: await sha256(canonical(Object.fromEntries(sent))), generation, metadata }
}
