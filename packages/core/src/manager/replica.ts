import type { Told } from '../events.ts'
import { tellSafely } from '../events.ts'
import { platform } from '../platform.ts'
import { bounded } from '../client/deadline.ts'
import { late } from '../client/abort.ts'
import type { Start } from './start.ts'
import type { KeeperOptions } from './options.ts'
import { leaseOf, overlapOf, timeoutOf } from './options.ts'
import { Clock, Memory } from './memory.ts'
import type { RegistrationRecord, StoredOrphan } from './record/record.ts'
import type { Moment } from './record/timeline.ts'
import { toOrphan } from './record/clients.ts'

/**
 * One manager among those that share a record: its name, its settings, its clock, what it remembers, and its listener. All that
 * it says to the server goes through the context.
 */
export interface Replica extends Start {
  store: KeeperOptions['store']
  clock: Clock
  memory: Memory
  /** Unique to this object, so that its own intents are known from others'. */
  owner: string
  timeout: number
  lease: number
  forgetDelay: number
  overlap: number
  tell: (event: Told) => void
  /** Tells that the client works, and is not what is declared or was not renewed: why, and what helps. */
  tellDrift: (record: RegistrationRecord, reason: string, said: string, type?: 'drift' | 'renewal-failed') => void
  /** Tells of clients that nobody will use. `listed` is `false` where no list took them, so only this event names them. */
  tellOrphans: (orphans: readonly (StoredOrphan | undefined)[], listed?: false) => void
  /** The time, chance and settings of this moment, for a transition. */
  moment: () => Moment
  /** Asks the store, or its home for keys, for `timeout` at most. */
  inTime: <T>(what: 'store' | 'key home', ask: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal) => Promise<T>
}

export function openReplica(start: Start): Replica {
  const { options, declared } = start
  const { store, owner, forgetDelay = 60_000, accessToken } = options
  const id = platform.randomId()
  const unique = owner === undefined ? id : `${owner} ${id}`
  const [timeout, overlap] = [timeoutOf(options), overlapOf(options)]
  const clock = new Clock()
  return {
    ...start,
    store,
    clock,
    memory: new Memory(unique, declared.hash, accessToken),
    owner: unique,
    timeout,
    lease: leaseOf(options),
    forgetDelay,
    overlap,
    ...eventsOf(options),
    moment: () => ({ now: clock.now(), chance: platform.random(), options, overlap, forgetDelay }),
    inTime: (what, ask, signal) => bounded(timeout, signal, ask, late(what)),
  }
}

/** What is told, and to whom. */
function eventsOf({ onEvent, application }: KeeperOptions): Pick<Replica, 'tell' | 'tellDrift' | 'tellOrphans'> {
  const tell = (event: Told): void => tellSafely(onEvent, { at: platform.now(), application, ...event })
  return {
    tell,
    tellDrift: ({ registration }, reason, said, type = 'drift') =>
      tell({ type, client_id: registration?.client_id, reason, message: said }),
    tellOrphans(orphans, listed) {
      for (const orphan of orphans)
        if (orphan) tell({ type: 'orphan', orphan: toOrphan(orphan), ...(listed === false ? { listed } : {}) })
    },
  }
}
