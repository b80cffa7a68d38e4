import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A proxy between clients and an engine, which can cut a connection when the engine has answered and the client not heard. */
export interface CutProxy {
  readonly port: number
  /** How many answers were lost so far. */
  readonly cuts: number
  /** How many connections are open. */
  readonly connections: number
  /** Loses the next answers to requests that match `what`: `cuts` of them, after `after` that are not lost. */
  arm(what: RegExp, cuts: number, after: number): void
  /** Counts from now on how often requests match this expression, which must be global. */
  count(what: RegExp): () => number
  /** Cuts every connection. */
  cut(): void
  /** Lets nothing pass on the next so many connections, or with 0 on the open ones any more, and tells neither side. */
  mute(next: number): void
  /** From now on each answer comes so many milliseconds late. */
  delay(ms: number): void
  /** From now on connections lead to this port, and the open ones are cut. */
  lead(port: number): void
  [Symbol.asyncDispose](): Promise<void>
}

export async function startCutProxy(target: number): Promise<CutProxy> {
  const sockets = new Set<Socket>()
  const counts = new Set<(said: string) => void>()
  const muted = new WeakSet<Socket>()
  let [late, toMute] = [0, 0]
  let [port, cuts, left, before, what] = [target, 0, 0, 0, /^$/]
  const listener = createServer((client) => {
    const engine = connect(port, '127.0.0.1')
    let [isDoomed, until] = [false, 0]
    if (toMute-- > 0) muted.add(client)
    for (const socket of [client, engine]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        engine.destroy()
      })
    }
    client.on('data', (bytes) => {
      if (muted.has(client)) return
      const said = bytes.toString('latin1')
      for (const count of counts) count(said)
      if (left > 0 && what.test(said) && before-- <= 0) {
        left--
        isDoomed = true
      }
      engine.write(bytes)
    })
    engine.on('data', (bytes) => {
      if (muted.has(client)) return
      if (!isDoomed) {
        // Later answers wait behind earlier ones.
        const due = Math.max(until, performance.now() + late)
        if (late > 0 || due > performance.now()) {
          until = due
          setTimeout(() => client.write(bytes), due - performance.now())
        } else client.write(bytes)
        return
      }
      cuts++
      client.destroy()
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('A server has no port')
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    get cuts() {
      return cuts
    },
    get connections() {
      return sockets.size / 2
    },
    arm: (said, times, after) => void ([what, left, before] = [said, times, after]),
    count(wanted) {
      let counted = 0
      counts.add((said) => (counted += said.match(wanted)?.length ?? 0))
      return () => counted
    },
    cut: cutAll,
    mute(next) {
      if (next === 0) for (const socket of sockets) muted.add(socket)
      toMute = next
    },
    delay: (ms) => void (late = ms),
    lead(other) {
      port = other
      cutAll()
    },
    async [Symbol.asyncDispose]() {
      cutAll()
      listener.close()
      await once(listener, 'close')
    },
  }
}
