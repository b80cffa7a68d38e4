import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { demand } from '../engine/options.ts'
import { sumOf } from './sum.ts'
import { storeOf } from './torture-store.ts'
import { Writers } from './writers.ts'

/** How a store is tortured. */
export interface StoreTortureOptions {
  /**
   * A module that exports `makeStore(directory, { machine })`, by this name or as its default. Every process imports it
   * and makes its own store; all get the same empty directory, which a store that keeps nothing in files may use as a name.
   */
  module: URL
  /** Where that directory is made, and removed in the end. Default: the system's directory for temporary files */
  directory?: string | undefined
  /** How many processes write at once. Default: 12 */
  processes?: number | undefined
  /**
   * Over how many machines the processes are spread, as far as the module is concerned: `makeStore` is told the number of
   * each, from 0, and may give it a view of its own, such as another mount of one network folder, a replica, or a disk that
   * keeps old lists of its folders. Default: 1
   */
  machines?: number | undefined
  /** How many acknowledged saves are waited for. Default: 1,500 */
  writes?: number | undefined
  /** The shortest and the longest pause of a process, in milliseconds; `false`: nobody is paused. Default: `[30, 430]` */
  pauses?: readonly [shortest: number, longest: number] | false | undefined
  /** How many processes are killed, spread over the whole, each replaced by a new one. Default: one per 100 writes */
  kills?: number | undefined
  /** After so many milliseconds without an acknowledged save the torture fails. Default: 60 seconds */
  patience?: number | undefined
  /** How far, in milliseconds, the clocks of half of the processes are wrong, ahead and behind by turns. Default: 3 hours */
  skew?: number | undefined
}

/** The result of a torture. A store that keeps its promises has 0 `lost` and 0 `double`. */
export interface StoreTortureResult {
  /** Saves that resolved to a version. */
  acknowledged: number
  /** Acknowledged saves that are missing in the last value. */
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
  /** How long the torture took. */
  seconds: number
}

/**
 * Lets processes save under one key at once, each adding one to the sum that is there, while some are stopped
 * (`SIGSTOP`) in the middle of whatever they do and others go on, some are killed, and half have a wrong clock. Counts what became of
 * every acknowledged save.
 *
 * A store whose methods are synchronous may be tortured too. Where it has `exclusive`, every fourth save is made inside it, and
 * a process that is killed there must have freed it.
 *
 * It needs a system with signals: Linux, macOS, not Windows.
 *
 * @throws {InvalidRequestError} `module` is no address
 * @throws {Error} a process ended by itself, a value was loaded that nobody saved, or nothing was saved for `patience`
 */
export async function storeTorture(options: StoreTortureOptions): Promise<StoreTortureResult> {
  demand([
    'module',
    typeof Object(Object(options).module).href === 'string',
    'It must be the address of a module, as new URL() makes it',
  ])
  const { module, processes = 12, machines = 1, writes = 1500, pauses = [30, 430], skew = 3 * 3_600_000 } = options
  const { patience = 60_000 } = options
  const kills = options.kills ?? Math.floor(writes / 100)
  const started = performance.now()
  const directory = await mkdtemp(join(options.directory ?? tmpdir(), 'registrant-torture-'))
  const key = 'torture'
  const writers = new Writers({ module: module.href, directory, key, machines, skew })
  let [paused, killed] = [0, 0]
  try {
    for (let index = 0; index < processes; index++) writers.start()
    let [seen, since] = [0, performance.now()]
    while (writers.acknowledged < writes || killed < kills) {
      await pause(randomInt(10, 30))
      writers.check()
      if (pauses !== false && writers.pauseOne(randomInt(pauses[0], pauses[1] + 1))) paused++
      if (killed < kills && writers.acknowledged >= ((killed + 0.5) * writes) / kills) {
        writers.killOne()
        writers.start()
        killed++
      }
      if (writers.acknowledged > seen) [seen, since] = [writers.acknowledged, performance.now()]
      if (performance.now() - since > patience) throw new Error(`Nothing was saved for ${patience / 1000} seconds`)
    }
    await writers.end()
    writers.check()
    const store = await storeOf(module.href, directory, { machine: 0 })
    const { by } = sumOf((await store.load(key))?.value)
    await store.close?.()
    const seconds = Math.round((performance.now() - started) / 100) / 10
    return { ...writers.judge(by), paused, killed, seconds }
  } finally {
    await writers.kill()
    // A folder over a network may be called not empty for a while; what is left there must not hide the result.
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(() => undefined)
  }
}
