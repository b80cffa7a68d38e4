// One process of `storeTorture`: adds ones until its input ends, and says on its output what came of each.
import { setImmediate as turn } from 'node:timers/promises'

import { StoreError } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'

import { addOne, sumOf } from './sum.ts'
import { storeOf } from './torture-store.ts'

/** What the process is told in its argument. */
export interface WriterSettings {
  module: string
  directory: string
  key: string
  writer: string
  machine: number
  skew: number
}

/** One line of output. */
export interface WriterReport {
  /** `saved`: acknowledged. `late`: a save that was refused or failed, and is there all the same. */
  what: 'saved' | 'refused' | 'late' | 'unknown' | 'unavailable'
  /** The sum that was saved. */
  count: number
}

const settings: WriterSettings = JSON.parse(process.argv[2] ?? '')
const { module, directory, key, writer, machine, skew } = settings
if (skew !== 0) skewClock(skew)

process.stdin.resume()

let added = 0
// No `await` at the top: with one the bundler makes a further file wherever code is loaded late.
void storeOf(module, directory, { machine }).then(write)

async function write(store: RegistrationStore): Promise<void> {
  for (let turns = 0; !process.stdin.readableEnded; turns++) {
    // A process that dies inside `exclusive` must have freed it for the others.
    if (turns % 4 === 3 && store.exclusive !== undefined)
      await exclusively(store.exclusive.bind(store), () => add(store))
    else await add(store)
    // With a synchronous store this process would otherwise never hear that its input has ended.
    await turn()
  }
  await store.close?.()
}

async function exclusively(
  exclusive: NonNullable<RegistrationStore['exclusive']>,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await exclusive(key, act)
  } catch (error) {
    reportFailure(error)
  }
}

async function add(store: RegistrationStore): Promise<void> {
  try {
    const found = await store.load(key)
    const sum = sumOf(found?.value)
    const mine = sum.by[writer] ?? 0
    for (; added < mine; added++) report('late', sum.count)
    const next = addOne(sum, writer)
    const version = await store.save(key, JSON.stringify(next), found?.version)
    report(version === false ? 'refused' : 'saved', next.count)
    if (version !== false) added++
  } catch (error) {
    reportFailure(error)
  }
}

function reportFailure(error: unknown): void {
  if (!(error instanceof StoreError)) throw error
  if (error.code !== 'store-unknown' && error.code !== 'store-unavailable') throw error
  report(error.code === 'store-unknown' ? 'unknown' : 'unavailable', 0)
}

function report(what: WriterReport['what'], count: number): void {
  process.stdout.write(`${JSON.stringify({ what, count } satisfies WriterReport)}\n`)
}

/** Sets the clock wrong by so many milliseconds, as on a machine that nobody set; time passes at its usual speed. */
function skewClock(ms: number): void {
  const { now } = Date
  globalThis.Date = new Proxy(Date, {
    get: (date, name) => (name === 'now' ? () => now() + ms : Reflect.get(date, name)),
    construct: (date, given, self) => Reflect.construct(date, given.length === 0 ? [now() + ms] : given, self),
  })
}
