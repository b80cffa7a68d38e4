/** Seconds before a person wonders whether anything happens. */
const patience = 2

/** A line on a terminal that says how long something takes, written over each second; nothing where there is no terminal. */
class Progress {
  #timer: NodeJS.Timeout | undefined
  #seconds = 0
  #isShown = false

  begin(): void {
    if (!process.stderr.isTTY || this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#show(), 1000)
    this.#timer.unref()
  }

  /** Takes the line away, so that another can be printed. */
  hide(): void {
    if (this.#isShown) process.stderr.write('\r\u{1b}[2K')
    this.#isShown = false
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.hide()
  }

  #show(): void {
    this.#seconds += 1
    if (this.#seconds < patience) return
    this.hide()
    process.stderr.write(`… waiting, for ${this.#seconds} s`)
    this.#isShown = true
  }
}

/** The progress line of this process. */
export const progress: Progress = new Progress()
