import type { Declaration } from './declaration.ts'
import { declare } from './declaration.ts'
import type { Home } from './home.ts'
import { keyOf } from './identity.ts'
import type { KeeperOptions } from './options.ts'

/** Everything that a start with a good record needs to know. */
export interface Visit extends Home {
  options: KeeperOptions
  declared: Declaration
}

export async function visit(options: KeeperOptions): Promise<Visit> {
  const { application, instance, onEvent, store } = options
  const named = [options.issuer ?? options.server.issuer, application] as const
  const identity = instance === undefined ? named : ([...named, instance] as const)
  return {
    options,
    store,
    identity,
    key: await keyOf(identity),
    declared: await declare(options),
    tell(event) {
      try {
        onEvent?.({ at: Date.now(), application, ...event })
      } catch {
        // A listener must not be able to break what it listens to.
      }
    },
  }
}
