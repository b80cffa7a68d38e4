import { spawnSync } from 'node:child_process'

import { fileStore } from '@registrant/node'

import { newFolder } from '../starters/folder.ts'

/** What the first load of a process takes, in milliseconds; medians of several processes. */
export interface ColdLoadFigures {
  saves: number
  /** The load, when the code of the store was loaded before. */
  coldLoadMs: number
  /** The same where a single save was made. */
  afterOneSaveMs: number
  /** With what the store loads of its own code. */
  withCodeMs: number
  /** Reading a file of the same size and nothing else. */
  readFileMs: number
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
  const [many, one] = [`${folder.path}/many`, `${folder.path}/one`]
  await save(many, saves)
  await save(one, 1)
  const loadCode = `await fileStore('${folder.path}/none').load('key')`
  const readFile = `(await readFile('${one}/registrant/key/1', 'utf8')).split('\\n')[1]`
  const median = (directory: string, before: string, timed: string): number =>
    Array.from({ length: processes }, () => timeOf(directory, before, timed)).toSorted((a, b) => a - b)[
      Math.floor(processes / 2)
    ] ?? Infinity
  return {
    saves,
    coldLoadMs: median(many, loadCode, load),
    afterOneSaveMs: median(one, loadCode, load),
    withCodeMs: median(many, '', load),
    readFileMs: median(one, '', readFile),
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
    const started = performance.now()
    const found = ${timed}
    console.log(performance.now() - started)
    if (found !== 'x'.repeat(${value.length})) process.exit(1)`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The value was not loaded: ${stderr}`)
  return Math.round(Number(stdout) * 100) / 100
}
