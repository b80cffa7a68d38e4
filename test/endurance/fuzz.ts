import { fileURLToPath } from 'node:url'

import fc from 'fast-check'

import { cases } from '../exchange/fuzz/answers.ts'
import { judge } from '../exchange/fuzz/judge.ts'

/** What the reading of many answers came to; that it returns at all says that no promise was broken. */
export interface FuzzFigures {
  answers: number
  seconds: number
  /** Brings the run back, as `REGISTRANT_SEED`. */
  seed: number
}

// What fast-check remembers of a run grows with it.
const portion = 50_000

/** Reads that many made-up answers; throws with what brings the one back that broke something. */
export function fuzz({ answers }: { answers: number }): FuzzFigures {
  const seed = Number(process.env['REGISTRANT_SEED'] ?? Date.now() % 2 ** 30)
  const started = performance.now()
  let read = 0
  const property = fc.property(cases, (each) => {
    read++
    judge(each)
  })
  for (let from = 0; from < answers; from += portion)
    fc.assert(property, { numRuns: Math.min(portion, answers - from), seed: seed + from })
  return { answers: read, seconds: Math.round((performance.now() - started) / 100) / 10, seed }
}

// Started as a program it is the longer run.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(fuzz({ answers: 1_000_000 }))
