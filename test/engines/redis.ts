import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { createClient } from 'redis'

import { engineAt, engineFolder, freePort, startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'

/** Whether this machine has it. */
export const hasRedis = engineAt('Redis') !== undefined

/** A Redis of a test's own, which flushes each save unless its settings say otherwise. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Kills it at once, as a power failure would. */
  kill(): Promise<void>
  /** Starts it again, with the data that it has. */
  start(): Promise<void>
  /** Makes a replica the primary server. */
  promote(): Promise<void>
  /** Sends it a command, and gives its answer as text. */
  ask(...command: string[]): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts Redis without any data; `settings` as in `redis.conf`. */
export async function startRedis(settings: Record<string, string | number> = {}): Promise<RedisServer> {
  const program = engineAt('Redis')
  if (program === undefined) throw new Error('This needs Redis')
  const folder = await engineFolder()
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const all = {
    port,
    bind: '127.0.0.1',
    dir: folder.path,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'repl-diskless-sync-delay': 0,
    'cluster-config-file': join(folder.path, 'nodes.conf'),
    ...settings,
  }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)])
  let daemon: Daemon | undefined
  const ask = async (...command: string[]): Promise<string> => {
    const client = createClient({ url, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    await client.connect()
    try {
      const answer: unknown = await client.sendCommand(command)
      return typeof answer === 'string' ? answer : JSON.stringify(answer)
    } finally {
      client.destroy()
    }
  }
  const answers = async (): Promise<void> => {
    const said = await ask('INFO', 'persistence')
    if (said.includes('loading:1')) throw new Error('It loads its data')
  }
  const start = async (): Promise<void> => void (daemon = await startDaemon(program, args, answers))
  const kill = async (): Promise<void> => {
    await daemon?.stop('SIGKILL')
    daemon = undefined
  }
  await start()
  return {
    port,
    url,
    kill,
    start,
    promote: async () => void (await ask('REPLICAOF', 'NO', 'ONE')),
    ask,
    async [Symbol.asyncDispose]() {
      await kill()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Starts a cluster of three, each with a third of the slots. */
export async function startRedisCluster(): Promise<{ nodes: RedisServer[]; [Symbol.asyncDispose](): Promise<void> }> {
  const nodes = await Promise.all(
    [0, 1, 2].map(() => startRedis({ 'cluster-enabled': 'yes', 'cluster-node-timeout': 5000 })),
  )
  const dispose = async (): Promise<void> => void (await Promise.all(nodes.map((it) => it[Symbol.asyncDispose]())))
  try {
    const bounds = [0, 5461, 10_923, 16_384]
    for (const [index, node] of nodes.entries()) {
      await node.ask('CLUSTER', 'ADDSLOTSRANGE', String(bounds[index]), String((bounds[index + 1] ?? 0) - 1))
      await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    }
    for (const { port } of nodes) await nodes[0]?.ask('CLUSTER', 'MEET', '127.0.0.1', String(port))
    const isWhole = async (node: RedisServer): Promise<boolean> => {
      const [info, slots] = [await node.ask('CLUSTER', 'INFO'), await node.ask('CLUSTER', 'NODES')]
      return info.includes('cluster_state:ok') && slots.trim().split('\n').length === nodes.length
    }
    for (let looks = 0; !(await Promise.all(nodes.map(isWhole))).every(Boolean); looks++) {
      if (looks > 300) throw new Error('The cluster does not come together')
      await pause(100)
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return { nodes, [Symbol.asyncDispose]: dispose }
}
