import type { ClientProof } from '../model/http.ts'
import type { RequestKind, Session } from '../client/session.ts'
import { begin } from '../client/session.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { Leases } from './record/lease.ts'
import { minute } from './record/mark.ts'
import type { Found, RegistrationRecord } from './record/record.ts'
import type { SecretProofs, Start } from './start.ts'
import type { Situation } from './ensure/actions.ts'
import { RecordStore } from './record/record-store.ts'
import type { Replica } from './replica.ts'
import { openReplica } from './replica.ts'

/** What every step of the work needs, and what one process remembers between them. */
export interface Context extends Replica {
  session: Session
  /** What is stored, read and saved. */
  records: RecordStore
  /** What is announced before it is done, and whose turn it is. */
  leases: Leases
  /** Absent where no code may authenticate by a secret, in a page. */
  bySecret: SecretProofs | undefined
  /** Milliseconds until so many more requests that are no GET may leave: a server gets a few of them a minute. */
  restFor: (more: number, kind?: RequestKind) => number
  /** What a failure makes of a record: it binds this process also where that can't be saved, and counts in its own row. */
  met: (fail: (record: RegistrationRecord) => RegistrationRecord) => (record: RegistrationRecord) => RegistrationRecord
  /** Aborts when the manager was closed, and the time is over for which that waits. */
  closing: AbortController
  /** Runs what nobody waits for but `close()`. */
  inBackground: (task: () => Promise<unknown>) => void
}

/** What a caller wants besides a registration, and what this call has done for it. */
export interface Goal extends Pick<Situation, 'goal' | 'lostKey' | 'isInVain'> {
  renewals: number
  isDone: boolean
}

export const newGoal = (goal: Situation['goal'] = 'ensure', lostKey?: string): Goal => ({
  goal,
  lostKey,
  renewals: 0,
  isDone: false,
})

/** What one look at the record comes to: a registration, somebody to wait for, or a reason to look again. */
export type Step =
  | {
      registration: RegistrationResponse
      until: number
      /** Why it is not what was asked for: whoever asked for more than the client in use gets this instead. */
      because?: unknown
    }
  | { wait: Found; until: number }
  | 'again'

/** What an operation is carried out with. */
export interface Work {
  /** Aborts when the work was dropped: it sends and saves nothing more. */
  signal: AbortSignal
  /** Aborts when nobody waits for it any more. */
  left: AbortSignal
  /** The store's `exclusive` is held. */
  inside: boolean
  goal: Goal
}

/** A registration, and the instant of the server's time from which on the same record may call for something. */
export interface Ensured {
  registration: RegistrationResponse
  until: number
  /** Something failed, and the client in use is handed out all the same: whoever watches tries again later each time. */
  hasFailed: boolean
}

/** What work is told of those who wait for it. */
export interface Signals {
  /** Aborts when nobody waits any more, or the work was dropped: it may stop where nothing is at stake. */
  left: AbortSignal
  /** Aborts when the work was dropped: it sends and saves nothing more. */
  dropped: AbortSignal
}

/** The credentials that a server refused. */
export interface Rejected {
  client_id: string
  client_secret?: string | undefined
}

const mostPostsAMinute = 10
/** A proof that is to be had within less than a minute asks the token endpoint all its questions in that minute. */
const mostPostsWithProof = 25

/** Makes what proves a client in one token request; the one in use, where none is named. */
export type ProofOf = (context: Context, client?: RegistrationResponse) => Promise<ClientProof>

export async function openContext(
  start: Start,
  bySecret: SecretProofs | undefined,
  proofOf: ProofOf,
): Promise<Context> {
  const { options } = start
  const replica = openReplica(start)
  const { clock, memory, forgetDelay, tell } = replica
  const session = await begin(
    { ...options, onEvent: options.onEvent && tell },
    (date) => memory.shift(clock.hear(date)),
    (client) => proofOf(context, client),
  )
  const allowed = forgetDelay < minute ? mostPostsWithProof : mostPostsAMinute
  const records = new RecordStore(replica)
  const context: Context = {
    ...replica,
    session,
    restFor: (more, kind = 'change') => session.restFor(more, kind, allowed),
    records,
    leases: new Leases(replica, records),
    bySecret,
    met: (fail) => memory.met(fail, clock, forgetDelay),
    closing: new AbortController(),
    inBackground(task) {
      const running = task().catch(() => undefined)
      memory.background.add(running)
      const end = (): unknown => memory.background.delete(running)
      running.then(end, end)
    },
  }
  return context
}

/** Tells once what the engine of the store may lose, as it is configured; that it can't say is no reason to fail. */
export async function tellRisks({ store, inTime, tell }: Context): Promise<void> {
  const risks = await inTime('store', async (own) => store.risks?.(own))
  for (const { rule, message } of risks ?? []) tell({ type: 'warning', rule, message })
}
