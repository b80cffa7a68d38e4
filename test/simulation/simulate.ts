// Runs worlds and says what they break.
//
//   npm run simulate -- --minutes N      fresh seeds for so long; what was broken, how often, and by which seeds
//   npm run simulate -- --seed N         one seed again: its story, shrunk to what plays a part; --whole: all of it
//   npm run simulate -- --rate           schedules a minute, the medians of processes, calls, faults and choices, and how often
//                                        each action, each meaning, and each fault at each step was met; one world in 33 aims
//                                        at one of these
//   npm run simulate -- --digests        a digest of each story, to be compared with those of another machine
//   npm run simulate -- --mutations N    old defects, put back: after how many schedules, of N at most, each is found
//
// --from N and --count N choose the seeds, --engine files those whose store is of an engine with that in its name (three of
// them are disks), --only I4 the invariants, --manager PATH another module that exports a
// `RegistrationManager` (there has to be a `platform.ts` in a folder above it).
import { parseArgs } from 'node:util'

import './globals.ts'
import { bundle } from './bundle.ts'
import { countLines } from './counts.ts'
import { broken, duration } from './invariants.ts'
import { searchMutations } from './mutation-search.ts'
import { planOf, withAims } from './aims.ts'
import type { Report } from './run.ts'
import { runSeeds } from './run.ts'
import { shrink } from './shrink.ts'
import { planLines, storyOf } from './story.ts'
import { taps } from './taps.ts'
import type { Simulated } from './world.ts'
import { rejectedForNobody, runWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    count: { type: 'string' },
    engine: { type: 'string', default: '' },
    rate: { type: 'boolean' },
    mutations: { type: 'string' },
    digests: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    whole: { type: 'boolean' },
    manager: { type: 'string' },
  },
})

Error.stackTraceLimit = 0
if (values.seed !== undefined) await tell(Number(values.seed))
else if (values.mutations !== undefined) await searchMutations(Number(values.mutations), (line) => console.log(line))
else if (values.digests) await tellDigests()
else await run()

/** Runs one seed and tells its story, without what plays no part in it. */
async function tell(seed: number): Promise<void> {
  process.on('unhandledRejection', rejectedForNobody)
  const simulated: Simulated = await import(await bundle(values.manager))
  const drawn = planOf(seed)
  const found = Object.keys(broken(await runWorld(drawn, simulated), values.only))
  const [first] = found
  const plan = first === undefined || values.whole === true ? drawn : await shrink(drawn, first, simulated)
  const history = await runWorld(plan, simulated)
  console.log([...planLines(plan), '', ...storyOf(history), ''].join('\n'))
  for (const [name, { at, what }] of Object.entries(broken(history)))
    console.log(`${name} is broken at ${duration(at)}: ${what}`)
  console.log(found.length === 0 ? 'Nothing is broken.' : `The whole world of this seed breaks ${found.join(', ')}.`)
  process.exitCode = found.length > 0 ? 1 : 0
}

/** Runs seeds and tells what each story comes to. */
async function tellDigests(): Promise<void> {
  const reports: Report[] = []
  const seeds = range(Number(values.from ?? 1), Number(values.count ?? 200))
  await runSeeds(seeds, { manager: values.manager, withDigests: true, onReport: (report) => void reports.push(report) })
  for (const { seed, digest } of reports.toSorted((a, b) => a.seed - b.seed)) console.log(`${seed} ${digest}`)
}

/** Runs seeds for a while, and tells for each invariant which seeds break it. */
async function run(): Promise<void> {
  const ms = Number(values.minutes ?? (values.rate ? 0.5 : 1)) * 60_000
  const from = Number(values.from ?? (values.rate ? 1 : Math.floor(Date.now() / 1000) * 1000))
  const reports: Report[] = []
  const counts: Record<string, number> = {}
  const found = new Map<string, { seeds: number[]; what: string }>()
  const started = performance.now()
  const seeds = overEngine(withAims(range(from, Infinity)), values.engine, Number(values.count ?? Infinity))
  await runSeeds(seeds, {
    manager: values.manager,
    edits: values.rate ? taps : [],
    onReport(report) {
      reports.push(report)
      for (const [what, times] of Object.entries(report.counts)) counts[what] = (counts[what] ?? 0) + times
      for (const [name, { what }] of Object.entries(report.broken)) {
        if (values.only !== undefined && !values.only.includes(name)) continue
        const known = found.get(name)
        if (known) known.seeds.push(report.seed)
        else found.set(name, { seeds: [report.seed], what })
        console.log(`${name} is broken by seed ${report.seed}: ${what}`)
      }
      return performance.now() - started < ms
    },
  })
  const { user, system } = process.cpuUsage()
  const seconds = (performance.now() - started) / 1000
  console.log('')
  const others = Object.entries(counts).filter(([what]) => /^(?:[A-Z]|event|\w+\(\))/.test(what))
  for (const [what, times] of others.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(times).padStart(9)}  ${what}`)
  if (values.rate) {
    const { lines, unexplained } = countLines(counts)
    console.log(lines.join('\n'))
    if (unexplained.length > 0) console.log(`\n0 in this run, and could occur: ${unexplained.join('; ')}`)
  }
  console.log(
    `\n${reports.length} schedules in ${seconds.toFixed(1)} s, ${Math.round((reports.length / seconds) * 60)} a minute; ${((user + system) / 1000 / reports.length).toFixed(1)} ms of processor time each`,
  )
  for (const what of ['processes', 'calls', 'faults', 'choices'] as const)
    console.log(`median ${what}: ${median(reports.map((report) => report[what]))}`)
  const names = [...found].toSorted(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)))
  for (const [name, { seeds: all, what }] of names)
    console.log(`${name}: broken ${all.length} times, by --seed ${all.join(', ')}: ${what}`)
  process.exitCode = found.size > 0 && values.rate !== true ? 1 : 0
}

/** The first `count` seeds whose store is of an engine with `name` in its name. */
function* overEngine(seeds: Iterable<number>, name: string, count: number): Generator<number> {
  let left = count
  for (const seed of seeds) {
    if (left === 0) return
    if (name !== '' && !planOf(seed).engine.name.includes(name)) continue
    yield seed
    left--
  }
}

function* range(from: number, count: number): Generator<number> {
  for (let seed = from; seed < from + count; seed++) yield seed
}

function median(all: number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0
}
