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
