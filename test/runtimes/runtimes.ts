import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Outcome, Servers } from './behaviour/case.ts'

const run = promisify(execFile)
const installed = (path: string): string => join(import.meta.dirname, 'node_modules', path)

/** Where the cases run: its name, its version, and how they are run in a project that has our packages. */
export interface Runtime {
  name: string
  version: () => Promise<string>
  outcomes: (project: string, servers: Servers) => Promise<Outcome[]>
}

/** A runtime that is a program: what it prints last is what came of the cases; what keeps it alive is a failure. */
function program(name: string, command: readonly string[], given: (project: string) => readonly string[]): Runtime {
  const [file = '', ...before] = command
  return {
    name,
    async version() {
      const { stdout } = await run(file, [...before, '--version'])
      return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim()
    },
    async outcomes(project, servers) {
      const args = [...before, ...given(project), JSON.stringify(servers)]
      const { stdout } = await run(file, args, { cwd: project, timeout: 240_000, maxBuffer: 1e8 })
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    },
  }
}

const cases = 'behaviour/process.ts'

export const runtimes: readonly Runtime[] = [
  ...[22, 24, 26].map((major) =>
    program(`Node ${major}`, [installed(`node-${major}/bin/node`), '--disable-warning=ExperimentalWarning'], () => [
      cases,
    ]),
  ),
  program('Bun', [installed('.bin/bun')], () => [cases]),
  program('Deno', [installed('.bin/deno')], () => [
    'run',
    '--allow-all',
    '--node-modules-dir=manual',
    '--no-check',
    cases,
  ]),
  program('workerd, by miniflare', [process.execPath, join(import.meta.dirname, 'workerd.mjs')], (project) => [
    project,
  ]),
]
