import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { choiceOf, startEngine } from '../engines/choices.ts'
import type { EngineName } from '../engines/choices.ts'
import { startCutProxy } from '../engines/cut-proxy.ts'
import { startScriptedServer } from '../servers/index.ts'
import { openEngine } from '../starters/engine.ts'
import { managerOf } from './replicas.ts'

/** What it came to that one replica's news reached the others. */
export interface AnnouncedFigures {
  replicas: number
  /** Replicas that had the rotated client in the end. */
  reached: number
  /** Loads that the engine was asked for while nothing was saved. */
  unannounced: number
  /** Loads that it was asked for until all had it: that it is counted at all. */
  announced: number
  /** From the rotation until the last replica had it, in milliseconds. */
  slowestMs: number
}

/** What each of the clients sends with a load. */
const load = { postgres: /pg_is_in_recovery/g, redis: /evalsha/gi }

/** Replicas watch one registration, nothing happens for a while, and one of them rotates. */
export async function announced(
  name: EngineName,
  { replicas, quietMs }: { replicas: number; quietMs: number },
): Promise<AnnouncedFigures> {
  await using engine = await startEngine(name)
  await using server = await startScriptedServer()
  await using proxy = await startCutProxy(engine.port)
  const url = engine.url.replace(String(engine.port), String(proxy.port))
  const opened = await Promise.all(
    Array.from({ length: replicas }, (_, index) => openEngine(choiceOf(name, url, index))),
  )
  const leaving = new AbortController()
  const instance = randomUUID()
  const seen = new Map<number, string>()
  const managers = opened.map(({ store }) => managerOf(server, store, instance))
  const watching = managers.map(async (manager, index) => {
    for await (const { client_id } of manager.watch({ signal: leaving.signal })) seen.set(index, client_id)
  })
  await until(() => seen.size === replicas)
  const loads = proxy.count(load[name])
  await settled(loads)
  const before = loads()
  await sleep(quietMs)
  const unannounced = loads() - before
  const began = performance.now()
  const rotated = await managers[0]?.rotate()
  const reached = (): number => [...seen.values()].filter((client) => client === rotated?.client_id).length
  await until(() => reached() === replicas)
  const slowestMs = Math.round(performance.now() - began)
  const figures = { replicas, reached: reached(), unannounced, announced: loads() - before - unannounced, slowestMs }
  leaving.abort()
  await Promise.all(watching)
  await Promise.all(managers.map((manager) => manager.close()))
  await Promise.all(opened.map((it) => it.end()))
  return figures
}

/** Sessions open, and each has looked once since: whoever had none would look every five seconds. */
async function settled(loads: () => number): Promise<void> {
  for (let looks = 0, before = -1; looks < 20 && before !== loads(); looks++) {
    before = loads()
    await sleep(6000)
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; looks < 1200 && !holds(); looks++) await sleep(50)
}
