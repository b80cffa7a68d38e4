import type { CallOptions } from '../../client/options.ts'
import { TransportError } from '../../errors.ts'
import { bounded, requirePresent, unlessLeft } from '../../client/deadline.ts'
import type { Why } from '../../client/deadline.ts'
import type { Signals } from '../context.ts'
import { closed } from '../errors.ts'

interface Running<T> {
  work: Promise<T>
  callers: number
  left: AbortController
}

/** Work that several callers share. When the last of them has left it may stop where nothing is at stake. */
export class Flight<T> {
  readonly #start: (left: AbortSignal) => Promise<T>
  #running: Running<T> | undefined

  constructor(start: (left: AbortSignal) => Promise<T>) {
    this.#start = start
  }

  /** `ms`: for how long this caller waits, where that is less than the work may take. */
  async join(call?: CallOptions, ms?: number): Promise<T> {
    const { signal } = call ?? {}
    requirePresent(signal)
    const running = this.#running ?? this.#take()
    running.callers++
    try {
      const work = ms === undefined ? running.work : bounded(ms, undefined, () => running.work, notInTime)
      return structuredClone(await unlessLeft(work, signal))
    } finally {
      running.callers--
      if (running.callers === 0) this.#end(running)
    }
  }

  #take(): Running<T> {
    const left = new AbortController()
    const running = { work: this.#start(left.signal), callers: 0, left }
    this.#running = running
    const land = (): void => this.#end(running)
    running.work.then(land, land)
    return running
  }

  /** The next caller starts new work. */
  #end(running: { left: AbortController }): void {
    running.left.abort()
    if (this.#running?.left === running.left) this.#running = undefined
  }
}

/**
 * Runs work that announces operations one after the other, so that an intent of our own that is found is a leftover. Work that
 * does not end in time is dropped, and the next begins.
 */
export class Turns {
  readonly #most: number
  readonly #closing: AbortSignal
  #last: Promise<unknown> = Promise.resolve()

  constructor(most: number, closing: AbortSignal) {
    this.#most = most
    this.#closing = closing
  }

  async take<T>(left: AbortSignal, task: (signals: Signals) => Promise<T>): Promise<T> {
    const before = this.#last
    let isBegun = false
    const begin = async (dropped: AbortSignal): Promise<T> => {
      await before
      dropped.throwIfAborted()
      isBegun = true
      return withSignals(left, dropped, task)
    }
    const failure = (why: Why): Error => (why === 'late' || isBegun ? cutShort(why) : closed())
    const turn = bounded(this.#most, this.#closing, begin, failure)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async settled(): Promise<void> {
    await this.#last
  }
}

/** Runs a task with its signals: `left` aborts also when the work was dropped. */
async function withSignals<T>(
  left: AbortSignal,
  dropped: AbortSignal,
  task: (signals: Signals) => Promise<T>,
): Promise<T> {
  const leaving = new AbortController()
  const leave = ({ target }: { target: unknown }): void => leaving.abort((target === left ? left : dropped).reason)
  const signals = [left, dropped]
  for (const signal of signals) {
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave({ target: signal })
  }
  try {
    return await task({ left: leaving.signal, dropped })
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', leave)
  }
}

const closedMeanwhile = (): TransportError =>
  new TransportError(
    'This manager was closed before that came to its end. What was sent is written down in the store: another manager goes on with it.',
    { outcome: 'unknown' },
  )

/** The error of work that had begun and did not come to its end. */
export const cutShort = (why: Why): Error => (why === 'late' ? notInTime() : closedMeanwhile())

const notInTime = (): TransportError =>
  new TransportError('It was not done in time: the store, the server or another starter took too long. Call again.', {
    outcome: 'unknown',
  })
