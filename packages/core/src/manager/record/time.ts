import type { KeeperOptions } from '../options.ts'

/**
 * An instant and a length: it binds while the two clocks differ by less than the length. A machine whose clock is days
 * off therefore binds nobody for longer than that.
 */
export interface Mark {
  at: number
  length: number
}

export const minute = 60_000
export const hour: number = 60 * minute
export const day: number = 24 * hour

/** Whether a mark is in force. */
export const binds = (mark: Mark | undefined, now: number): mark is Mark =>
  mark !== undefined && Math.abs(now - mark.at) < mark.length

/** So many times in a row, from when to when. */
export interface Row {
  first: number
  last: number
  count: number
}

/** What the server denied: the client, or only the credentials of a client that it knows. */
export interface Suspicion extends Row {
  of: 'client' | 'credentials'
}

/** A mark with a sentence for people. */
export interface Said extends Mark {
  said: string
}

/** Nobody could be reached: by whom it was noticed counts, since it may be that one's network that is broken. */
export type Outage = Said & { owner: string }

/** Why something is left alone. */
export interface Setback extends Said {
  count: number
  first: number
  /** The declaration that it is about; absent where any would fare alike. */
  hash?: string | undefined
  /** The declaration is wrong: waiting mends nothing. */
  final?: true | undefined
  /** What the token was that the server refused: with another one it is tried at once. */
  token?: string | undefined
}

/** What is left alone after it failed. */
export type Operation = 'register' | 'update' | 'renew' | 'look' | 'choose' | 'delete'

/** Somebody is about to delete it: no DELETE leaves unless this is saved. */
export interface Claim {
  owner: string
  mark: Mark
}

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

/** The instant at which a mark ends. */
export const endOf = ({ at, length }: Mark): number => at + length

/** The pauses after failures in a row: 1, 2, 4 ... 60 seconds, of which `chance` takes something between half and the whole. */
export const backOff = (count: number, chance: number, first = 1000, most: number = minute): number =>
  Math.min(first * 2 ** Math.max(0, count - 1), most) * (0.5 + chance / 2)

/**
 * Asks what has passed and what binds, and remembers the earliest instant at which one of the answers will change: until
 * then whoever asked need not ask again.
 */
export class Timeline {
  readonly now: number
  /** The earliest instant that lay ahead when it was asked about. */
  next: number = Infinity

  constructor(now: number) {
    this.now = now
  }

  isPast(instant: number | undefined): boolean {
    if (instant === undefined) return false
    if (instant <= this.now) return true
    this.next = Math.min(this.next, instant)
    return false
  }

  binds(mark: Mark | undefined): boolean {
    return binds(mark, this.now) && !this.isPast(endOf(mark))
  }
}
