import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../docs/examples/walk/main.ts', import.meta.url))

/** What oidc-provider says when it is imported by a Node that is no LTS release; no concern of the walk's. */
const notAnLts = /^oidc-provider WARNING: Unsupported runtime.*\n/m

/** How a process ended and what it printed. */
export interface Ended {
  code: number | null
  out: string
  error: string
}

/** Runs the walk as its own process, with nothing in the environment but what is given here. */
export async function runWalk(
  args: string[],
  { secret, token, input = '', canaries }: { secret?: string; token?: string; input?: string; canaries?: string } = {},
): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'],
    ...(secret !== undefined && { REGISTRANT_CLIENT_SECRET: secret }),
    ...(token !== undefined && { REGISTRANT_INITIAL_ACCESS_TOKEN: token }),
    ...(canaries !== undefined && { REGISTRANT_CANARIES: canaries }),
  }
  return runProgram(['--disable-warning=ExperimentalWarning', program, ...args], env, { input })
}

/** Runs a program of Node.js with this environment; what that made of its files is kept, as for all processes of tests. */
export async function runProgram(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, input = '' }: { cwd?: string; input?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
  })
  let out = ''
  let error = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text))
  child.stdin.on('error', () => undefined).end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, error: error.replace(notAnLts, '') }
}
