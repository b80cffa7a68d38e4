import { choiceOf, startEngine } from '../engines/choices.ts'
import type { EngineName } from '../engines/choices.ts'
import { announced } from './announced.ts'
import { engineFaults } from './engine-faults.ts'
import { failover } from './failover.ts'
import { herd } from './herd.ts'
import { kill } from './kill.ts'
import { pause } from './pause.ts'

const numbers = { processes: 200, kills: 1000, pauses: 200, faults: 470, failovers: 30, replicas: 50, quietMs: 120_000 }

/** What must come of it on each engine, by the names of its figures. */
const expected = {
  clients: 1,
  herdAgree: numbers.processes,
  recovered: numbers.kills,
  worse: 0,
  unaccounted: 0,
  pausesAgree: numbers.pauses,
  pausesLost: 0,
  faultsAgree: numbers.faults,
  duplicates: 0,
  savesLost: 0,
  goneOn: 2 * numbers.failovers,
  duplicatesAfterFailover: 0,
  reached: 50,
  unannounced: 0,
}

const names: readonly EngineName[] = ['postgres', 'redis']

/** Each bound, once for each engine. */
export const engineBounds: Readonly<Record<string, number>> = Object.fromEntries(
  names.flatMap((name) => Object.entries(expected).map(([figure, bound]) => [`${name}-${figure}`, bound])),
)

/** Services that share an engine: many at once, killed, paused, and while the engine fails. */
export async function engines(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  for (const name of names)
    for (const [figure, value] of Object.entries(await onEngine(name))) figures[`${name}-${figure}`] = value
  return figures
}

async function onEngine(name: EngineName): Promise<Record<string, number>> {
  await using engine = await startEngine(name)
  const turn = (index: number): ReturnType<typeof choiceOf> => choiceOf(name, engine.url, index)
  const started = await herd({ processes: numbers.processes, engine: turn(0) })
  const killed = await kill({ kills: numbers.kills, engine: turn(1) })
  const paused = await pause({ rounds: numbers.pauses, engine: turn(0) })
  const told = await announced(name, numbers)
  const faults = await engineFaults(name, { faults: numbers.faults })
  const over = await failover(name, { failovers: numbers.failovers })
  return {
    clients: started.clients,
    herdAgree: started.agree,
    killed: killed.kills,
    late: killed.late,
    extra: killed.extra,
    recovered: killed.recovered,
    worse: killed.worse,
    unaccounted: killed.unaccounted,
    pausesAgree: paused.agree,
    pausesLost: paused.lost,
    cuts: faults.cuts,
    engineKills: faults.kills,
    faultsAgree: faults.agree,
    duplicates: faults.duplicates,
    savesAcknowledged: faults.acknowledged,
    savesLost: faults.lost,
    acknowledgedBeforeFailover: over.acknowledged,
    takenBackByFailover: over.takenBack,
    goneOn: over.agree,
    duplicatesAfterFailover: over.duplicates,
    strangersWhereNobodyRemembers: over.strangers,
    reached: told.reached,
    unannounced: told.unannounced,
    reachedAfterMs: told.slowestMs,
  }
}
