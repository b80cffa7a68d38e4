import { canonical } from '../model/canonical.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { sha256 } from './identity.ts'

/** What the program declares: its metadata, and the number that orders declarations where it has one. */
export interface Declaration {
  /** Of the metadata as it would be sent: equal where nothing that travels differs. */
  hash: string
  generation?: number | undefined
  metadata: RegistrationRequest
}

export async function declare(metadata: RegistrationRequest, generation?: number): Promise<Declaration> {
  const sent = Object.entries(metadata).filter(([, value]) => value !== null && value !== '')
  return { hash: await sha256(canonical(Object.fromEntries(sent))), generation, metadata }
}
