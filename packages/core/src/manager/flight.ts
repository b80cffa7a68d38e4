import { join } from '../client/abort.ts'
import type { CallOptions } from '../client/options.ts'

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

  async join({ signal }: CallOptions = {}): Promise<T> {
    const running = this.#running ?? this.#take()
    running.callers++
    try {
      return structuredClone(await join(running.work, signal, 'registration', 'What has begun goes on.', 'unknown'))
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

  /** Whoever comes now starts anew. */
  #end(running: { left: AbortController }): void {
    running.left.abort()
    if (this.#running?.left === running.left) this.#running = undefined
  }
}
