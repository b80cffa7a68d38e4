/**
 * An instant and a length in milliseconds: the mark binds while now and the instant differ by less than the length. A machine
 * whose clock is days off therefore binds nobody for longer than that.
 */
export interface Mark {
  at: number
  length: number
}

export const minute = 60_000
export const hour: number = 60 * minute
export const day: number = 24 * hour

/** A wait that a server names is heeded up to an hour. */
export const heeded = (wait: number): number => Math.min(wait, hour)

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

/** The server could not be reached. It counts which replica noticed, since it may be that one's network that is broken. */
export type Outage = Said & { owner: string }

/** Why something is left alone. */
export interface Setback extends Said {
  count: number
  first: number
  /** The declaration that it is about; absent where any would fare alike. */
  hash?: string | undefined
  /** The declaration is wrong: waiting mends nothing. */
  final?: true | undefined
  /** The token that the server refused, as `Memory` names it: with another one it is tried at once. */
  token?: string | undefined
}

/** Whether a setback is about this declaration, and this token: another one may fare better. */
export const concerns = (
  setback: Setback | undefined,
  { hash, token }: { hash: string; token?: string | undefined },
): setback is Setback => setback !== undefined && (setback.hash ?? hash) === hash && (setback.token ?? token) === token

/** Somebody is about to delete a listed client: no DELETE leaves unless this is saved. */
export interface Claim {
  owner: string
  mark: Mark
}

/** The instant at which a mark ends. */
export const endOf = ({ at, length }: Mark): number => at + length
