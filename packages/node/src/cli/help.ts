import type { Command, Option } from './command.ts'
import { commonOptions } from './command.ts'
import { exitCodeMeanings } from './exit-code.ts'
import { keepCommands } from './keep/commands.ts'
import { lookCommands } from './look/commands.ts'
import { completion } from './print/completion.ts'
import { role } from './print/role.ts'
import { rows } from './show.ts'

/** The help text that lists the commands and exit codes. */
export function overview(): string[] {
  return [
    'registrant keeps the registration of an application at an OAuth 2.0 or OpenID Connect server.',
    '',
    'Usage: registrant COMMAND [OPTIONS]',
    ...section('Keep a registration', keepCommands),
    ...section('Look at it', lookCommands),
    ...section('Print', [role, completion]),
    '',
    'It is configured by variables (REGISTRANT_ISSUER ...) and by registrant.config.json or .ts, as the',
    'application itself is that calls managerFromEnvironment(). Secrets come from the environment, from',
    'files or from standard input, never from arguments.',
    '',
    'Exit codes',
    ...rows(exitCodeMeanings.map(([code, meaning]) => [`  ${code}`, meaning])),
    '',
    'More about a command: registrant COMMAND --help',
  ]
}

const section = (title: string, its: readonly Command[]): string[] => [
  '',
  title,
  ...rows(its.map(({ name, summary }) => [`  ${name.padEnd(10)}`, summary])),
]

/** The help text of one command. */
export function helpOf({ name, usage, help, options }: Command): string[] {
  return [
    `Usage: registrant ${name}${usage && ` ${usage}`}`,
    '',
    ...help.split('\n'),
    '',
    'Options',
    ...optionLines(options),
  ]
}

function optionLines(options: Readonly<Record<string, Option>>): string[] {
  return rows(
    Object.entries({ ...options, ...commonOptions }).map(([name, { value, means }]) => [
      `  --${name}${value === undefined ? '' : ` ${value}`}`,
      means,
    ]),
  )
}
