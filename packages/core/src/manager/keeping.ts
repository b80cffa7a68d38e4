import { refuseOptions } from '../client/options.ts'
import { Session } from '../client/session.ts'
import type { RegistrationEvent } from '../events.ts'
import { platform } from '../platform.ts'
import { Clock } from './clock.ts'
import type { Home } from './home.ts'
import { Observed } from './lease.ts'
import { Memory } from './memory.ts'
import type { SecretProofs } from './secret-proofs.ts'
import type { Visit } from './visit.ts'

/** What every step of the work needs, and what one process remembers between them. */
export interface Keeping extends Visit, Home {
  conversation: Session
  clock: Clock
  observed: Observed
  memory: Memory
  /** Absent where no code may authenticate by a secret, in a page. */
  bySecret: SecretProofs | undefined
  /** Unique to this object, so that its own intents are known from others'. */
  owner: string
  lease: number
  forgetDelay: number
  overlap: number
}

export function keeping(visit: Visit, bySecret: SecretProofs | undefined): Keeping {
  const { options } = visit
  const {
    application,
    store,
    owner,
    timeout = 20_000,
    lease = timeout + 10_000,
    forgetDelay = 60_000,
    overlap = 3_600_000,
  } = options
  refuseOptions([
    ...(forgetDelay >= 0 ? [] : [['forgetDelay', 'It must be 0 or more'] as const]),
    ...(overlap >= 0 ? [] : [['overlap', 'It must be 0 or more'] as const]),
  ])
  const { onEvent } = options
  const heard = onEvent && ((event: RegistrationEvent): void => onEvent({ ...event, application }))
  const id = platform.randomId()
  return {
    ...visit,
    store,
    tell(event) {
      try {
        onEvent?.({ at: platform.now(), application, ...event })
      } catch {
        // A listener must not be able to break what it listens to.
      }
    },
    conversation: new Session({ ...options, onEvent: heard }),
    clock: new Clock(),
    observed: new Observed(),
    memory: new Memory(),
    bySecret,
    owner: owner === undefined ? id : `${owner} ${id}`,
    lease,
    forgetDelay,
    overlap,
  }
}
