import type { KeeperOptions } from '../options.ts'

/** What a transition is told besides the record: the time, a piece of chance, and how this manager is set. */
export interface Moment {
  /** The server's time. */
  now: number
  /** Between 0 and 1: for what is chosen once, so that replicas don't act together. */
  chance: number
  options: KeeperOptions
  overlap: number
  forgetDelay: number
}
