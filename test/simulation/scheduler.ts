import type { Dice } from './dice.ts'
import type { SimulatedProcess } from './process.ts'

/** Something that happens at a moment; in a process, or in the world. */
export interface Happening {
  at: number
  order: number
  process: SimulatedProcess | undefined
  /** A timer of the process: it stands still while the machine sleeps. */
  isTimer: boolean
  run: () => void
  cancelled: boolean
  /** It was due, and its process stood still. */
  isHeld: boolean
}

let goOn: (() => void) | undefined
let armed = 0

/** Callbacks that are armed at once: so many cost what a few do, a turn of the real event loop. */
const together = 64

const turn = (): void => {
  armed--
  const next = goOn
  goOn = undefined
  next?.()
}

/** Lets every promise that can go on go on, as it is between any two callbacks of a platform. */
const drain = (): Promise<void> =>
  new Promise((resolve) => {
    goOn = resolve
    if (armed > 0) return
    for (; armed < together; armed++) setImmediate(turn)
  })

/**
 * Virtual time, and one thing after the other: an event is taken, runs in its process, and everything that follows from it
 * without waiting has happened before the next one is taken.
 */
export class Scheduler {
  /** Milliseconds since the world began. */
  time = 0
  /** How many things have happened. */
  happened = 0
  /** The process whose code is running. */
  current: SimulatedProcess | undefined
  /** What may befall a process before a step of it: it may be dead or paused afterwards. */
  beforeEach: (process: SimulatedProcess) => void = () => undefined
  /** Whether a process does the same again and again. */
  isRunaway: () => boolean = () => false
  readonly #dice: Dice
  readonly #heap: Happening[] = []

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Plans something; of what happens at the same moment, the dice say what comes first. */
  plan(at: number, process: SimulatedProcess | undefined, run: () => void, isTimer = false): Happening {
    const happening = {
      at: Math.max(at, this.time),
      order: this.#dice.next(),
      process,
      isTimer,
      run,
      cancelled: false,
      isHeld: false,
    }
    this.#push(happening)
    return happening
  }

  /** What is planned, in no order. */
  get planned(): readonly Happening[] {
    return this.#heap
  }

  /** Runs everything up to a moment, or until so many things have happened; says whether it came to the end. */
  async runUntil(end: number, most: number): Promise<boolean> {
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > end) {
        this.time = Math.max(this.time, end)
        return true
      }
      if (this.happened >= most || (this.happened % 16 === 0 && this.isRunaway())) return false
      this.#pop()
      if (next.cancelled || hasDied(next.process)) continue
      this.time = next.at
      if (next.process !== undefined) this.beforeEach(next.process)
      if (hasDied(next.process)) continue
      const pausedUntil = next.process?.pausedUntil ?? 0
      if (pausedUntil > next.at) {
        next.at = pausedUntil
        next.isHeld = true
        this.#push(next)
        continue
      }
      this.happened++
      this.current = next.process
      next.run()
      await drain()
      this.current = undefined
    }
  }

  /** Puts off everything that `which` picks. */
  postpone(which: (happening: Happening) => boolean, ms: number): void {
    const all = this.#heap.splice(0)
    for (const happening of all) {
      if (which(happening)) happening.at += ms
      this.#push(happening)
    }
  }

  /** Brings forward what was put off for a process that runs again: what was due comes now, timers that slept run on. */
  bringForward(
    which: (happening: Happening) => boolean,
    { asleep, standing }: { asleep: number; standing: number },
  ): void {
    const all = this.#heap.splice(0)
    for (const happening of all) {
      if (which(happening)) {
        if (happening.isHeld) happening.at = Math.max(this.time, happening.at - standing)
        else if (happening.isTimer) happening.at = Math.max(this.time, happening.at - asleep)
        happening.isHeld = false
      }
      this.#push(happening)
    }
  }

  #push(happening: Happening): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(happening)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !isBefore(happening, parent)) break
      heap[at] = parent
      at = above
    }
    heap[at] = happening
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      let child = heap[below]
      if (child === undefined) break
      const other = heap[below + 1]
      if (other !== undefined && isBefore(other, child)) {
        child = other
        below++
      }
      if (!isBefore(child, last)) break
      heap[at] = child
      at = below
    }
    heap[at] = last
  }
}

const isBefore = (a: Happening, b: Happening): boolean => (a.at === b.at ? a.order < b.order : a.at < b.at)

const hasDied = (process: SimulatedProcess | undefined): boolean => process?.isDead === true
