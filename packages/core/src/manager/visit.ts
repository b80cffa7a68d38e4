import type { Declaration } from './declaration.ts'
import { declare } from './declaration.ts'
import type { Identity } from './identity.ts'
import { keyOf } from './identity.ts'
import type { KeeperOptions } from './options.ts'

/** Everything that a start with a good record needs to know. */
export interface Visit {
  options: KeeperOptions
  identity: Identity
  /** What the record is stored under. */
  key: string
  declared: Declaration
}

export async function visit(options: KeeperOptions): Promise<Visit> {
  const { issuer = options.server?.issuer ?? '', application, instance } = options
  const identity = [issuer, application, ...(instance === undefined ? [] : [instance])] as const
  return { options, identity, key: await keyOf(identity), declared: await declare(options) }
}
