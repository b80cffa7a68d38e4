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

/** What every step of the work needs, and what this process remembers between the steps. */
export interface Context extends Replica {
  session: Session
  /** Loads and saves the stored record. */
  records: RecordStore
  /** Announces operations in the record before they are done, and tells whose lease is in force. */
  leases: Leases
  /** Proves a client by its secret; resolves to `undefined` in a page, which has no code for that. */
  bySecret: SecretProofs | undefined
  /** Milliseconds until `more` further requests other than GET may leave: a server gets only a few of them a minute. */
  restFor: (more: number, kind?: RequestKind) => number
  /** Wraps a transition that notes a failure: it binds this process even if it can't be saved, and counts in its own row. */
  met: (fail: (record: RegistrationRecord) => RegistrationRecord) => (record: RegistrationRecord) => RegistrationRecord
  /** Aborts when `close()` no longer waits for the work: that has ended, or the time for it is over. */
  closing: AbortController
  /** Runs a task that only `close()` waits for. */
  inBackground: (task: () => Promise<unknown>) => void
}

/** What a caller wants besides a registration, and what this call has done for it. */
export interface Goal extends Pick<Situation, 'goal' | 'lostKey' | 'isReported' | 'isInVain'> {
  renewals: number
  isDone: boolean
}

export const newGoal = (goal: Situation['goal'] = 'ensure', lostKey?: string): Goal => ({
  goal,
  lostKey,
  renewals: 0,
  isDone: false,
})

interface Served {
  registration: RegistrationResponse
  until: number
  /** The record that it is from, as this process knew it. */
  found: Found | undefined
  /** Why it is only the client in use: a call that asked for more, by `rotate()` or `read()`, throws this instead. */
  because?: unknown
}

/** The result of one step: a registration, a record to wait for, or `again`: the record is to be loaded once more. */
export type Step = Served | { wait: Found; until: number } | 'again'

/**
 * What a call gets whose work failed: the client in use, with the credentials that others may have saved meanwhile; `again` where
 * they have registered another client, or given this one up.
 */
export function goOnWith({ memory, clock }: Context, client: RegistrationResponse, because: unknown): Served | 'again' {
  const { latest: found } = memory
  const { registration } = found?.record ?? { registration: client }
  return registration?.client_id === client.client_id ? { registration, until: clock.now(), found, because } : 'again'
}

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

/** A registration, and the instant (server time) from which on the same record may call for another action. */
export interface Ensured {
  registration: RegistrationResponse
  until: number
  /** The write id of the record that it is from. */
  writeId: string | undefined
  /** Something failed, and the client in use is returned all the same: `watch()` tries again after longer and longer pauses. */
  hasFailed: boolean
}

/** The signals by which work hears of those who wait for it. */
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
/** With a `forgetDelay` below a minute, all questions to the token endpoint fall into one minute. */
const mostPostsWithProof = 25

/** Makes the proof of a client for one token request: of the client in use, where none is named. */
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

/** Reports once what the engine of the store may lose, as it is configured. If it can't say, nothing fails. */
export async function tellRisks({ store, inTime, tell }: Context): Promise<void> {
  const risks = await inTime('store', async (own) => store.risks?.(own))
  for (const { rule, message } of risks ?? []) tell({ type: 'warning', rule, message })
}
