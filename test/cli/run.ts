import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Ended } from '../walk/run-walk.ts'

const program = fileURLToPath(new URL('../../packages/node/dist/cli/main.js', import.meta.url))

/** How a command is run: in this folder, with nothing in the environment but this. */
export interface Place {
  cwd: string
  env?: Readonly<Record<string, string | undefined>>
  input?: string
}

/** Runs `registrant` as a process of its own, without a terminal. */
export async function registrant(args: readonly string[], { cwd, env = {}, input = '' }: Place): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { PATH: process.env['PATH'], ...env } })
  let out = ''
  let error = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text))
  child.stdin.on('error', () => undefined).end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, error }
}
