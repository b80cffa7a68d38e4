/** What every clock of this process tells is ahead by what a test has let pass. Timers go on as ever. */
export interface Clock extends Disposable {
  /** Time passes for everybody: what is stored grows old, and so does every wait. */
  pass(ms: number): void
  /** Waits grow old, and nothing else: how a lease runs out, which is judged by the monotonic clock. */
  wait(ms: number): void
  /** The machine sleeps: the time of day goes on, and the monotonic clock stands still. */
  sleep(ms: number): void
}

/** Takes the clocks of this process in hand until it is disposed of. */
export function takeClock(): Clock {
  const date = Date.now
  const monotonic = performance.now.bind(performance)
  let [ahead, waited, slept] = [0, 0, 0]
  Date.now = () => date() + ahead + slept
  performance.now = () => monotonic() + ahead + waited
  return {
    pass: (ms) => void (ahead += ms),
    wait: (ms) => void (waited += ms),
    sleep: (ms) => void (slept += ms),
    [Symbol.dispose]: () => {
      Date.now = date
      Reflect.deleteProperty(performance, 'now')
    },
  }
}
