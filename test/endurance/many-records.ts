import { fileStore } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

import { newFolder } from '../starters/folder.ts'

/** What a load costs beside others. */
export interface ManyRecordsFigures {
  records: number
  /** The processor's time of one load, in milliseconds, in a folder of one record and in one of many. */
  aloneMs: number
  amongManyMs: number
  /** The second over the first. */
  times: number
}

const keyOf = (index: number): string => `orders-0123456789abcdef.${index.toString(16).padStart(16, '0')}`
const value = 'x'.repeat(3000)

/** Another record at each load, here and there in the folder. */
export const scattered = (block: number, load: number, records: number): number =>
  (block * 7919 + load * 104_729) % records

/** Loads a record alone and among many, in blocks and by turns, so that what else runs on the machine counts little. */
export async function manyRecords({ records }: { records: number }): Promise<ManyRecordsFigures> {
  await using folder = await newFolder()
  const [alone, many] = [fileStore(`${folder.path}/alone`), fileStore(`${folder.path}/many`)]
  await fill(alone, 1)
  await fill(many, records)
  const costs: [number[], number[]] = [[], []]
  for (let block = 0; block < 40; block++) {
    costs[0].push(await costOf(alone, () => 0))
    costs[1].push(await costOf(many, (load) => scattered(block, load, records)))
  }
  const [aloneMs = 0, amongManyMs = Infinity] = costs.map((all) => all.toSorted((a, b) => a - b)[10] ?? Infinity)
  const rounded = (ms: number): number => Math.round(1000 * ms) / 1000
  return {
    records,
    aloneMs: rounded(aloneMs),
    amongManyMs: rounded(amongManyMs),
    times: rounded(amongManyMs / aloneMs),
  }
}

/** The processor's time of one load, in milliseconds, over many of them. */
export async function costOf(store: RegistrationStore, which: (load: number) => number): Promise<number> {
  const loads = 50
  const before = process.cpuUsage()
  for (let load = 0; load < loads; load++)
    if ((await store.load(keyOf(which(load))))?.value !== value) throw new Error('Another value was loaded')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / loads
}

/** Saves so many records, each twice. */
export async function fill(store: RegistrationStore, records: number): Promise<void> {
  let next = 0
  const write = async (): Promise<void> => {
    for (let index = next++; index < records; index = next++) {
      const version = await store.save(keyOf(index), 'first', undefined)
      if (version === false || (await store.save(keyOf(index), value, version)) === false)
        throw new Error('Nobody else saved, and a save was refused')
    }
  }
  await Promise.all(Array.from({ length: 16 }, write))
}
