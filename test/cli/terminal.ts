import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/node/dist/cli/main.js', import.meta.url))

/** Whether this machine has `script` of util-linux, which lends a program a terminal. */
export const hasTerminal: boolean = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false

/** What a person does: types this as soon as that is shown. */
export interface Typed {
  after: string
  keys: string
}

/** Ctrl+C and Ctrl+D, as a keyboard sends them. */
export const [ctrlC, ctrlD] = ['\u{3}', '\u{4}'] as const

/** Runs `registrant` at a terminal; what it showed, with its colours, and how it ended. */
export async function atTerminal(
  args: readonly string[],
  { cwd, env = {}, typed = [] }: { cwd: string; env?: Readonly<Record<string, string>>; typed?: readonly Typed[] },
): Promise<{ code: number | null; shown: string }> {
  const words = [process.execPath, program, ...args].map((word) => `'${word}'`)
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      ...env,
    },
  })
  let shown = ''
  const waiting = [...typed]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const [next] = waiting
    if (next === undefined || !shown.includes(next.after)) return
    waiting.shift()
    child.stdin.write(next.keys)
  })
  child.stdin.on('error', () => undefined)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, shown: shown.replaceAll('\r\n', '\n') }
}
