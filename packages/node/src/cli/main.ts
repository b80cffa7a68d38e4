#!/usr/bin/env node
// The command line `registrant`: finds the command, runs it, prints what came of it, and exits with its code.
import { argumentsOf } from './arguments.ts'
import type { Call, Result } from './command.ts'
import { UsageError } from './command.ts'
import { commands } from './commands.ts'
import { exitCodeOf } from './exit-code.ts'
import { helpOf, overview } from './help.ts'
import { completion } from './print/completion.ts'
import { progress } from './progress.ts'
import { asError, asText } from './report.ts'
import { version } from './version.ts'

const [name = 'help', ...rest] = process.argv.slice(2)
const interrupted = new AbortController()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    process.exitCode = code
    interrupted.abort(new Error(`${signal} came`))
  })

const isJson = rest.includes('--json')
progress.begin()
// No `await` at the top: with one the bundler leaves a file more wherever code is loaded late.
void run()
  .finally(() => progress.end())
  .then(tell, fail)

function tell({ lines, json, exitCode = 0 }: Result): void {
  print(isJson ? [JSON.stringify(json, undefined, 2)] : lines.map((line) => asText(line, process.stdout)))
  process.exitCode ??= exitCode
}

function fail(error: unknown): void {
  process.exitCode ??= exitCodeOf(error)
  if (isJson) print([JSON.stringify({ error: asError(error).json, exitCode: process.exitCode }, undefined, 2)])
  else for (const line of asError(error).lines) note(line)
}

async function run(): Promise<Result> {
  if (name === '--version' || name === 'version') return { lines: [version()], json: { version: version() } }
  if (name === '--help' || name === '-h' || name === 'help') return help(rest.find((word) => !word.startsWith('-')))
  const command = commandNamed(name)
  const { values, operands } = argumentsOf(command, rest)
  if (values['help'] === true) return help(command.name)
  const call: Call = {
    text: (option) => (typeof values[option] === 'string' ? values[option] : undefined),
    flag: (option) => values[option] === true,
    operands,
    env: process.env,
    signal: interrupted.signal,
    note,
  }
  return command.run(call)
}

function help(about: string | undefined): Result {
  const lines = about === undefined ? overview() : helpOf(commandNamed(about))
  return { lines, json: { help: lines.join('\n') } }
}

function commandNamed(wanted: string) {
  const command = [...commands, completion].find((it) => it.name === wanted)
  if (command !== undefined) return command
  throw new UsageError(`There is no command ${JSON.stringify(wanted)}. See registrant help.`)
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

function note(line: string): void {
  progress.hide()
  process.stderr.write(`${asText(line, process.stderr)}\n`)
}
