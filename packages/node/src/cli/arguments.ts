import { parseArgs } from 'node:util'

import { nearest } from '../environment/mistakes.ts'
import type { Command } from './command.ts'
import { commonOptions, parsed, UsageError } from './command.ts'

/** The options and operands that follow a command's name. */
export interface Arguments {
  values: Readonly<Record<string, string | boolean | undefined>>
  operands: string[]
}

/** Options that people try and that must not exist, since they would show a secret; each with the place to put it. */
const secrets: Readonly<Record<string, string>> = {
  'client-secret': 'REGISTRANT_CLIENT_SECRET, or name a file that holds it in REGISTRANT_CLIENT_SECRET_FILE',
  'initial-access-token':
    'REGISTRANT_INITIAL_ACCESS_TOKEN, or name a file that holds it in REGISTRANT_INITIAL_ACCESS_TOKEN_FILE',
  'registration-access-token': 'the JSON that recover reads from standard input',
  'store-key': 'REGISTRANT_STORE_KEY, or name a file that holds it in REGISTRANT_STORE_KEY_FILE',
}

/**
 * Reads the options and operands of a command. No message repeats a value: it may be a secret that does not belong here.
 *
 * @throws {UsageError} an option is unknown, a value is missing, or there are too few or too many operands
 */
export function argumentsOf(command: Command, args: string[]): Arguments {
  const { tokens } = parseArgs({ args, options: parsed(command), strict: false, allowPositionals: true, tokens: true })
  const values: Record<string, string | boolean | undefined> = {}
  const operands: string[] = []
  const all = { ...command.options, ...commonOptions }
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(all, token.name) ? all[token.name] : undefined
    if (option === undefined) throw new UsageError(unknown(token.name, Object.keys(all), command))
    if (option.type === 'string' && (token.value === undefined || token.value === ''))
      throw new UsageError(`--${token.name} takes a value: --${token.name} ${option.value ?? 'VALUE'}.`)
    // What parseArgs() takes for the value may be the next option.
    if (option.type === 'string' && !token.inlineValue && /^-./s.test(token.value ?? ''))
      throw new UsageError(
        `--${token.name} takes a value: --${token.name} ${option.value ?? 'VALUE'}, or --${token.name}=${option.value ?? 'VALUE'} for one that begins with -.`,
      )
    if (option.type === 'string' && values[token.name] !== undefined)
      throw new UsageError(`--${token.name} stands here twice. Give it once.`)
    if (option.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`--${token.name} takes no value. Leave it out.`)
    values[token.name] = token.value ?? true
  }
  if (values['help'] !== true) checkOperands(command, operands)
  return { values, operands }
}

function checkOperands({ name, usage, operands: [fewest, most] = [0, 0] }: Command, { length }: string[]): void {
  const how = `Write registrant ${name}${usage && ` ${usage}`}.`
  if (length < fewest) throw new UsageError(`${name} needs ${fewest === 1 ? 'one more word' : 'more words'}. ${how}`)
  if (length > most) throw new UsageError(`${name} takes ${most === 0 ? 'no operand' : `${most} at most`}. ${how}`)
}

/** What is wrong with a word where a command's name belongs. Of an option only the name is repeated. */
export function noCommand(word: string): string {
  const [name = ''] = /^(?:-[^-]|[^=]*)/s.exec(word) ?? []
  return misplaced(name.replace(/^-+/, '')) ?? `There is no command ${JSON.stringify(name)}. See registrant help.`
}

/** Where a secret belongs that somebody gives by this option. */
function misplaced(name: string): string | undefined {
  const place = Object.hasOwn(secrets, name) ? secrets[name] : undefined
  return place && `A secret among the arguments can be read by everybody on this machine. Put it into ${place}.`
}

function unknown(name: string, names: readonly string[], command: Command): string {
  const secret = misplaced(name)
  if (secret !== undefined) return secret
  const meant = nearest(name, names)
  const shown = name.length > 1 ? `--${name}` : `-${name}`
  return `There is no option ${shown}. ${meant === undefined ? `See registrant ${command.name} --help.` : `Is --${meant} meant?`}`
}
