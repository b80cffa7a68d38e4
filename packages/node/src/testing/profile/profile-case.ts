import type { ServerProfile } from '@registrant/core'

import type { ImitatedServer } from './imitated-server.ts'
import type { ServerBehaviour } from './server-behaviour.ts'

/** What a case works with: a server of its own. */
export interface Imitation {
  readonly profile: ServerProfile
  readonly behaviour: ServerBehaviour
  readonly server: ImitatedServer
  /** What a client of that server is given. */
  readonly options: {
    issuer: string
    fetch: typeof globalThis.fetch
    profile: ServerProfile
    accessToken?: (() => { access_token: string }) | undefined
  }
}

/** A case before it is bound to a profile, and whether the behaviour asks for it. */
export type ProfileCase = readonly [
  name: string,
  applies: (behaviour: ServerBehaviour) => boolean,
  run: (imitation: Imitation) => Promise<void>,
]
