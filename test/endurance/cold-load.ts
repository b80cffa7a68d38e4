import { spawnSync } from 'node:child_process'

import { fileStore } from '@registrant/node'

import { newFolder } from '../starters/folder.ts'

/** What the first load of a process takes, in milliseconds of processor time; medians of several processes. */
export interface ColdLoadFigures {
  saves: number
  /** The load, when the code of the store was loaded before. */
  coldLoadMs: number
  /** The same after a few saves: what the newest was built on is looked at, too. */
  afterFewSavesMs: number
  /** With what the store loads of its own code. */
  withCodeMs: number
  /** Reading a file of the same size and nothing else. */
  readFileMs: number
  /** The load after many saves beside the load after a few, and beside the reading of a file. */
  timesFewSaves: number
  timesReadFile: number
}

const value = 'x'.repeat(3000)
const load = `(await store.load('key')).value`

/** Saves often, then loads once in each of several fresh processes. */
export async function coldLoad({
  saves,
  processes = 21,
}: {
  saves: number
  processes?: number
}): Promise<ColdLoadFigures> {
  await using folder = await newFolder()
  const [many, few] = [`${folder.path}/many`, `${folder.path}/few`]
  await save(many, saves)
  await save(few, 3)
  const loadCode = `await fileStore('${folder.path}/none').load('key')`
  const readFile = `(await readFile('${few}/registrant/key/3', 'utf8')).split('\\n')[1]`
  // In turn, so that other work on the machine falls on all alike.
  const rounds = Array.from({ length: processes }, () => ({
    cold: timeOf(many, loadCode, load),
    afterFew: timeOf(few, loadCode, load),
    withCode: timeOf(many, '', load),
    read: timeOf(few, '', readFile),
  }))
  const median = (of: (round: (typeof rounds)[number]) => number): number =>
    Math.round((rounds.map(of).toSorted((a, b) => a - b)[Math.floor(processes / 2)] ?? Infinity) * 100) / 100
  return {
    saves,
    coldLoadMs: median(({ cold }) => cold),
    afterFewSavesMs: median(({ afterFew }) => afterFew),
    withCodeMs: median(({ withCode }) => withCode),
    readFileMs: median(({ read }) => read),
    timesFewSaves: median(({ cold, afterFew }) => cold / afterFew),
    timesReadFile: median(({ cold, read }) => cold / read),
  }
}

async function save(directory: string, times: number): Promise<void> {
  const store = fileStore(directory)
  let version: string | undefined
  for (let count = 0; count < times; count++) {
    const saved = await store.save('key', value, version)
    if (saved === false) throw new Error('Nobody else saved, and a save was refused')
    version = saved
  }
}

/** What something takes in a process of its own. */
function timeOf(directory: string, before: string, timed: string): number {
  const program = `
    import { readFile } from 'node:fs/promises'
    import { fileStore } from '@registrant/node'
    const store = fileStore('${directory}')
    ${before}
    const started = process.cpuUsage()
    const found = ${timed}
    const { user, system } = process.cpuUsage(started)
    console.log((user + system) / 1000)
    if (found !== 'x'.repeat(${value.length})) process.exit(1)`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The value was not loaded: ${stderr}`)
  return Math.round(Number(stdout) * 100) / 100
}
