import type { Call, Happening } from './happening.ts'
import { known } from './look.ts'

const hour = 3_600_000
const day = 24 * hour
/** Between the note of an attempt and its arrival at the server. */
const slack = 10_000

/** A registration that the server got and did not refuse. */
interface Attempt {
  at: number
  /** Nobody heard of a client, and it was no rotate() that asked: that counts in all of them alone. */
  isVain: boolean
  /** Somebody started over beside it, before it or after it: it may count, or not. */
  isBeside: boolean
}

/** The model: as much of what has happened as the specification speaks of. */
export class Past {
  /** Clients that the programs' registrations made at the server, known or not. */
  readonly made = new Set<string>()
  /** Clients that the server has forgotten of its own accord. */
  readonly forgotten = new Set<string>()
  /** Clients that an event told of: the store could not be told, or they were listed, and nobody looks after them any more. */
  readonly told = new Set<string>()
  /** Clients that somebody tried to delete, and could not find out whether that went well. */
  readonly doomed = new Set<string | undefined>()
  /** Attempts since somebody started over. */
  #attempts: Attempt[] = []
  /** Clients at which somebody was overtaken: his request may have reached the server after that of who took over. */
  readonly unfenced = new Set<string | undefined>()
  /** Clients whose management token may not be what is believed of it: a request about them failed, or was not saved. */
  readonly unheard = new Set<string | undefined>()
  /** When the server last refused something, or failed. */
  refusedAt = -Infinity
  /** When the server was last seen to know a client that was reported as refused. */
  provenAt = -Infinity
  /** When somebody died, or was overtaken, in the middle of something: what he noted is not known here. */
  #unsureAt = -Infinity
  /** The declaration that a start has just found to be in force: the next one with it has nothing to do. */
  inForce: string | undefined

  /** How many attempts within the hour before count against the next one: those that came to nothing, and all. */
  spent(at: number): { vain: number; all: number } {
    const recent = this.#attempts.filter((it) => !it.isBeside && at - it.at < hour - slack)
    return { vain: recent.filter(({ isVain }) => isVain).length, all: recent.length }
  }

  /** Whether a start may be told to wait. */
  mayWait(at: number): boolean {
    const within = (ms: number): number => this.#attempts.filter((it) => at - it.at < ms + slack).length
    const isSpent = within(hour) >= 3 || within(day) >= 12
    return isSpent || at - this.#unsureAt < hour + slack || at - this.refusedAt < 61_000
  }

  /** Time passed, or something happened that no program did. */
  disturb(): void {
    this.inForce = undefined
  }

  /** Which clients there are, and which an event tells of: what the laws need to know of the happening that they judge. */
  hear({ calls, before, after, posts, serverFailed, storeFailed, impatient }: Happening): void {
    if (impatient) this.unfenced.add(before.client_id)
    // A save of unknown outcome that somebody has built upon is made once more, over a token that was rotated meanwhile.
    if (storeFailed && calls.length > 1 && startsOver(calls)) this.unfenced.add(after.client_id)
    const isLost = serverFailed || storeFailed || impatient || calls.some(({ how }) => how === 'died')
    if (isLost) for (const { client_id } of [before, after]) this.unheard.add(client_id)
    if (isLost && calls.some(({ verb }) => verb === 'delete')) this.doomed.add(before.client_id)
    for (const { client_id } of posts) if (client_id !== undefined) this.made.add(client_id)
    for (const event of calls.flatMap(({ told }) => told)) {
      const id = event.type === 'orphan' ? event.orphan.client_id : undefined
      if (id !== undefined && (storeFailed || before.listed.some((it) => it.client_id === id))) this.told.add(id)
    }
  }

  /** Takes note of it for what comes next. */
  add(happening: Happening): void {
    const { calls, after, at, clients, posts, requests, serverFailed, storeFailed, impatient } = happening
    if (serverFailed || storeFailed) this.refusedAt = at
    const dies = calls.some(({ how }) => how === 'died')
    if (dies || impatient || storeFailed || after.intent?.sent === true) this.#unsureAt = at
    if (startsOver(calls)) this.#attempts = []
    const isBeside = startsOver(calls) && calls.length > 1
    const isRotation = calls.some(({ verb }) => verb === 'rotate')
    for (const { fate, client_id = '', at: sentAt } of posts) {
      const isVain = !isRotation && (fate === 'unknown' || !known(after).has(client_id))
      if (fate !== 'refused') this.#attempts.push({ at: sentAt, isVain, isBeside })
    }
    const { token } = clients.get(after.client_id ?? '') ?? {}
    const isHeard = after.manageable === (token === after.registration?.registration_access_token)
    if (isHeard && !serverFailed && !storeFailed && !dies && !impatient) this.unheard.delete(after.client_id)
    const isProven = calls.some((it) => it.verb === 'report' && it.registration?.client_id === it.given?.client_id)
    if (isProven && requests > 0) this.provenAt = at
    const events = calls.flatMap(({ told }) => told)
    const [call] = calls
    const settles = calls.length === 1 && call?.verb === 'ensure' && call.how === 'resolved'
    const drifts = events.some(({ type }) => type === 'drift' || type === 'unmanageable')
    // Where something failed, now or before, a renewal may be left to be tried again.
    const isLeft = serverFailed || storeFailed || after.waiting.some((it) => it.for === 'server')
    if (settles && !drifts && !isLeft && after.state === 'registered') this.inForce = call.declares
    else if (calls.some(({ verb }) => verb !== 'status')) this.inForce = undefined
  }
}

/** Somebody decided to start over, whether or not he lived to see it. */
export const startsOver = (calls: readonly Call[]): boolean =>
  calls.some(({ verb }) => verb === 'forget' || verb === 'recover')
