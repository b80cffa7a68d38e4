import type { ParseArgsOptionsConfig } from 'node:util'

import type { Environment } from '../environment/said.ts'

/** A command of `registrant`: what it is called, how it is explained, and what it does. */
export interface Command {
  name: string
  /** What follows the name: operands and the options that matter most. */
  usage: string
  /** A line of the list of commands. */
  summary: string
  /** What a person should know before using it. */
  help: string
  options: Readonly<Record<string, Option>>
  /** The fewest and the most operands. Default: none. */
  operands?: readonly [fewest: number, most: number]
  /** What the first operand can be, where there is a choice. */
  words?: readonly string[]
  run(call: Call): Promise<Result>
}

/** An option, and what it means. */
export interface Option {
  type: 'string' | 'boolean'
  /** What the value is, in capitals; for an option that has one. */
  value?: string
  means: string
}

/** One call of a command. */
export interface Call {
  text(option: string): string | undefined
  flag(option: string): boolean
  operands: readonly string[]
  env: Environment
  /** Aborts when a signal, such as SIGINT, asks the process to end. */
  signal: AbortSignal
  /** Prints a line on standard error while the command runs, so that standard output holds the result alone. */
  note(line: string): void
}

/** The result of a call: `lines` for people, and the same as `json` for programs. */
export interface Result {
  lines: readonly string[]
  json: unknown
  /** Default: 0. */
  exitCode?: number
}

/** The call itself is wrong. The message says what is wrong, and what to do. */
export class UsageError extends Error {}

/** The options that every command takes. */
export const commonOptions: Readonly<Record<string, Option>> = {
  config: {
    type: 'string',
    value: 'FILE',
    means: 'the configuration file (default: registrant.config.json or .ts here)',
  },
  json: { type: 'boolean', means: 'print the result as JSON' },
  help: { type: 'boolean', means: 'print this text' },
}

/** The option of commands that destroy or overwrite something. */
export const yes: Readonly<Record<'yes', Option>> = {
  yes: { type: 'boolean', means: 'do not ask whether this is meant' },
}

/** The options, as `parseArgs` takes them. */
export function parsed({ options }: Command): ParseArgsOptionsConfig {
  const all = Object.entries({ ...options, ...commonOptions })
  return Object.fromEntries(
    all.map(([name, { type }]) => [name, { type, ...(name === 'help' && { short: 'h' }) }] as const),
  )
}
