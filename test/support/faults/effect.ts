import type { Fault } from '../fault-proxy.ts'

/**
 * What a fault comes to, whatever it hits: nothing; nothing was sent; no answer came; one of the two, as the system
 * likes; the body of a success broke off;
 * a success is not what it should be, is too long, is a page, or is an error; a redirect; or a refusal with a status.
 */
export type Effect =
  | 'none'
  | 'unsent'
  | 'lost'
  | 'unsent-or-lost'
  | 'cut-off'
  | 'unreadable'
  | 'too-long'
  | 'page'
  | 'error'
  | 'redirect'
  | number

/** A fault, and what it comes to. */
export type KnownFault = Fault & {
  effect: Effect
  /** It asks to be left alone for longer than a call has. */
  patience?: boolean
  /** Only the deadline ends it. */
  slow?: boolean
}
