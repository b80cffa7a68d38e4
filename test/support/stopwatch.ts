const tick = 20

/**
 * Counts the milliseconds in which this process was free to act, from now until the stopwatch is disposed of. While a busy machine
 * lets the process do nothing, one tick passes, so that a call which nothing holds up is in time on any machine.
 */
export function stopwatch(): { readonly ms: number } & Disposable {
  let ticks = 0
  const timer = setInterval(() => ticks++, tick)
  return {
    get ms() {
      return ticks * tick
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
