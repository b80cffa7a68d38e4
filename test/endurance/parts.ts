import { fuzzCalls } from './calls.ts'
import { coldLoad } from './cold-load.ts'
import { engineBounds, engines } from './engines.ts'
import { forgotten } from './forgotten.ts'
import { fuzz } from './fuzz.ts'
import { herdBesideControl } from './herd.ts'
import { killedStarts } from './keys.ts'
import { kill } from './kill.ts'
import { manyRecords } from './many-records.ts'
import { model } from './model.ts'
import { pause } from './pause.ts'
import { skew } from './skew.ts'
import { tabs } from './tabs.ts'
import { torture } from './torture.ts'

/** What a figure may be. */
export type Bound = number | { atLeast: number } | { atMost: number }

/** A part of the long run: what it does, and what must come of it. */
export interface Part {
  readonly name: string
  /** Figures by their names. */
  readonly run: () => object | Promise<object>
  readonly bounds: Readonly<Record<string, Bound>>
}

/** Every part, with the full numbers; `npm test` runs most of them with small ones. */
export const parts: readonly Part[] = [
  {
    name: 'herd',
    run: () => herdBesideControl({ processes: 200 }),
    bounds: { clients: 1, agree: 200, discoveries: 1, tokens: 1, registrations: 1, timesControl: { atMost: 1.5 } },
  },
  {
    name: 'kill',
    run: () => kill({ kills: 2000 }),
    // Too few kills after the end would mean that the last moments before it were not covered.
    bounds: { kills: 2000, recovered: 2000, worse: 0, unaccounted: 0, late: { atLeast: 200 } },
  },
  { name: 'pause', run: () => pause({ rounds: 200 }), bounds: { rounds: 200, agree: 200, lost: 0 } },
  { name: 'skew', run: () => skew({ rounds: 100 }), bounds: { rounds: 100, one: 100 } },
  {
    name: 'forgotten',
    run: () => forgotten({ processes: 50 }),
    bounds: { agree: 50, whileFailing: 0, whileInDoubt: 0, again: 1 },
  },
  {
    name: 'torture',
    run: () => torture({ writes: 20_000, kills: 200 }),
    bounds: { acknowledged: { atLeast: 20_000 }, lost: 0, double: 0, late: 0, unavailable: 0, killed: 200 },
  },
  {
    name: 'cold-load',
    run: () => coldLoad({ saves: 10_000 }),
    bounds: { saves: 10_000, timesFewSaves: { atMost: 1.5 }, timesReadFile: { atMost: 4 } },
  },
  {
    name: 'many-records',
    run: () => manyRecords({ records: 5000 }),
    bounds: { records: 5000, times: { atMost: 1.5 } },
  },
  {
    name: 'keys',
    // A third dies where the answer is on its way: only such a death leaves a client behind.
    run: () =>
      killedStarts(
        Array.from({ length: 48 }, (_, index) => (index % 3 === 0 ? 'before the answer' : Math.random() * 200)),
      ),
    bounds: { kills: 48, inert: { atLeast: 16 } },
  },
  {
    name: 'model',
    run: () => model({ sequences: 10_000 }),
    bounds: { sequences: 10_000, commands: { atLeast: 100_000 }, together: { atLeast: 5000 } },
  },
  { name: 'fuzz', run: () => fuzz({ answers: 1_000_000 }), bounds: { answers: { atLeast: 1_000_000 } } },
  { name: 'calls', run: () => fuzzCalls({ calls: 100_000 }), bounds: { calls: { atLeast: 100_000 } } },
  { name: 'tabs', run: () => tabs({ rounds: 5 }), bounds: { rounds: { atLeast: 5 }, others: 0 } },
  { name: 'engines', run: () => engines(), bounds: engineBounds },
]
