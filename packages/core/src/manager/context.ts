import { late } from '../client/abort.ts'
import { bounded } from '../client/deadline.ts'
import type { RegistrationEvent } from '../events.ts'
import { tellSafely } from '../events.ts'
import type { RequestKind, Session } from '../client/session.ts'
import { begin } from '../client/session.ts'
import { platform } from '../platform.ts'
import type { RegistrationStore } from '../store.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { Clock, Leases, Memory } from './memory.ts'
import { leaseOf, timeoutOf } from './options.ts'
import type { Moment } from './record/time.ts'
import { minute } from './record/time.ts'
import type { Found, RegistrationRecord, StoredOrphan } from './record/record.ts'
import { withFailures } from './record/setbacks.ts'
import { toOrphan } from './record/clients.ts'
import type { SecretProofs, Start } from './start.ts'
import { overlapOf } from './start.ts'
import type { Situation } from './ensure/actions.ts'

/** What every step of the work needs, and what one process remembers between them. */
export interface Context extends Start {
  store: RegistrationStore
  session: Session
  clock: Clock
  leases: Leases
  memory: Memory
  /** Absent where no code may authenticate by a secret, in a page. */
  bySecret: SecretProofs | undefined
  /** Unique to this object, so that its own intents are known from others'. */
  owner: string
  timeout: number
  lease: number
  forgetDelay: number
  overlap: number
  /** Milliseconds until so many more requests that are no GET may leave: a server gets a few of them a minute. */
  restFor: (more: number, kind?: RequestKind) => number
  tell: (event: Told) => void
  /** Runs what nobody waits for but `close()`. */
  inBackground: (task: () => Promise<unknown>) => void
}

/** What a caller wants besides a registration, and what this call has done for it. */
export interface Goal extends Pick<Situation, 'goal' | 'lostKey'> {
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

type Told = OmitOrigin<RegistrationEvent>
type OmitOrigin<Event> = Event extends unknown ? Omit<Event, 'at' | 'application'> : never

const mostPostsAMinute = 10
/** A proof that is to be had within less than a minute asks the token endpoint all its questions in that minute. */
const mostPostsWithProof = 25

export async function openContext(start: Start, bySecret: SecretProofs | undefined): Promise<Context> {
  const { options } = start
  const { application, store, owner, forgetDelay = 60_000, onEvent } = options
  const overlap = overlapOf(options)
  const heard = onEvent && ((event: RegistrationEvent): void => tellSafely(onEvent, { ...event, application }))
  const id = platform.randomId()
  const unique = owner === undefined ? id : `${owner} ${id}`
  const memory = new Memory(unique, start.declared.hash, options.accessToken)
  const clock = new Clock()
  const session = await begin({ ...options, onEvent: heard }, (date) => clock.hear(date))
  const allowed = forgetDelay < minute ? mostPostsWithProof : mostPostsAMinute
  return {
    ...start,
    store,
    session,
    restFor: (more, kind = 'change') => session.restFor(more, kind, allowed),
    clock,
    leases: new Leases(),
    memory,
    bySecret,
    owner: unique,
    timeout: timeoutOf(options),
    lease: leaseOf(options),
    forgetDelay,
    overlap,
    tell: (event) => tellSafely(onEvent, { at: platform.now(), application, ...event }),
    inBackground(task) {
      const running = task().catch(() => undefined)
      memory.background.add(running)
      const end = (): unknown => memory.background.delete(running)
      running.then(end, end)
    },
  }
}

/** What a transition is told of the time, chance and settings of this moment. */
export const momentOf = ({ clock, options, overlap, forgetDelay }: Context): Moment => ({
  now: clock.now(),
  chance: platform.random(),
  options,
  overlap,
  forgetDelay,
})

/** What a failure makes of a record: it binds this process also where that can't be saved, and counts in its own row. */
export function met(
  { memory, clock }: Context,
  fail: (record: RegistrationRecord) => RegistrationRecord,
): (record: RegistrationRecord) => RegistrationRecord {
  const { failures } = memory.own
  return (record) => {
    const next = fail(withFailures(record, failures))
    memory.meet(next, clock.now())
    memory.own.failures = next.failures
    return next
  }
}

/** Tells of clients that nobody will use: in a list, or, where none took them, here alone. */
export function tellOrphans({ tell }: Context, orphans: readonly (StoredOrphan | undefined)[], listed?: false): void {
  for (const orphan of orphans)
    if (orphan) tell({ type: 'orphan', orphan: toOrphan(orphan), ...(listed === false ? { listed } : {}) })
}

/** The client works, and is not what is declared, or not renewed: why, and what helps. */
export function tellDrift(
  { tell }: Context,
  record: RegistrationRecord,
  reason: string,
  said: string,
  type: 'drift' | 'renewal-failed' = 'drift',
): void {
  tell({ type, client_id: record.registration?.client_id, reason, message: said })
}

/** Tells once what the engine of the store may lose, as it is configured; that it can't say is no reason to fail. */
export async function tellRisks({ store, timeout, tell }: Context): Promise<void> {
  const risks = await bounded(timeout, undefined, async (own) => store.risks?.(own), late('store'))
  for (const { rule, message } of risks ?? []) tell({ type: 'warning', rule, message })
}
