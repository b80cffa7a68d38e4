import { RegistrationError, StateError } from '../../errors.ts'
import { canonical } from '../../model/values.ts'
import { platform } from '../../platform.ts'
import { longest } from '../../client/deadline.ts'
import { sleep } from '../../client/abort.ts'
import type { Context, Ensured } from '../context.ts'
import { backOff } from '../record/timeline.ts'
import { waitOf } from '../ensure/outcomes.ts'
import { changeOrTime } from '../ensure/wait.ts'
import { deleteReplacedAt, housekeep } from './sweep.ts'

/** The codes of errors that waiting can't cure. */
const incurable = new Set([
  'invalid-request',
  'policy',
  'deleted',
  'missing',
  'newer-schema',
  'store-corrupt',
  'store-denied',
  'closed',
])

/** The registration now, and after every change, whoever made it; renews in time. Ends when the signal aborts. */
export async function* watch(
  context: Context,
  ensure: () => Promise<Ensured>,
  left: AbortSignal,
): AsyncGenerator<Ensured['registration'], void, undefined> {
  const changes = new RecordChanges(context, left)
  let yielded = ''
  let failures = 0
  while (!left.aborted) {
    let ms: number
    let seen: string | undefined
    try {
      const { registration, until, writeId, hasFailed } = await ensure()
      seen = writeId
      failures = hasFailed ? failures + 1 : 0
      const text = canonical(registration)
      if (text !== yielded) {
        yielded = text
        yield registration
      }
      context.inBackground(() => housekeep(context))
      ms = Math.max(nextWake(context, until), failures === 0 ? 0 : backOff(failures, platform.random()))
    } catch (error) {
      if (left.aborted) return
      if (!(error instanceof RegistrationError) || incurable.has(error.code)) throw error
      failures++
      ms = Math.max(backOff(failures, platform.random()), retryAfter(error))
    }
    await changes.wait(Math.max(floor, ms), seen).catch((error: unknown) => {
      if (!left.aborted) throw error
    })
  }
}

/** Milliseconds until there is something to do although nothing changes. */
function nextWake(context: Context, until: number): number {
  const { clock, memory } = context
  const now = clock.now()
  const deletions = (memory.latest?.record.previous ?? []).map((it) => deleteReplacedAt(context, it))
  // A deletion that is overdue has just been begun, and is looked at again after a while.
  const times = [until, ...deletions.map((at) => (at <= now ? now + lookEvery : at))]
  return Math.min(longest, ...times.map((at) => at - now))
}

const retryAfter = (error: RegistrationError): number =>
  waitOf(error) ?? (error instanceof StateError ? error.retryAfter : undefined) ?? 0

/** Milliseconds after which a store is looked at that gives no hints, and one that does: a hint may be lost. */
const [lookEvery, hintedLook] = [5000, 60_000] as const
/** No two looks at a store come closer than this, whatever it says. */
const floor = 1000

/** A pause between two looks that is below a second grows to a second while nothing is new. */
const slower = (ms: number): number => Math.max(ms, Math.min(ms * 1.2, floor))

/** Waits for another record. The store's hint wakes at once, and again only after a second, however often it is given. */
export class RecordChanges {
  readonly #context: Context
  readonly #left: AbortSignal
  readonly #every: number
  readonly #gap: number
  #woken = -Infinity

  /** `every`: milliseconds between two looks where the store gives no hints; `gap`: between two hints that are heeded. */
  constructor(context: Context, left: AbortSignal, every: number = lookEvery, gap: number = floor) {
    this.#context = context
    this.#left = left
    this.#every = every
    this.#gap = gap
  }

  /** `seen`: the write id of the record that the caller has seen; one that this process has loaded since then is a hint. */
  async wait(ms: number, seen?: string): Promise<void> {
    const end = platform.monotonic() + ms
    let known = this.#context.memory.latest
    let [rest, every, gap] = [ms, this.#every, this.#gap]
    if (seen !== undefined && known?.record.writeId !== seen) return this.#pause(end, gap)
    for (; rest > 0; rest = end - platform.monotonic(), every = slower(every), gap = slower(gap)) {
      const isHinted = known !== undefined && this.#context.store.changed !== undefined
      const most = Math.min(rest, isHinted ? hintedLook : every * (0.8 + platform.random() * 0.4))
      if (!isHinted) await sleep(most, this.#left)
      else if ((await changeOrTime(this.#context, known?.version ?? '', most, this.#left)) === 'changed')
        await this.#pause(end, gap)
      else if (most === rest) return
      const now = await this.#context.records.load(this.#left).catch(() => known)
      // A save of our own that was said to have failed, and arrives late, is no news.
      const isOwn = now?.record.intent?.owner === this.#context.owner
      if (now?.record.writeId !== known?.record.writeId && !isOwn) return
      known = now
    }
  }

  async #pause(end: number, gap: number): Promise<void> {
    const rest = Math.min(this.#woken + gap, end) - platform.monotonic()
    if (rest > 0) await sleep(rest, this.#left)
    this.#woken = platform.monotonic()
  }
}
