import { createInterface } from 'node:readline/promises'
import { buffer as readAll } from 'node:stream/consumers'

import { whileWaited } from '../engine/failure.ts'
import { notText, textIn } from '../environment/mistakes.ts'
import { readWhole } from '../environment/read.ts'
import { UsageError } from './command.ts'
import type { Call } from './command.ts'
import { progress } from './progress.ts'

/**
 * Asks the person at the terminal to confirm what the command is about to do.
 *
 * @throws {UsageError} there is no terminal, and `--yes` was not given; or the answer is no
 */
export async function confirm(call: Call, what: string): Promise<void> {
  if (call.flag('yes')) return
  const answer = await ask(`${what} Go on? [y/N] `, call.signal)
  if (answer === undefined) throw new UsageError(`${what} Nobody is here to confirm that: add --yes.`)
  if (!/^y(?:es)?$/i.test(answer)) throw new UsageError('Nothing was done.')
}

/** Asks the person at the terminal. `undefined`: there is no terminal, or standard input was read to its end. */
export async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { stdin: input, stderr: output } = process
  if (!input.isTTY || !output.isTTY || input.readableEnded) return undefined
  progress.end()
  const terminal = createInterface({ input, output })
  // During a question readline takes Ctrl+C for a key: it is turned into the signal that it is elsewhere.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return (await terminal.question(question, { signal })).trim()
  } catch (error) {
    if (Object(error).name !== 'AbortError') throw error
    if (!signal.aborted) output.write('\n')
    throw new UsageError('Nothing was done.')
  } finally {
    terminal.close()
    progress.begin()
  }
}

/** An argument that is a JWT or JSON, and no path: content belongs in a file, as every user of the machine sees arguments. */
const isContent = /^\s*[[{]|^eyJ[\w-]+\./

/**
 * Reads the text of a file, or of standard input for `-`; rejects when the signal aborts.
 *
 * @throws {UsageError} the file can't be read, or is no text in UTF-8
 */
export async function textOf(path: string, signal: AbortSignal): Promise<string> {
  if (path === '-') {
    progress.end()
    if (process.stdin.isTTY) process.stderr.write('Paste it here, and end with Enter and Ctrl+D:\n')
    return asText(await whileWaited(readAll(process.stdin), signal), 'Standard input')
  }
  let bytes: Uint8Array
  try {
    bytes = await whileWaited(readWhole(path), signal)
  } catch (error) {
    if (signal.aborted) throw error
    const name = isContent.test(path)
      ? 'What is given is not shown, since it looks like the contents of a file: it'
      : path
    throw new UsageError(
      `${name} can not be read (${String(Object(error).code)}). Name a file, or - for standard input.`,
    )
  }
  return asText(bytes, path)
}

function asText(bytes: Uint8Array, name: string): string {
  const text = textIn(bytes)
  if (text === undefined) throw new UsageError(notText(name))
  return text
}

/**
 * Reads a JSON object from a file, or from standard input for `-`. No message repeats the content.
 *
 * @throws {UsageError} the content can't be read, or is no JSON object
 */
export async function objectIn(path: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const name = path === '-' ? 'Standard input' : path
  let content: unknown
  try {
    content = JSON.parse(await textOf(path, signal))
  } catch (error) {
    if (error instanceof UsageError || signal.aborted) throw error
    throw new UsageError(`${name} is not JSON. Give a JSON object.`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new UsageError(`${name} holds no JSON object. Give one.`)
  return { ...content }
}
