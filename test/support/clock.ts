/** Sets every clock of this process ahead by the time that a test has let pass. Timers go on as ever. */
export interface Clock extends Disposable {
  /** Time passes on all clocks: records grow old, and so does every wait. */
  pass(ms: number): void
  /** Only waits grow old, by the monotonic clock: so a lease runs out. */
  wait(ms: number): void
  /** The machine sleeps: the time of day goes on, and the monotonic clock stands still. */
  sleep(ms: number): void
}

/** Replaces the clocks of this process until the returned clock is disposed of. */
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
