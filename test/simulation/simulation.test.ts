import { describe, expect, test } from 'vitest'

import { invariants } from './invariants.ts'
import { notKept } from './known.ts'
import type { Report, RunOptions } from './run.ts'
import { runSeeds } from './run.ts'
import { spoils } from './spoilt.ts'

const names = Object.keys(invariants)
const seeds = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index)

async function reportsOf(which: number[], options: Omit<RunOptions, 'onReport'> = {}): Promise<Report[]> {
  const reports: Report[] = []
  await runSeeds(which, { ...options, onReport: (report) => void reports.push(report) })
  return reports.toSorted((a, b) => a.seed - b.seed)
}

/** What was broken, as a reader of a failed test wants to know it. */
const told = (reports: readonly Report[], which: readonly string[]): string[] =>
  reports.flatMap(({ seed, broken }) =>
    which.flatMap((name) => (broken[name] ? [`${name}, --seed ${seed}: ${broken[name].what}`] : [])),
  )

describe('a simulation', () => {
  const some = reportsOf(seeds(200), { withDigests: true })

  test('of one seed is the same story each time', async () => {
    // In another order, and so on other threads.
    const again = await reportsOf(seeds(200).toReversed(), { withDigests: true })
    const digests = (await some).map(({ digest }) => digest)
    expect(again.map(({ digest }) => digest)).toEqual(digests)
    expect(new Set(digests).size).toBe(200)
  }, 300_000)

  test('in which nothing goes wrong breaks nothing', async () => {
    expect(told(await reportsOf(seeds(150), { isCalm: true }), names)).toEqual([])
  }, 300_000)

  test('breaks nothing that the manager keeps', async () => {
    const kept = names.filter((name) => !(name in notKept))
    expect(told(await some, kept)).toEqual([])
  }, 300_000)

  test('breaks what the manager does not keep yet', async () => {
    const reports = await reportsOf([...new Set(Object.values(notKept))])
    for (const [name, seed] of Object.entries(notKept))
      expect(reports.find((it) => it.seed === seed)?.broken, `${name} holds for seed ${seed}`).toHaveProperty(name)
  }, 300_000)
})

describe('a manager that was spoilt', () => {
  test.for(Object.keys(spoils))('for %s breaks it', async (name) => {
    let isBroken = false
    await runSeeds(seeds(1000), {
      spoil: name,
      threads: 1,
      batch: 4,
      isCalm: !['I7', 'I11', 'I12'].includes(name),
      onReport: ({ broken }) => !(isBroken ||= name in broken),
    })
    expect(isBroken).toBe(true)
  })
})
