import type { Mutation } from './mutations.ts'
import { mutations } from './mutations.ts'
import type { Report } from './run.ts'
import { runSeeds } from './run.ts'

/** The invariants that a mutation breaks in worlds in which the unchanged manager keeps them, with their seeds. */
export async function brokenBy(mutation: Mutation, seeds: number[]): Promise<{ seed: number; name: string }[]> {
  const broken = (await reportsOf(seeds, mutation)).filter((report) => Object.keys(report.broken).length > 0)
  const whole = await reportsOf(broken.map(({ seed }) => seed))
  return broken.flatMap((report, at) =>
    Object.keys(report.broken).flatMap((name) =>
      whole[at]?.broken[name] === undefined ? [{ seed: report.seed, name }] : [],
    ),
  )
}

/** Searches for each mutation a seed that finds it, from 1 on, and tells of it. */
export async function searchMutations(most: number, tell: (line: string) => void): Promise<void> {
  for (const mutation of mutations) {
    let found: string | undefined
    let at = 0
    while (found === undefined && at < most) {
      const seeds = range(at + 1, Math.min(at + 40, most))
      at += seeds.length
      const [first] = await brokenBy(mutation, seeds)
      if (first) found = `${String(first.seed).padStart(6)} schedules, ${first.name}`
    }
    tell(
      `${mutation.rule.padEnd(4)} ${mutation.name}: ${found ?? `not in ${most}: ${mutation.lacks ?? 'found before'}`}`,
    )
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

async function reportsOf(seeds: number[], mutation?: Mutation): Promise<Report[]> {
  const reports: Report[] = []
  await runSeeds(seeds, {
    edits: mutation ? [mutation] : [],
    batch: 10,
    onReport: (report) => void reports.push(report),
  })
  return reports.toSorted((a, b) => a.seed - b.seed)
}
