import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** Stands between clients and an engine, and cuts a connection when the engine has answered and before the client hears. */
export interface CutProxy {
  readonly port: number
  /** How many answers were lost since it was armed, and whether some are to be. */
  readonly cuts: number
  /** How many connections are open. */
  readonly connections: number
  /** The next answers to a request that says this are lost: so many of them, after so many that are not. */
  arm(what: RegExp, cuts: number, after: number): void
  /** Counts from now on how often requests say this, which is global. */
  count(what: RegExp): () => number
  /** Cuts every connection. */
  cut(): void
  /** Nothing passes on the next so many connections, or with 0 on those that are there any more, and nobody is told. */
  mute(next: number): void
  /** From now on each answer comes so many milliseconds late. */
  delay(ms: number): void
  /** From now on connections lead there, and those that are open are cut. */
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
