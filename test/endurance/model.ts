import fc from 'fast-check'

import { commands } from '../manager/model/commands.ts'
import { Past } from '../manager/model/past.ts'
import { World } from '../manager/model/world.ts'
import { hurryPatience } from '../manager/model/patience.ts'
import { startScriptedServer } from '../servers/index.ts'
import { takeClock } from '../support/clock.ts'

/** What many sequences of commands came to; that it returns at all says that every law was kept. */
export interface ModelFigures {
  sequences: number
  commands: number
  seconds: number
  /** Brings the run back, as `REGISTRANT_SEED`. */
  seed: number
}

const servers = fc.record({
  rotate: fc.constantFrom('never', 'update', 'read', 'both'),
  secrets: fc.constantFrom({}, { secretLifetime: 7200 }, { secretLifetime: 7200, renewSecretOnUpdate: true }),
})

// What fast-check and a server remember of a run grows with it.
const portion = 500

/** Runs that many sequences of commands, and says how many of each there were; throws with what brings the one back that broke a law. */
export async function model({
  sequences,
  seed = Number(process.env['REGISTRANT_SEED'] ?? Date.now() % 2 ** 30),
}: {
  sequences: number
  seed?: number | undefined
}): Promise<ModelFigures & Record<string, number>> {
  const started = performance.now()
  const tally = new Map<string, number>()
  let ran = 0
  for (let from = 0; from < sequences; from += portion) {
    const property = fc.asyncProperty(servers, commands(tally), async ({ rotate, secrets }, each) => {
      ran++
      await using server = await startScriptedServer({}, { open: true, rotate, ...secrets })
      using clock = takeClock()
      const patience = hurryPatience()
      await fc
        .asyncModelRun(() => ({ model: new Past(), real: new World(server, clock) }), each)
        .finally(() => patience[Symbol.dispose]())
    })
    await fc.assert(property, { numRuns: Math.min(portion, sequences - from), seed: seed + from })
  }
  return {
    sequences: ran,
    commands: [...tally.values()].reduce((sum, count) => sum + count, 0),
    seconds: Math.round((performance.now() - started) / 100) / 10,
    seed,
    ...Object.fromEntries(tally),
  }
}
