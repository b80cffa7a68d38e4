import { fileStore } from '@registrant/node'

import { costOf, fill, scattered } from '../../endurance/many-records.ts'
import { newFolder } from '../../starters/folder.ts'
import type { Subject } from '../subject.ts'
import type { Ways } from '../turns.ts'

const counts = [1, 10, 100, 1000, 10_000]

export const records: Subject = {
  name: 'records',
  title: 'Records in one store',
  about: 'The processor time of a load from a folder that holds so many records.',
  rounds: 41,
  figures: { cpu: 'µs of processor time' },
  base: '1',
  goal: { way: '10,000', most: 1.5 },
  async open() {
    const folder = await newFolder()
    const ways: Record<string, Ways[string]> = {}
    for (const count of counts) {
      const store = fileStore(`${folder.path}/${count}`)
      await fill(store, count)
      let block = 0
      ways[count.toLocaleString('en')] = async () => {
        block++
        return { cpu: 1000 * (await costOf(store, (load) => scattered(block, load, count))) }
      }
    }
    return { ways, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
  },
}
