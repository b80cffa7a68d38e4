import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { CannotInstall } from './server.ts'
import type { Address, Running } from './server.ts'

/** Runs a program to its end, for ten minutes at most; resolves to what it printed. */
export async function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000, ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const status = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', resolve)
  })
  if (status === 'spawn ' + command + ' ENOENT') throw new CannotInstall(`needs ${command}`)
  if (status !== 0)
    throw new CannotInstall(`${basename(command)} ${args[0]}: ${String(status)}: ${output.slice(-1500)}`)
  return output
}

/** Installs packages of npm, none of whose scripts run. */
export async function npmInstall(folder: string, packages: readonly string[], ...flags: string[]): Promise<void> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--package-lock=false', ...flags]
  await run('npm', ['install', ...quiet, ...packages], { cwd: folder })
}

/** Unpacks packages of Debian beside each other, in `root`; nothing is installed. */
export async function unpackDebs(folder: string, packages: string): Promise<void> {
  const debs = join(folder, 'debs')
  await mkdir(debs)
  await run('apt-get', ['download', ...packages.split(' ')], { cwd: debs })
  for (const deb of await readdir(debs)) await run('dpkg', ['-x', join(debs, deb), join(folder, 'root')])
}

/** A port that nobody listens on; it may be taken before the server is up. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  return address.port
}

const programs = fileURLToPath(new URL('programs', import.meta.url))

/** Puts a program of ours beside the packages that it imports. */
export async function place(folder: string, ...files: string[]): Promise<string> {
  for (const file of files) await copyFile(join(programs, file), join(folder, file))
  return join(folder, files[0] ?? '')
}

/**
 * Starts a program of Node's that prints its address as one line of JSON once it listens, and obeys an operator at the
 * address `operator` in it.
 */
export async function startProgram(folder: string, file: string, args: readonly string[] = []): Promise<Running> {
  const program = await place(folder, file, 'operator.mjs')
  const quiet = ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0040']
  const started = startChild(process.execPath, [...quiet, program, ...args], { cwd: folder })
  const line = await started.line(/^\{.*\}$/)
  const address: Address = JSON.parse(line)
  return { address, ...operated(address['operator'] ?? ''), stop: started.stop }
}

/** What an operator does at a program of ours. */
export function operated(url: string): Required<Pick<Running, 'forget' | 'newSecret'>> {
  const ask = async (what: string, clientId: string): Promise<string> => {
    const answer = await fetch(`${url}/${what}`, { method: 'POST', body: clientId })
    if (answer.status !== 200) throw new Error(`the operator can't ${what}: ${await answer.text()}`)
    return answer.text()
  }
  return {
    forget: async (clientId) => void (await ask('forget', clientId)),
    newSecret: (clientId) => ask('newSecret', clientId),
  }
}

/** A process of a server. */
export interface Child {
  readonly child: ChildProcess
  /** The first line of its output that matches; rejects if it ends before, or after three minutes. */
  readonly line: (pattern: RegExp) => Promise<string>
  /** Resolves when the address answers with any status below 500; rejects as `line` does. */
  readonly answers: (url: string) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts a process that is stopped with all its children. */
export function startChild(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options })
  let output = ''
  let ended: string | undefined
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => (output = `${output}${line}\n`.slice(-100_000)))
  }
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => resolve(void (ended = error.message)))
    child.once('close', (status, signal) => resolve(void (ended = `ended with ${status ?? signal}`)))
  })
  async function until<T>(found: () => Promise<T | undefined>): Promise<T> {
    for (const end = Date.now() + 180_000; Date.now() < end; await sleep(200)) {
      const it = await found()
      if (it !== undefined) return it
      if (ended !== undefined) throw new Error(`${basename(command)} ${ended}:\n${output.slice(-3000)}`)
    }
    throw new Error(`${basename(command)} did not get ready in three minutes:\n${output.slice(-3000)}`)
  }
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || ended !== undefined) return
    try {
      process.kill(-child.pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
  const killed = (): void => signal('SIGKILL')
  process.once('exit', killed)
  void closed.then(() => process.off('exit', killed))
  return {
    child,
    line: (pattern) => until(async () => output.split('\n').find((line) => pattern.test(line))),
    answers: (url) =>
      until(async () => {
        const status = await fetch(url).then(
          (answer) => answer.status,
          () => 599,
        )
        return status < 500 ? true : undefined
      }).then(() => undefined),
    async stop() {
      signal('SIGTERM')
      await Promise.race([closed, sleep(5000, undefined, { ref: false })])
      signal('SIGKILL')
      await closed
    },
  }
}
