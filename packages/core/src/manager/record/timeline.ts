import type { KeeperOptions } from '../options.ts'
import type { Mark, Setback } from './mark.ts'
import { binds, endOf, minute } from './mark.ts'

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

/** The pauses after failures in a row: 1, 2, 4 ... 60 seconds, of which `chance` takes something between half and the whole. */
export const backOff = (count: number, chance: number, first = 1000, most: number = minute): number =>
  Math.min(first * 2 ** Math.max(0, count - 1), most) * (0.5 + chance / 2)

/** The name of a setback in a record; releases that know only the names of operations pass over the others. */
export const setbackName = <O extends string>(operation: O, hash?: string, token = ''): O | `${O} ${string}` =>
  hash === undefined ? operation : `${operation} ${hash} ${token}`

/** The setbacks of an operation: that of all who try it, and those of one declaration or token each. */
export const setbacksOf = (
  { setbacks = {} }: { setbacks?: Partial<Record<string, Setback>> | undefined },
  operation: string,
): Setback[] => Object.entries(setbacks).flatMap(([name, it]) => (it && name.split(' ')[0] === operation ? [it] : []))

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
