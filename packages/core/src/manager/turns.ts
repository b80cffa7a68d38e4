/** Lets operations that write intents run one after the other: an intent of our own that is found is then a leftover. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  async take<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task, task)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
