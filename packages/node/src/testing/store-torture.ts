import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { sumOf } from './sum.ts'
import { storeOf } from './torture-store.ts'
import { Writers } from './writers.ts'

/** How a store is tortured. */
export interface StoreTortureOptions {
  /**
   * A module that exports `makeStore(directory)`, by this name or as its default. Every process imports it and makes its
   * own store; all get the same empty directory, which a store that keeps nothing in files may use as a name.
   */
  module: URL
  /** Where that directory is made, and removed in the end. Default: the system's directory for temporary files */
  directory?: string | undefined
  /** How many processes write at once. Default: 12 */
  processes?: number | undefined
  /** How many acknowledged saves are waited for. Default: 1,500 */
  writes?: number | undefined
  /** The shortest and the longest pause of a process, in milliseconds; `false`: nobody is paused. Default: `[30, 430]` */
  pauses?: readonly [shortest: number, longest: number] | false | undefined
  /** How many processes are killed, spread over the whole, each replaced by a new one. Default: one per 100 writes */
  kills?: number | undefined
  /** How far, in milliseconds, the clocks of half of the processes are wrong, ahead and behind by turns. Default: 3 hours */
  skew?: number | undefined
}

/** What came of it. A store that holds what it promises has 0 `lost` and 0 `double`. */
export interface StoreTortureResult {
  /** Saves that resolved to a version. */
  acknowledged: number
  /** Acknowledged saves that the last value knows nothing of. */
  lost: number
  /** Acknowledged saves over a version over which another one was acknowledged. */
  double: number
  /** Saves that resolved to `false`, as they should when another writer was faster. */
  refused: number
  /** Saves that resolved to `false`, or threw, and were made all the same. */
  late: number
  /** Saves that threw `store-unknown`. */
  unknown: number
  /** Calls that threw `store-unavailable`. */
  unavailable: number
  /** How often a process was paused, and how often one was killed. */
  paused: number
  killed: number
  /** How long it took. */
  seconds: number
}

/**
 * Lets processes save under one key at once, each adding one to the sum that is there, while some are stopped
 * (`SIGSTOP`) in the middle of whatever they do and others go on, some are killed, and half have a wrong clock. Counts what became of
 * every acknowledged save.
 *
 * It needs a system with signals: Linux, macOS, not Windows.
 *
 * @throws {Error} a process ended by itself, a value was loaded that nobody saved, or nothing was saved for 60 seconds
 */
export async function storeTorture(options: StoreTortureOptions): Promise<StoreTortureResult> {
  const { module, processes = 12, writes = 1500, pauses = [30, 430], skew = 3 * 3_600_000 } = options
  const kills = options.kills ?? Math.floor(writes / 100)
  const started = performance.now()
  const directory = await mkdtemp(join(options.directory ?? tmpdir(), 'registrant-torture-'))
  const key = 'torture'
  const writers = new Writers({ module: module.href, directory, key, skew })
  let [paused, killed] = [0, 0]
  try {
    for (let index = 0; index < processes; index++) writers.start()
    let [seen, since] = [0, performance.now()]
    while (writers.acknowledged < writes) {
      await pause(randomInt(10, 30))
      writers.check()
      if (pauses !== false && writers.pauseOne(randomInt(pauses[0], pauses[1] + 1))) paused++
      if (killed < kills && writers.acknowledged >= ((killed + 0.5) * writes) / kills) {
        writers.killOne()
        writers.start()
        killed++
      }
      if (writers.acknowledged > seen) [seen, since] = [writers.acknowledged, performance.now()]
      if (performance.now() - since > 60_000) throw new Error('Nothing was saved for 60 seconds')
    }
    await writers.end()
    writers.check()
    const { by } = sumOf((await (await storeOf(module.href, directory)).load(key))?.value)
    const seconds = Math.round((performance.now() - started) / 100) / 10
    return { ...writers.judge(by), paused, killed, seconds }
  } finally {
    await writers.kill()
    await rm(directory, { recursive: true, force: true })
  }
}
