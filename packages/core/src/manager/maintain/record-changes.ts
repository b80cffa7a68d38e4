import { sleep } from '../../client/abort.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { changeOrTime } from '../ensure/wait.ts'
import { load } from '../record/record-store.ts'

/** Milliseconds after which a store is looked at although it says nothing. */
export const lookEvery = 5000
/** No two looks at a store come closer than this, whatever it says. */
export const floor = 1000

/** Whoever looks more often does so ever more seldom while nothing is new. */
const slower = (ms: number): number => Math.max(ms, Math.min(ms * 1.2, floor))

/** Waits for another record. The store's hint wakes at once, and again only after a second, however often it is given. */
export class RecordChanges {
  readonly #context: Context
  readonly #left: AbortSignal
  readonly #every: number
  readonly #gap: number
  #woken = -Infinity

  /** `every`: how often it is looked at where the store gives no hints; `gap`: between two hints that are heeded. */
  constructor(context: Context, left: AbortSignal, every: number = lookEvery, gap: number = floor) {
    this.#context = context
    this.#left = left
    this.#every = every
    this.#gap = gap
  }

  async wait(ms: number): Promise<void> {
    const end = platform.monotonic() + ms
    let known = this.#context.memory.latest
    let [rest, every, gap] = [ms, this.#every, this.#gap]
    for (; rest > 0; rest = end - platform.monotonic(), every = slower(every), gap = slower(gap)) {
      const isHinted = known !== undefined && this.#context.store.changed !== undefined
      if (!isHinted) await sleep(Math.min(rest, every * (0.8 + platform.random() * 0.4)), this.#left)
      else if ((await changeOrTime(this.#context, known?.version ?? '', rest, this.#left)) === 'time') return
      else await this.#pause(end, gap)
      const now = await load(this.#context, this.#left).catch(() => known)
      // What arrives late of a save of our own that failed is no news.
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
