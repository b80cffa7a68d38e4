import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { StarterOptions, Told } from './options.ts'

const programs = {
  manager: fileURLToPath(new URL('program.ts', import.meta.url)),
  control: fileURLToPath(new URL('control.ts', import.meta.url)),
}

/** What a starter runs: our manager, or what it is measured against. */
export type Program = keyof typeof programs

/** A process that registers at its start. */
export interface Starter {
  readonly child: ChildProcess
  /** Resolves when everything is loaded; rejects when it ends before. */
  readonly ready: Promise<void>
  /** Lets it call `ensure()`. */
  go(): void
  /** Everything that it told, once it has ended. */
  readonly ended: Promise<Told[]>
  /** Resolves when it tells this event, or `client_id` at its end; rejects when it ends before. */
  saw(event: string): Promise<void>
  signal(signal: NodeJS.Signals): void
}

/** Where starters cache what Node.js compiled of their files: compiling again is most of what fifty of them cost. */
const compiled = fileURLToPath(new URL('../node_modules/.cache/starters', import.meta.url))

/** Starts a process that waits to be let go; `env` changes its clock, for one. */
export function startStarter(
  options: StarterOptions,
  env: Record<string, string> = {},
  program: Program = 'manager',
): Starter {
  const settings = ['--disable-warning=ExperimentalWarning', programs[program], JSON.stringify(options)]
  const child = spawn(process.execPath, settings, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_COMPILE_CACHE: compiled, ...process.env, ...env },
  })
  const told: Told[] = []
  const waiting: { event: string; resolve: () => void }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said: Told = JSON.parse(line)
    told.push(said)
    const name = 'event' in said ? said.event : 'client_id' in said ? 'client_id' : 'failed'
    for (const { event, resolve } of waiting) if (event === name) resolve()
  })
  const ended = once(child, 'close').then(() => told)
  const saw = (event: string): Promise<void> => {
    const heard = new Promise<void>((resolve) => waiting.push({ event, resolve }))
    const early = ended.then(() => Promise.reject(new Error(`A starter ended before it told: ${event}`)))
    const first = Promise.race([heard, early])
    // A test that does not wait for the event gets no unhandled rejection.
    first.catch(() => undefined)
    return first
  }
  // A starter that is killed early breaks the pipe it would have been let go by.
  child.stdin.on('error', () => undefined)
  return {
    child,
    ready: saw('ready'),
    go: () => void child.stdin.write('go\n'),
    ended,
    saw,
    signal: (signal) => void child.kill(signal),
  }
}

/** The lines of calls that found a client. */
export function found(
  told: readonly Told[],
): { directory: string; client_id: string; orphans: { client_id?: string | undefined }[]; cpu: number }[] {
  return told.flatMap((line) => ('client_id' in line ? [line] : []))
}

/** Runs an action for every item, a few at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: width }, work))
}
