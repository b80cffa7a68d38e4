/** The pauses after which a save is tried again that nobody else could make, and an update that went astray. */
const pauses = new Set([100, 300, 900, 1000])

/**
 * Until it is disposed of, who waits to try a save or an update again waits a twentieth. Deadlines count in steps of a second,
 * so theirs run out in a twentieth, too: that must be longer than any call takes.
 */
export function hurryPatience(): Disposable {
  const { setTimeout } = globalThis
  const hurried = <Given extends unknown[]>(task: (...given: Given) => void, ms = 0, ...given: Given): NodeJS.Timeout =>
    setTimeout(task, pauses.has(ms) ? ms / 20 : ms, ...given)
  globalThis.setTimeout = Object.assign(hurried, setTimeout)
  return { [Symbol.dispose]: () => void (globalThis.setTimeout = setTimeout) }
}
