import { setTimeout as sleep } from 'node:timers/promises'

import type { RegistrationManager } from '@registrant/node'

import { choiceOf, startEngine } from '../engines/choices.ts'
import type { EngineName, RunningEngine } from '../engines/choices.ts'
import { startCutProxy } from '../engines/cut-proxy.ts'
import type { CutProxy } from '../engines/cut-proxy.ts'
import { startScriptedServer } from '../servers/index.ts'
import type { ScriptedServer } from '../servers/index.ts'
import { openEngine } from '../starters/engine.ts'
import type { OpenEngine } from '../starters/engine.ts'
import { AcknowledgedSaves, ensured, managerOf } from './replicas.ts'

/** What faults of an engine came to. */
export interface EngineFaultFigures {
  faults: number
  /** Answers to saves that were lost on the way, and how often the engine was killed and started again. */
  cuts: number
  kills: number
  /** Rounds at whose end all processes had the one client. */
  agree: number
  /** Clients that live at the server and are not in use. */
  duplicates: number
  /** Saves that were acknowledged, and how many of them the engine did not have in the end. */
  acknowledged: number
  lost: number
}

const replicas = 3
const rotation = 4

/**
 * Three services that share an engine start at once, and one of them rotates its client, while an answer to a save is lost between
 * commit and reply, or the engine is killed and started again. Every fourth fault is a kill.
 */
export async function engineFaults(name: EngineName, { faults }: { faults: number }): Promise<EngineFaultFigures> {
  const figures = { faults: 0, cuts: 0, kills: 0, agree: 0, duplicates: 0, acknowledged: 0, lost: 0 }
  await using engine = await startEngine(name)
  await using proxy = await startCutProxy(engine.port)
  const url = engine.url.replace(String(engine.port), String(proxy.port))
  const opened = await Promise.all(
    Array.from({ length: replicas }, (_, index) => openEngine(choiceOf(name, url, index))),
  )
  const direct = await openEngine(choiceOf(name, engine.url, 0))
  for (let round = 0; round < faults; round++) {
    await using server = await startScriptedServer()
    const saves = new AcknowledgedSaves()
    const managers = opened.map(({ store }) => managerOf(server, saves.heardIn(store), String(round)))
    const doing = Promise.all(managers.map((manager) => ensured(() => manager.ensure())))
    await (round % rotation === 3 ? killed(engine, figures) : cut(proxy, round))
    await doing
    if (round % 2 === 1) await ensured(() => managers[0]?.rotate() ?? Promise.reject(new Error('There is none')))
    proxy.arm(/^$/, 0, 0)
    await judge(server, managers, saves, direct, figures)
  }
  figures.faults = faults
  figures.cuts = proxy.cuts
  await Promise.all([...opened, direct].map((it) => it.end()))
  return figures
}

/** What a client of either engine sends with a save. */
const save = /INSERT INTO|UPDATE |evalsha/i

/** Loses one or two answers, the first or a later one. */
async function cut(proxy: CutProxy, round: number): Promise<void> {
  proxy.arm(save, 1 + (round % 2), Math.floor(Math.random() * 6))
}

async function killed(engine: RunningEngine, figures: EngineFaultFigures): Promise<void> {
  await sleep(Math.random() * 60)
  await engine.kill()
  await sleep(Math.random() * 200)
  await engine.start()
  figures.kills++
}

async function judge(
  server: ScriptedServer,
  managers: readonly RegistrationManager[],
  saves: AcknowledgedSaves,
  direct: OpenEngine,
  figures: EngineFaultFigures,
): Promise<void> {
  // Nobody waits for what a rotation replaced: it is taken off here, as `watch()` would.
  const ends = await Promise.all(managers.map((manager) => ensured(() => manager.ensure())))
  await managers[0]?.sweep()
  const [status] = await Promise.all(managers.map((manager) => manager.status()))
  const used = new Set(ends.map(({ client_id }) => client_id))
  const waiting = new Set((status?.replaced ?? []).map(({ client_id }) => client_id))
  if (used.size === 1) figures.agree++
  figures.duplicates += server.clientIds().filter((id) => !used.has(id) && !waiting.has(id)).length
  const lost = await saves.missingFrom(direct.store)
  figures.acknowledged += saves.count
  figures.lost += lost
  await Promise.all(managers.map((manager) => manager.close()))
}
