#!/usr/bin/env node
// The command line `registrant`: finds the command, runs it, prints what came of it, and exits with its code.
import { argumentsOf, noCommand } from './arguments.ts'
import type { Call, Command, Result } from './command.ts'
import { UsageError } from './command.ts'
import { commands } from './commands.ts'
import { exitCodeOf, exitCodes, signalCodes } from './exit-code.ts'
import { helpOf, overview } from './help.ts'
import { completion } from './print/completion.ts'
import { progress } from './progress.ts'
import { asError, asText } from './report.ts'
import { asJson } from './show.ts'
import { version } from './version.ts'

// The options that every command takes may stand before its name, too.
const words = process.argv.slice(2)
let at = 0
while (/^--(?:json|config(?:=.*)?)$/s.test(words[at] ?? '')) at += words[at] === '--config' ? 2 : 1
const name = words[at] ?? 'help'
const rest = words.toSpliced(at, 1)
const isJson = rest.includes('--json')

const helping: Command = {
  name: 'help',
  usage: '[COMMAND]',
  summary: 'print what there is, or what a command does',
  help: 'Prints what there is; with a command, what that does.',
  options: {},
  operands: [0, 1],
  run: ({ operands: [about] }) => Promise.resolve(help(about)),
}
const versioning: Command = {
  name: 'version',
  usage: '',
  summary: 'print the version',
  help: 'Prints the version of this program.',
  options: {},
  run: () => Promise.resolve({ lines: [version()], json: { version: version() } }),
}
/** Options that people expect, and the commands that they stand for. */
const aliases = new Map([
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
])

const interrupted = new AbortController()
/** The exit code that a signal, or an output that can't be written, decided before the result. */
let decided: number | undefined
let signalled: string | undefined
let isTold = false
// Until there is a result, an end of the process is a failure.
process.exitCode = exitCodes.failed
for (const [signal, code] of Object.entries(signalCodes))
  process.once(signal, () => {
    process.exitCode = decided = code
    signalled = signal
    interrupted.abort(new Error(`${signal} came`))
  })
for (const stream of [process.stdout, process.stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // The reader has left, as `head` does: the command is finished, and its result counts.
    if (code === 'EPIPE' || stream === process.stderr) return
    process.exitCode = decided ??= exitCodes.failed
  })
process.once('beforeExit', () => {
  if (!isTold) fail(new Error('It never came to an end: what registrant.config waits for does not happen.'))
})

progress.begin()
// No `await` at the top: with one the bundler makes a further file wherever code is loaded late.
void run()
  .finally(() => progress.end())
  .then(tell, fail)

function tell({ lines, json, exitCode = exitCodes.done }: Result): void {
  end(exitCode)
  print(isJson ? [asJson(json)] : lines.map((line) => asText(line, process.stdout)))
}

function fail(error: unknown): void {
  const exitCode = end(exitCodeOf(error))
  if (isJson) print([asJson({ error: asError(error).json, exitCode })])
  else for (const line of asError(error).lines) note(line)
}

/** Ends the process once all is printed, whatever is still open, such as a store that hangs. */
function end(exitCode: number): number {
  isTold = true
  process.exitCode = decided ?? exitCode
  setImmediate(() => process.stdout.write('', () => process.stderr.write('', () => setImmediate(leave))))
  return process.exitCode
}

/** A read that blocks, as of a disk that hangs, holds process.exit() up: after a signal the process sends itself that signal again. */
function leave(): void {
  if (signalled !== undefined && process.getActiveResourcesInfo().includes('FSReqPromise'))
    process.kill(process.pid, signalled)
  // The first process of a container is still here: to it such a signal does nothing.
  process.exit()
}

async function run(): Promise<Result> {
  const command = commandNamed(aliases.get(name) ?? name)
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
  const command = [...commands, completion, helping, versioning].find((it) => it.name === wanted)
  if (command !== undefined) return command
  throw new UsageError(noCommand(wanted))
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

function note(line: string): void {
  progress.hide()
  process.stderr.write(`${asText(line, process.stderr)}\n`)
}
