import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

import { engines } from '../../packages/tools/machine/engines-found.mjs'

const run = promisify(execFile)

/** Where the program of an engine is; `undefined` where this machine has none, and `npm test` says so. */
export const engineAt = (name: string): string | undefined => engines.find((engine) => engine.name === name)?.path

/** The user `nobody`, who runs servers that refuse to be run by root. */
const unprivileged = 65_534
const isRoot = process.getuid?.() === 0
const user = isRoot ? { uid: unprivileged, gid: unprivileged } : {}

/** A folder for an engine's data, that its user owns. */
export async function engineFolder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'registrant-engine-'))
  if (isRoot) await chown(path, unprivileged, unprivileged)
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  return { path, [Symbol.asyncDispose]: remove }
}

/** Runs a program to its end as the user of the engines. */
export async function runAsUser(program: string, args: readonly string[]): Promise<void> {
  await run(program, args, { ...user, cwd: '/', env: environment })
}

/** A port that nobody listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('A server has no port')
  return address.port
}

const environment = { PATH: process.env['PATH'], LANG: 'C', LC_ALL: 'C', TZ: 'UTC', HOME: '/' }

/** What runs an engine: a program that can be ended, killed, and started again with the same data. */
export interface Daemon {
  readonly pid: number
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a program and waits until `ready` resolves; when it ends before, the error holds what it printed. */
export async function startDaemon(
  program: string,
  args: readonly string[],
  ready: () => Promise<unknown>,
): Promise<Daemon> {
  const child = spawn(program, args, { ...user, cwd: '/', env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const keep = (text: Buffer): void => void (said = (said + String(text)).slice(-4000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  const atExit = (): void => void child.kill('SIGKILL')
  process.once('exit', atExit)
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    process.removeListener('exit', atExit)
    child.kill(signal)
    await ended
  }
  try {
    await untilReady(child, ready, () => said)
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid ?? 0, stop }
}

async function untilReady(child: ChildProcess, ready: () => Promise<unknown>, said: () => string): Promise<void> {
  const end = performance.now() + 60_000
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`An engine ended by itself: ${said()}`)
    try {
      await ready()
      return
    } catch (error) {
      if (performance.now() > end) throw new Error(`An engine does not answer: ${said()}`, { cause: error })
    }
    await pause(50)
  }
}
