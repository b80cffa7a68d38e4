import { cpus, totalmem } from 'node:os'

import type { Goal, Subject } from './subject.ts'
import { ratioOf, spreadOf } from './turns.ts'
import type { Spread, Taken } from './turns.ts'

/** The results of one way. */
export interface Row {
  way: string
  /** Each figure by its name. */
  figures: Record<string, Spread>
  /** The first figure over that of the base, round by round. */
  ratio: Spread
}

/** The results of a subject, with date and machine. */
export interface Result {
  name: string
  title: string
  about: string
  rounds: number
  units: Record<string, string>
  base: string
  rows: Row[]
  goal?: Goal & { reached: number }
  date: string
  machine: string
}

/** Draws the figures of a subject together. */
export function measured(subject: Subject, taken: Taken, rounds: number): Result {
  const { name, title, about, figures, base, goal } = subject
  const [first = ''] = Object.keys(figures)
  const bases = taken.get(base) ?? []
  const rows = [...taken].map(([way, samples]) => ({
    way,
    figures: Object.fromEntries(
      Object.keys(figures).map((figure) => [figure, spreadOf(samples.map((sample) => sample[figure] ?? NaN))]),
    ),
    ratio: ratioOf(samples, bases, first),
  }))
  return {
    name,
    title,
    about,
    rounds,
    units: { ...figures },
    base,
    rows,
    ...(goal !== undefined && { goal: { ...goal, reached: reachedOf(goal, rows) } }),
    date: new Date().toISOString().slice(0, 10),
    machine: `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`,
  }
}

function reachedOf({ way, figure }: Goal, rows: readonly Row[]): number {
  const row = rows.find((it) => it.way === way)
  return (figure === undefined ? row?.ratio.median : row?.figures[figure]?.median) ?? NaN
}
