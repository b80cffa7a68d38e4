import type { Call, Happening } from './happening.ts'
import { isEnded, known } from './look.ts'

const hour = 3_600_000

/** The model: as much of what has happened as the specification speaks of. */
export class Past {
  /** Clients that the programs' registrations made at the server, known or not. */
  readonly made = new Set<string>()
  /** Clients that the server has forgotten of its own accord. */
  readonly forgotten = new Set<string>()
  /** Clients that an event told of because the store could not be told. */
  readonly told = new Set<string>()
  /** When the server was asked for registrations that came to nothing, since the last that succeeded. */
  unanswered: number[] = []
  /** Since then somebody may have been overtaken, or not have got to sending: such attempts count too. */
  unsure = false
  /** Clients at which somebody was overtaken: his request may have reached the server after that of who took over. */
  readonly unfenced = new Set<string | undefined>()
  /** When the server last refused something, or failed. */
  refusedAt = -Infinity
  /** The declaration that a start has just found to be in force: the next one with it has nothing to do. */
  inForce: string | undefined

  /** Attempts that count against the next one. */
  spent(at: number): number {
    return this.unanswered.filter((it) => at - it < hour - 10_000).length
  }

  /** Whether a start may be told to wait. */
  mayWait(at: number): boolean {
    return this.unsure || this.spent(at) >= 3 || at - this.refusedAt < 61_000
  }

  /** Time passed, or something happened that no program did. */
  disturb(): void {
    this.inForce = undefined
  }

  /** Which clients there are, and which an event tells of: what the laws need to know of the happening that they judge. */
  hear({ calls, before, after, posts, storeFailed, impatient }: Happening): void {
    if (impatient) this.unfenced.add(before.client_id)
    // A save of unknown outcome that somebody has built upon is made once more, over a token that was rotated meanwhile.
    if (storeFailed && calls.length > 1 && startsOver(calls)) this.unfenced.add(after.client_id)
    for (const { client_id } of posts) if (client_id !== undefined) this.made.add(client_id)
    if (!storeFailed) return
    for (const event of calls.flatMap(({ told }) => told))
      if (event.type === 'orphan' && event.orphan.client_id !== undefined) this.told.add(event.orphan.client_id)
  }

  /** Takes note of it for what comes next. */
  add({ calls, before, after, at, clients, posts, serverFailed, storeFailed, impatient }: Happening): void {
    if (serverFailed) this.refusedAt = at
    const events = calls.flatMap(({ told }) => told)
    const isCleared = startsOver(calls) || succeeds(before, after) || events.some(({ type }) => type === 'updated')
    if (isCleared) this.#startAfresh(calls.every(({ how }) => how === 'resolved'))
    // Of what happens at one moment it is not known here which of it was counted before the rest cleared it.
    const isClear = calls.length === 1 || !isCleared
    // An attempt that was announced and could not leave counts as if it had.
    if (impatient || !isClear || after.intent?.sent === true) this.unsure = true
    const dies = calls.some(({ how }) => how === 'died')
    for (const { fate, client_id = '', at: asked } of isClear ? posts : [])
      if (fate === 'unknown' || (dies && clients.has(client_id) && !known(after).has(client_id)))
        this.unanswered.push(asked)
    const [call] = calls
    const settles = calls.length === 1 && call?.verb === 'ensure' && call.how === 'resolved'
    const drifts = events.some(({ type }) => type === 'drift' || type === 'unmanageable')
    // Where something failed, a renewal may be left to be tried again.
    if (settles && !drifts && !serverFailed && !storeFailed && after.state === 'registered')
      this.inForce = call.declares
    else if (calls.some(({ verb }) => verb !== 'status')) this.inForce = undefined
  }

  /** Who failed may have cleared nothing. */
  #startAfresh(isSure: boolean): void {
    this.unanswered = []
    this.unsure = !isSure
  }
}

/** Somebody decided to start over, whether or not he lived to see it. */
export const startsOver = (calls: readonly Call[]): boolean =>
  calls.some(({ verb }) => verb === 'forget' || verb === 'recover')

const succeeds = (before: Happening['before'], after: Happening['after']): boolean =>
  !isEnded(after) &&
  after.registration !== undefined &&
  (after.client_id !== before.client_id || after.registration.client_name !== before.registration?.client_name)
