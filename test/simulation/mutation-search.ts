import type { Mutation } from './mutations.ts'
import { mutations } from './mutations.ts'
import type { Report } from './run.ts'
import { runSeeds } from './run.ts'

/** What a mutation breaks in a world in which the manager as it is keeps it. */
export async function brokenBy(mutation: Mutation, seed: number): Promise<string[]> {
  const [[spoilt], [whole]] = await Promise.all([reportsOf([seed], mutation), reportsOf([seed])])
  return Object.keys(spoilt?.broken ?? {}).filter((name) => whole?.broken[name] === undefined)
}

/** Searches for each mutation a seed that finds it, from 1 on, and tells of it. */
export async function searchMutations(most: number, tell: (line: string) => void): Promise<void> {
  for (const mutation of mutations) {
    let found: string | undefined
    let at = 0
    while (found === undefined && at < most) {
      const seeds = range(at + 1, Math.min(at + 40, most))
      at += seeds.length
      for (const { seed, broken } of await reportsOf(seeds, mutation)) {
        if (found !== undefined || Object.keys(broken).length === 0) continue
        const fresh = await brokenBy(mutation, seed)
        if (fresh.length > 0) found = `${String(seed).padStart(6)} schedules, ${fresh.join(' ')}`
      }
    }
    tell(`${mutation.rule.padEnd(4)} ${mutation.name}: ${found ?? `not in ${most}`}`)
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
