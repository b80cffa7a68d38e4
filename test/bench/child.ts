import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { Sample } from './turns.ts'

const before = `
  const now = () => { const { user, system } = process.cpuUsage(); return { wall: performance.now(), cpu: (user + system) / 1000 } }
  const tell = (figures) => console.log(JSON.stringify(figures))
  now()
`

/** Runs a program in a fresh process of this folder, where the compared packages are; it calls `tell()` with its figures. */
async function runFresh(program: string, options: readonly string[] = []): Promise<Sample> {
  const args = [...options, '--input-type=module', '--eval', before + program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 60_000 })
  return JSON.parse(stdout.split('\n')[0] ?? '')
}

/** A way whose sample is what one action takes in a fresh process, once that is prepared: processor and wall time in milliseconds. */
export const timed = (action: string, prepare = ''): (() => Promise<Sample>) => {
  const program = `${prepare}; const began = now(); ${action}; const done = now()
    tell({ cpu: done.cpu - began.cpu, wall: done.wall - began.wall }); process.exit()`
  return () => runFresh(program)
}

/** A way whose sample is what a whole process takes, from its start until an action is done. */
export const timedWhole =
  (action: string): (() => Promise<Sample>) =>
  () =>
    runFresh(`${action}; tell(now()); process.exit()`)

/** A way whose program tells its figures itself. */
export const told =
  (program: string, options?: readonly string[]): (() => Promise<Sample>) =>
  () =>
    runFresh(program, options)
