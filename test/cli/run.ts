import { fileURLToPath } from 'node:url'

import { runProgram } from '../walk/run-walk.ts'
import type { Ended } from '../walk/run-walk.ts'

/** The program that is installed as `registrant`. */
export const program: string = fileURLToPath(new URL('../../packages/node/dist/cli/main.js', import.meta.url))

/** How a command is run: in this folder, with nothing in the environment but this. */
export interface Place {
  cwd: string
  env?: Readonly<Record<string, string | undefined>>
  input?: string
}

/** Runs `registrant` as a process of its own, without a terminal. */
export async function registrant(args: readonly string[], { cwd, env = {}, input = '' }: Place): Promise<Ended> {
  return runProgram([program, ...args], { PATH: process.env['PATH'], ...env }, { cwd, input })
}
