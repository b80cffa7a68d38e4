// One thread of a simulation: runs the seeds that it is given, and says what came of each.
import { parentPort } from 'node:worker_threads'

import './globals.ts'
import type { Order, Report } from './run.ts'
import { broken } from './invariants.ts'
import { planOf } from './aims.ts'
import { withoutFaults } from './plan.ts'
import { spoilt } from './spoilt.ts'
import { digestOf } from './story.ts'
import { takeSeen } from './taps.ts'
import type { Simulated } from './world.ts'
import { rejectedForNobody, runWorld } from './world.ts'

// Nobody reads where an error of a simulated process was made, and to find out takes longer than all the rest.
Error.stackTraceLimit = 0

process.on('unhandledRejection', rejectedForNobody)
parentPort?.on('message', (order: Order) => {
  work(order).catch((error: unknown) => {
    // A fault of the simulation itself, not of what it simulates.
    process.nextTick(() => {
      throw error
    })
  })
})

async function work({ bundle, spoil, seeds, withDigests, isCalm }: Order): Promise<void> {
  const real: Simulated = await import(bundle)
  const simulated = spoil === undefined ? real : spoilt(spoil, real)
  const reports: Report[] = []
  for (const seed of seeds) {
    const drawn = planOf(seed)
    const history = await runWorld(isCalm ? withoutFaults(drawn) : drawn, simulated)
    reports.push({
      seed,
      broken: broken(history),
      processes: history.plan.processes.length,
      calls: history.calls.length,
      faults: Object.values(history.struck).reduce((sum, times) => sum + times, 0),
      choices: history.choices,
      isCalm: history.plan.faults.length === 0 && history.plan.incidents.length === 0,
      counts: countsOf(history),
      digest: withDigests ? digestOf(history) : undefined,
    })
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(reports)
}

/** What happened how often: faults, requests with what was answered, verbs with how they ended. */
function countsOf(history: Awaited<ReturnType<typeof runWorld>>): Record<string, number> {
  const counts: Record<string, number> = takeSeen()
  const count = (what: string, times = 1): void => void (counts[what] = (counts[what] ?? 0) + times)
  for (const [met, times] of Object.entries(history.met)) count(`fault: ${met}`, times)
  for (const it of history.requests)
    count(`${it.method} ${it.endpoint}: ${it.isUnanswered ? 'no answer' : (it.status ?? 'no answer')}`)
  for (const it of history.calls)
    count(`${it.verb}(): ${it.endedAt === undefined ? 'did not end' : (it.code ?? 'resolved')}`)
  for (const it of history.shown) if (it.what === 'event') count(`event: ${it.type}`)
  return counts
}
