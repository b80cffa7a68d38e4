const tick = 20

/**
 * Counts the milliseconds that this process was free to act in, from now until it is disposed of. While a busy machine lets it do
 * nothing one tick passes, so that a call which nothing holds up is in time on any machine.
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
