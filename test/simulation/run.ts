import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import { bundle } from './bundle.ts'
import type { Edit } from './bundle.ts'
import type { Violation } from './invariants.ts'

/** What a thread is told to do. */
export interface Order {
  /** The address of the module that is simulated. */
  bundle: string
  spoil: string | undefined
  seeds: number[]
  withDigests: boolean
  /** Nothing goes wrong in any of these worlds. */
  isCalm: boolean
}

/** What came of one seed. */
export interface Report {
  seed: number
  broken: Record<string, Violation>
  processes: number
  calls: number
  faults: number
  choices: number
  /** Nothing could go wrong in this world. */
  isCalm: boolean
  counts: Record<string, number>
  digest: string | undefined
}

export interface RunOptions {
  /** A module that exports `RegistrationManager`. Default: our own. */
  manager?: string | undefined
  /** What is changed in its sources. */
  edits?: readonly Edit[] | undefined
  /** The name of a way to spoil the manager. */
  spoil?: string | undefined
  withDigests?: boolean
  isCalm?: boolean
  threads?: number
  /** How many seeds a thread runs before `onReport` is asked whether that is enough. Default: 20. */
  batch?: number
  /** Called with each report; `false` ends the run. */
  onReport: (report: Report) => boolean | void
}

const batch = 20

/** Threads that wait for orders; they keep no process alive. */
const idle: Worker[] = []

/** Runs seeds on all cores, in no order, until there are no more or `onReport` ends it. */
export async function runSeeds(seeds: Iterable<number>, options: RunOptions): Promise<void> {
  const { manager, edits, spoil, withDigests = false, isCalm = false, onReport } = options
  const { threads = availableParallelism() } = options
  const address = await bundle(manager, edits)
  const waiting = seeds[Symbol.iterator]()
  let isOver = false
  const next = (): number[] => {
    const taken: number[] = []
    while (!isOver && taken.length < (options.batch ?? batch)) {
      const { value, done } = waiting.next()
      if (done === true) isOver = true
      else taken.push(value)
    }
    return taken
  }
  const work = async (): Promise<void> => {
    const worker =
      idle.pop() ??
      new Worker(new URL('work.ts', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 128 } })
    worker.ref()
    for (let taken = next(); taken.length > 0; taken = next()) {
      const reports = await ask(worker, { bundle: address, spoil, seeds: taken, withDigests, isCalm })
      for (const report of reports) if (!isOver || taken.length > 0) isOver = onReport(report) === false || isOver
    }
    worker.unref()
    idle.push(worker)
  }
  await Promise.all(Array.from({ length: threads }, work))
}

function ask(worker: Worker, order: Order): Promise<Report[]> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners()
    worker.once('message', resolve)
    worker.once('error', reject)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(order)
  })
}
