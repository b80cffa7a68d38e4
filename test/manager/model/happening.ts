import type { RegistrationError, RegistrationEvent, RegistrationResponse, RegistrationStatus } from '@registrant/core'

import type { Post } from './faults.ts'
import type { Look } from './look.ts'

/** What a program can be made to do. */
export type Verb = 'ensure' | 'rotate' | 'read' | 'delete' | 'forget' | 'recover' | 'sweep' | 'status' | 'report'

export interface Call {
  who: number
  verb: Verb
}

/** A call, and what came of it. */
export interface Ended extends Call {
  how: 'resolved' | 'rejected' | 'died'
  registration?: RegistrationResponse | undefined
  status?: RegistrationStatus | undefined
  error?: RegistrationError | undefined
  /** What it was called with: the credentials that were refused, or the client that is known. */
  given?: RegistrationResponse | undefined
  /** What its program declares. */
  declares: string
  /** What it told meanwhile. */
  told: RegistrationEvent[]
}

/** One call, or some that were made at one moment, with how things stood before and stand after. */
export interface Happening {
  calls: Ended[]
  before: Look
  after: Look
  /** Milliseconds since the epoch, when all was over. */
  at: number
  /** What the server holds afterwards of each client: its secret and its management token. */
  clients: Map<string, { secret: unknown; token: string }>
  /** How many requests the server got. */
  requests: number
  posts: Post[]
  /** The clients for which a DELETE was sent. */
  deletes: string[]
  /** Nobody waited for a lease to run out: who was at it may have been overtaken. */
  impatient: boolean
  serverFailed: boolean
  storeFailed: boolean
}
